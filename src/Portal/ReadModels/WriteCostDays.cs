using Exchange.Journal;
using Exchange.Portal.Costs;
using Exchange.Portal.Spend;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Portal.ReadModels;

/// <summary>Writes how the charges of a month lie over its days, and their sums, beside the charges.</summary>
internal static class WriteCostDays
{
    /// <summary>What is written of each month, besides what funds pay.</summary>
    public static IReadOnlyList<string> Tables { get; } = ["charge_day", "credit", "cost_sum", "credited"];

    /// <param name="weights">By use, of each charge; null where its days are not known: it is on its first.</param>
    public static async Task Run(
        NpgsqlConnection connection, BillingMonth month, IEnumerable<ShownCharge> charges,
        Func<ShownCharge, int[]?> weights, CancellationToken ct)
    {
        foreach (var old in (string[])[
            "delete from exchange.charge_day where month = $1",
            "delete from exchange.cost_sum where month = $1 and fund = ''",
            "delete from exchange.credited where month = $1"])
        {
            await connection.Execute(old, [month.ToString()], ct);
        }

        var cube = new CostCube(month);
        await using (var rows = await connection.BeginBinaryImportAsync(
            "copy exchange.charge_day (month, id, pi, landlord, weights) from stdin (format binary)", ct))
        {
            foreach (var charge in charges)
            {
                var days = weights(charge) ?? First(month, charge.Period.Start);
                cube.Add(KeyOf(charge), charge.Amount.Cents, charge.Quantity.Amount, days);
                await rows.StartRowAsync(ct);
                foreach (var text in (string[])[
                    month.ToString(), charge.Id, charge.Pi?.Value ?? "", charge.Landlord.Value])
                {
                    await rows.WriteAsync(text, NpgsqlDbType.Text, ct);
                }

                await rows.WriteAsync(days, NpgsqlDbType.Array | NpgsqlDbType.Integer, ct);
            }

            await rows.CompleteAsync(ct);
        }

        await cube.Write(connection, ct);
    }

    private static int[] First(BillingMonth month, Instant at) => DaysOfCharge.On(
        (int)Math.Clamp(Math.Floor((at - month.Start).TotalDays), 0, 31), month.Period.Length.Days);

    private static CostCubeKey KeyOf(ShownCharge charge)
    {
        var used = charge.Id.Split(':')[0];
        return new(
            used, used == charge.Month.ToString() ? "usage" : "correction", charge.Landlord.Value, charge.Service,
            charge.Cluster.Value, charge.Institution ?? "", charge.Sku.Value, "", "", charge.Quantity.Unit.Name);
    }
}
