using Exchange.Journal;
using Npgsql;

namespace Exchange.Portal.ReadModels;

/// <summary>Compares the sums that the explorer reads with what they sum up, and names months that differ.</summary>
internal static class VerifyCosts
{
    private static readonly (string Table, string Sql)[] Checks =
    [
        ("cost_sum", """
            select distinct month
            from (select month, landlord, service, sku, unit, sum(cents) as cents, sum(day) as days
                  from (select *, (select sum(one) from unnest(day_cents) one) as day from exchange.cost_sum) of
                  where fund = ''
                  group by month, landlord, service, sku, unit) summed
            full join (select month, landlord, service, sku, unit, cents as sold from exchange.sold) sold
              using (month, landlord, service, sku, unit)
            where (cents is distinct from sold or days is distinct from sold)
              and month in (select month from exchange.rated where basis <> '-')
            """),
        ("credit", """
            select distinct month
            from (select month, fund, payer, sum(cents) as cents from exchange.credit
                  group by month, fund, payer) credit
            full join (select month, fund, payer, -sum(cents) as summed from exchange.cost_sum where fund <> ''
                       group by month, fund, payer) summed using (month, fund, payer)
            where cents is distinct from summed
            """),
    ];

    public static async Task<IReadOnlyList<string>> Run(NpgsqlConnection connection, CancellationToken ct)
    {
        var wrong = new List<string>();
        foreach (var (table, sql) in Checks)
        {
            await using var command = connection.Statement(sql, []);
            command.CommandTimeout = 0;
            await using var rows = await command.ExecuteReaderAsync(ct);
            while (await rows.ReadAsync(ct))
            {
                wrong.Add(
                    $"exchange.{table} of {rows.GetString(0)}: it is not what was written ('exchange replay' writes " +
                    "it again)");
            }
        }

        return wrong;
    }
}
