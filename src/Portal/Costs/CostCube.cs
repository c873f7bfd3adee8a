using Npgsql;
using NpgsqlTypes;

namespace Exchange.Portal.Costs;

/// <summary>What rows of the sums without projects and PIs are told apart by.</summary>
internal sealed record CostCubeKey(
    string UsageMonth, string Class, string Landlord, string Service, string Cluster, string Institution, string Sku,
    string Fund, string Payer, string Unit);

/// <summary>Adds up charges or credits of a month without projects and PIs, day by day, and writes them.</summary>
internal sealed class CostCube(BillingMonth month)
{
    private readonly int _days = month.Period.Length.Days;
    private readonly Dictionary<CostCubeKey, Sum> _sums = [];

    public void Add(CostCubeKey key, long cents, decimal quantity, int[] weights)
    {
        if (!_sums.TryGetValue(key, out var sum))
        {
            _sums[key] = sum = new(new long[_days], new decimal[_days]);
        }

        quantity = DaysOfCharge.Counted(quantity);
        var (days, quantities) = DaysOfCharge.Share(cents, quantity, weights);
        (sum.Cents, sum.Quantity) = (sum.Cents + cents, sum.Quantity + quantity);
        for (var i = 0; i < _days; i++)
        {
            sum.DayCents[i] += days[i];
            sum.DayQuantity[i] += quantities[i];
        }
    }

    public async Task Write(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Copy = """
            copy exchange.cost_sum (
              month, usage_month, class, landlord, service, cluster, institution, sku, fund, payer, unit, quantity,
              cents, day_cents, day_quantity)
            from stdin (format binary)
            """;

        await using var rows = await connection.BeginBinaryImportAsync(Copy, ct);
        foreach (var (key, sum) in _sums)
        {
            await rows.StartRowAsync(ct);
            foreach (var text in (string[])[
                month.ToString(), key.UsageMonth, key.Class, key.Landlord, key.Service, key.Cluster, key.Institution,
                key.Sku, key.Fund, key.Payer, key.Unit])
            {
                await rows.WriteAsync(text, NpgsqlDbType.Text, ct);
            }

            await rows.WriteAsync(sum.Quantity, NpgsqlDbType.Numeric, ct);
            await rows.WriteAsync(sum.Cents, NpgsqlDbType.Bigint, ct);
            await rows.WriteAsync(sum.DayCents, NpgsqlDbType.Array | NpgsqlDbType.Bigint, ct);
            await rows.WriteAsync(sum.DayQuantity, NpgsqlDbType.Array | NpgsqlDbType.Numeric, ct);
        }

        await rows.CompleteAsync(ct);
    }

    private sealed record Sum(long[] DayCents, decimal[] DayQuantity)
    {
        public long Cents { get; set; }
        public decimal Quantity { get; set; }
    }
}
