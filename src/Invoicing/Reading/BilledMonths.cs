using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing.Reading;

/// <summary>What the invoices of a month come to. Void ones count as nothing, drafts are counted apart.</summary>
/// <param name="Open">What PIs have not paid yet, after credit and what was written off.</param>
public sealed record BilledMonth(
    BillingMonth Month, int Issued, int Drafts, int Void, Money Total, Money Balance, Money Owed, Money Open);

/// <summary>
/// Lists the months that were billed, newest first: sums that are kept, so that each month more costs a row and not its
/// invoices.
/// </summary>
public static class BilledMonths
{
    public static async Task<IReadOnlyList<BilledMonth>> Run(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select month, issued, drafts, void, total, balance, owed, open
            from invoicing.billed_month
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

    /// <summary>
    /// Takes invoices out of the sums of their months before something happens to them (-1), and puts them in again
    /// afterwards (1): what it costs grows with what happens and not with what stands in the month.
    /// </summary>
    internal static async Task Count(NpgsqlConnection connection, string[] invoices, int sign, CancellationToken ct)
    {
        const string Sql = """
            insert into invoicing.billed_month as kept
            select month,
                   $2 * count(*) filter (where status in ('issued', 'taken', 'paid')),
                   $2 * count(*) filter (where status = 'draft'),
                   $2 * count(*) filter (where status = 'void'),
                   $2 * coalesce(sum(total) filter (where status <> 'void'), 0),
                   $2 * coalesce(sum(balance) filter (where status <> 'void'), 0),
                   $2 * coalesce(sum(owed) filter (where status in ('issued', 'taken', 'paid')), 0),
                   $2 * coalesce(sum(open) filter (where status = 'issued' and open > 0), 0)
            from invoicing.invoice
            where id = any($1)
            group by month
            on conflict (month) do update
            set issued = kept.issued + excluded.issued, drafts = kept.drafts + excluded.drafts,
                void = kept.void + excluded.void, total = kept.total + excluded.total,
                balance = kept.balance + excluded.balance, owed = kept.owed + excluded.owed,
                open = kept.open + excluded.open
            """;

        await connection.Execute(Sql, [invoices, sign], ct);
    }
}
