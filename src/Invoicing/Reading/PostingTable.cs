using Exchange.Invoicing.Ledger;
using Npgsql;

namespace Exchange.Invoicing.Reading;

/// <summary>The read model of the ledger.</summary>
internal static class PostingTable
{
    public static void Apply(NpgsqlBatch batch, long position, string id, LedgerEvent happened)
    {
        if (happened is not LedgerEvent.Posted entry)
        {
            throw new InvalidOperationException($"{happened.GetType().Name} is not known of the ledger.");
        }

        InvoiceTables.Run(batch, """
            insert into invoicing.posting (position, account, cents, reference, what, at, month, posted)
            select $1, posted.account, posted.cents, $4, $5, $6, $7, $8
            from unnest($2::text[], $3::bigint[]) as posted (account, cents)
            """, position, entry.Postings.Select(p => p.Account).ToArray(),
            entry.Postings.Select(p => p.Amount.Cents).ToArray(), entry.Reference, entry.What,
            entry.At, MonthOf(id, entry).ToString(),
            entry.On is { } day ? day : DBNull.Value);
    }

    /// <summary>A close posts for its month, everything else in the month in which it happened.</summary>
    private static BillingMonth MonthOf(string id, LedgerEvent.Posted entry) =>
        entry.Period ?? (BillingMonth.TryParse(id, null, out var closed) ? closed : BillingMonth.Of(entry.At));
}
