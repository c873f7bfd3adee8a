using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Costs;
using Exchange.Portal.Spend;
using Exchange.Portal.Web.Access;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Portal.ReadModels;

/// <summary>
/// Writes what funds pay of each month's charges: of closed months as billed, of open ones as closes would reckon it
/// now. A month of which neither charges nor funds changed is left alone.
/// </summary>
internal static class WriteCredits
{
    private static readonly Viewer All = new("server", "", Role.Finance);

    public static async Task Run(Composition exchange, Instant now, CancellationToken ct)
    {
        var known = await FundVersions.Read(exchange, ct);
        var months = await Months(exchange.Database, ct);
        var open = new OpenCredits(known, exchange, now);
        var isAfterChange = false;
        foreach (var (month, isClosed, ratedAt, credited) in months)
        {
            var basis = isClosed ? ratedAt : $"{ratedAt}/{known.Version}";
            isAfterChange |= !isClosed && basis != credited;
            if (isClosed ? basis == credited : !months.Any(m => !m.Closed && $"{m.At}/{known.Version}" != m.Basis))
            {
                continue;
            }

            var charges = await Charges(exchange, month, ct);
            var credits = isClosed ? await Billed(exchange, month, charges, ct) : open.Of(month, charges);
            if (isClosed || isAfterChange)
            {
                await Write(exchange.Database, month, credits, basis, ct);
            }
        }
    }

    private static async Task<IReadOnlyList<(BillingMonth Month, bool Closed, string At, string Basis)>> Months(
        NpgsqlDataSource database, CancellationToken ct)
    {
        const string Sql = """
            select month, closed, rated_at, coalesce(c.basis, '')
            from exchange.rated left join exchange.credited c using (month)
            order by month
            """;
        await using var command = database.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var months = new List<(BillingMonth, bool, string, string)>();
        while (await rows.ReadAsync(ct))
        {
            months.Add((
                BillingMonth.Parse(rows.GetString(0)), rows.GetBoolean(1),
                Text.Of(rows.GetFieldValue<Instant>(2)), rows.GetString(3)));
        }

        return months;
    }

    private static async Task<IReadOnlyList<ShownCharge>> Charges(
        Composition exchange, BillingMonth month, CancellationToken ct)
    {
        await using var view = new View(exchange.Views, All);
        return await Spend.Charges.Find(view, new(month, Limit: int.MaxValue), ct);
    }

    private static async Task<IReadOnlyList<Credit>> Billed(
        Composition exchange, BillingMonth month, IReadOnlyList<ShownCharge> charges, CancellationToken ct)
    {
        var byId = charges.ToDictionary(charge => (charge.Id, charge.Pi));
        return
        [
            .. (await BilledLines.InvoicedIn(exchange.Database, month, ct))
                .SelectMany(account => Credit.Of(byId, account.Key, account)),
        ];
    }

    private static async Task Write(
        NpgsqlDataSource database, BillingMonth month, IReadOnlyList<Credit> credits, string basis,
        CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await connection.Execute(
            "select pg_advisory_xact_lock(hashtext('exchange.charge ' || $1))", [month.ToString()], ct);
        foreach (var old in (string[])[
            "delete from exchange.credit where month = $1",
            "delete from exchange.cost_sum where month = $1 and fund <> ''",
            "delete from exchange.credited where month = $1"])
        {
            await connection.Execute(old, [month.ToString()], ct);
        }

        var days = credits.Count == 0 ? [] : await Days(connection, month, ct);
        var cube = new CostCube(month);
        await Copy(connection, month, credits, days, cube, ct);
        await cube.Write(connection, ct);
        await connection.Execute(
            "insert into exchange.credited (month, basis) values ($1, $2)", [month.ToString(), basis], ct);
        await transaction.CommitAsync(ct);
    }

    private static async Task<Dictionary<(string, string), int[]>> Days(
        NpgsqlConnection connection, BillingMonth month, CancellationToken ct)
    {
        await using var command = connection.Statement(
            "select id, pi, weights from exchange.charge_day where month = $1", [month.ToString()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var days = new Dictionary<(string, string), int[]>();
        while (await rows.ReadAsync(ct))
        {
            days[(rows.GetString(0), rows.GetString(1))] = rows.GetFieldValue<int[]>(2);
        }

        return days;
    }

    private static async Task Copy(
        NpgsqlConnection connection, BillingMonth month, IReadOnlyList<Credit> credits,
        Dictionary<(string, string), int[]> days, CostCube cube, CancellationToken ct)
    {
        const string Sql = """
            copy exchange.credit (
              month, id, pi, fund, payer, landlord, service, cluster, project, project_name, institution, sku, cents,
              weights)
            from stdin (format binary)
            """;

        await using var rows = await connection.BeginBinaryImportAsync(Sql, ct);
        foreach (var (charge, fund, payer, amount) in credits)
        {
            var pi = charge.Pi?.Value ?? "";
            var weights = days.GetValueOrDefault((charge.Id, pi))
                ?? DaysOfCharge.On(0, month.Period.Length.Days); // Charges that were written by a test alone.
            await rows.StartRowAsync(ct);
            foreach (var text in (string[])[
                month.ToString(), charge.Id, pi, fund, payer, charge.Landlord.Value, charge.Service,
                charge.Cluster.Value, charge.Project.Value, charge.ProjectName, charge.Institution ?? "",
                charge.Sku.Value])
            {
                await rows.WriteAsync(text, NpgsqlDbType.Text, ct);
            }

            await rows.WriteAsync(amount.Cents, NpgsqlDbType.Bigint, ct);
            await rows.WriteAsync(weights, NpgsqlDbType.Array | NpgsqlDbType.Integer, ct);
            cube.Add(
                new(charge.Id.Split(':')[0], "credit", charge.Landlord.Value, charge.Service, charge.Cluster.Value,
                    charge.Institution ?? "", charge.Sku.Value, fund, payer, ""), -amount.Cents, 0, weights);
        }

        await rows.CompleteAsync(ct);
    }
}
