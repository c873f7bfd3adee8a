using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Invoicing.Ledger;

/// <summary>
/// What was used and is not billed yet, as it stands in the ledger by period: the one stream is 'ledger-accruals'. What
/// is earned or borne stands on its own account; what is owed stands on one that says that it is not billed.
/// </summary>
public sealed record Accruals(
    ImmutableSortedDictionary<BillingMonth, ImmutableSortedDictionary<string, Money>> Open)
{
    public const string Id = "accruals";
    private const string Prefix = "accrued:";
    private static readonly string[] Owed = ["receivable:", "payable:", "prepaid:"];

    public static readonly Fold<Accruals, LedgerEvent> Fold = new(
        "ledger", new(ImmutableSortedDictionary<BillingMonth, ImmutableSortedDictionary<string, Money>>.Empty), Evolve);

    /// <summary>What entries come to that a close would make now, on the accounts of an accrual.</summary>
    public static ImmutableSortedDictionary<string, Money> Of(IEnumerable<LedgerEvent.Posted> entries) =>
        Sum(entries.SelectMany(entry => entry.Postings)
            .Select(posting => posting with { Account = AccountOf(posting.Account) }));

    /// <summary>Brings the accrual of a period to what was used and is not billed now; nothing where it is that.
    /// </summary>
    public Decision<LedgerEvent> Accrue(
        BillingMonth period, ImmutableSortedDictionary<string, Money> due, Instant now)
    {
        var before = Open.GetValueOrDefault(period, ImmutableSortedDictionary<string, Money>.Empty);
        var change = Sum(due.Select(of => new Posting(of.Key, of.Value))
            .Concat(before.Select(of => new Posting(of.Key, -of.Value))));
        var last = period.End.InUtc().Date.PlusDays(-1);
        return change.IsEmpty ? [] :
        [
            Entry.Of(NameOf(period), $"Used in {period} and not billed yet", Postings(change), now) with
            {
                Period = period,
                On = now < period.End ? null : last,
            },
        ];
    }

    /// <summary>Takes back the accruals of a period that is billed now, and of those before it.</summary>
    public IReadOnlyList<LedgerEvent> Reverse(BillingMonth billed, Instant now) =>
    [
        .. Open.Where(of => of.Key <= billed).Select(of => Entry.Of(
            NameOf(of.Key), $"Accrual of {of.Key} reversed: {billed} is billed",
            of.Value.Select(one => new Posting(one.Key, -one.Value)), now) with
        {
            Period = of.Key,
        }),
    ];

    /// <summary>'receivable:pi:ada@bu.edu' as 'accrued:receivable:pi:ada@bu.edu'; what was earned stays.</summary>
    public static string AccountOf(string account) =>
        Owed.Any(kind => account.StartsWith(kind, StringComparison.Ordinal)) ? Prefix + account : account;

    private static string NameOf(BillingMonth period) => $"accrual-{period}";

    private static IEnumerable<Posting> Postings(ImmutableSortedDictionary<string, Money> sums) =>
        sums.Select(of => new Posting(of.Key, of.Value));

    private static ImmutableSortedDictionary<string, Money> Sum(IEnumerable<Posting> postings) => postings
        .GroupBy(posting => posting.Account, StringComparer.Ordinal)
        .Select(same => KeyValuePair.Create(same.Key, Money.Sum(same.Select(posting => posting.Amount))))
        .Where(of => !of.Value.IsZero).ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static Accruals Evolve(Accruals accruals, LedgerEvent happened)
    {
        if (happened is not LedgerEvent.Posted { Period: { } period } entry)
        {
            throw new CorruptStreamException(accruals, happened);
        }

        var sums = Sum(accruals.Open.GetValueOrDefault(period, ImmutableSortedDictionary<string, Money>.Empty)
            .Select(of => new Posting(of.Key, of.Value)).Concat(entry.Postings));
        return new(sums.IsEmpty ? accruals.Open.Remove(period) : accruals.Open.SetItem(period, sums));
    }
}
