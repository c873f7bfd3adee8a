using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing.Reading;

/// <summary>What the invoices of a month come to. Void ones count as nothing, drafts are counted apart.</summary>
/// <param name="Open">What PIs have not paid yet.</param>
public sealed record BilledMonth(
    BillingMonth Month, int Issued, int Drafts, int Void, Money Total, Money Balance, Money Owed, Money Open);

/// <summary>Lists the months that were billed, newest first.</summary>
public static class BilledMonths
{
    public static async Task<IReadOnlyList<BilledMonth>> Run(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select month,
                   (count(*) filter (where status in ('issued', 'taken', 'paid')))::int,
                   (count(*) filter (where status = 'draft'))::int,
                   (count(*) filter (where status = 'void'))::int,
                   coalesce(sum(total) filter (where status <> 'void'), 0)::bigint,
                   coalesce(sum(balance) filter (where status <> 'void'), 0)::bigint,
                   coalesce(sum(owed) filter (where status in ('issued', 'taken', 'paid')), 0)::bigint,
                   coalesce(sum(greatest(owed - paid - credited, 0)) filter (where status = 'issued'), 0)::bigint
            from invoicing.invoice
            group by month
            order by month desc
            limit 600
            """;

        await using var command = connection.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var months = new List<BilledMonth>();
        while (await rows.ReadAsync(ct))
        {
            months.Add(new(
                BillingMonth.Parse(rows.GetString(0)), rows.GetInt32(1), rows.GetInt32(2), rows.GetInt32(3),
                new(rows.GetInt64(4)), new(rows.GetInt64(5)), new(rows.GetInt64(6)), new(rows.GetInt64(7))));
        }

        return months;
    }
}
