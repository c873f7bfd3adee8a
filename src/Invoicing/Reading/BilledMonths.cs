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

    /// <summary>Adds up anew the months of invoices to which something happened.</summary>
    internal static void AddUp(NpgsqlBatch batch, string[] invoices)
    {
        const string Sql = """
            insert into invoicing.billed_month
            select month,
                   count(*) filter (where status in ('issued', 'taken', 'paid')),
                   count(*) filter (where status = 'draft'),
                   count(*) filter (where status = 'void'),
                   coalesce(sum(total) filter (where status <> 'void'), 0),
                   coalesce(sum(balance) filter (where status <> 'void'), 0),
                   coalesce(sum(owed) filter (where status in ('issued', 'taken', 'paid')), 0),
                   coalesce(sum(open) filter (where status = 'issued' and open > 0), 0)
            from invoicing.invoice
            where month in (select month from invoicing.invoice where id = any($1))
            group by month
            on conflict (month) do update
            set (issued, drafts, void, total, balance, owed, open) =
                (excluded.issued, excluded.drafts, excluded.void, excluded.total, excluded.balance, excluded.owed,
                 excluded.open)
            """;

        InvoiceTables.Run(batch, Sql, [invoices]);
    }
}
