using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using Exchange.Invoicing.Ledger;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Reading;

/// <summary>An entry of the ledger, with the period that it belongs to and the day under which it is posted.</summary>
/// <param name="Id">Its place in the journal.</param>
public sealed record LedgerEntry(
    string Id, BillingMonth Period, LocalDate Posted, string Reference, string What, ImmutableArray<Posting> Postings,
    Instant At);

/// <summary>Lists the entries of a month, in the order in which they were made.</summary>
public static class LedgerEntries
{
    private static readonly Instant Forever = Instant.FromUtc(9998, 12, 31, 0, 0);

    public static async IAsyncEnumerable<LedgerEntry> Run(
        NpgsqlConnection connection, LedgerView by, BillingMonth month, Instant? before,
        [EnumeratorCancellation] CancellationToken ct)
    {
        var sql = $"""
            select position, month, {TrialBalance.PostingDate}, reference, what, at,
                   array_agg(account order by account), array_agg(cents order by account)
            from invoicing.posting
            where {TrialBalance.Cut(by)} = $1 and at < $2
            group by position, month, posted, reference, what, at
            order by position
            """;

        await using var command = connection.Statement(
            sql, [month.ToString(), before ?? Forever]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            yield return new(
                rows.GetInt64(0).ToString(CultureInfo.InvariantCulture), BillingMonth.Parse(rows.GetString(1)),
                rows.GetFieldValue<LocalDate>(2), rows.GetString(3), rows.GetString(4),
                [.. rows.GetFieldValue<string[]>(6).Zip(rows.GetFieldValue<long[]>(7))
                    .Select(pair => new Posting(pair.First, new(pair.Second)))],
                rows.GetFieldValue<Instant>(5));
        }
    }
}
