using System.Collections.Immutable;
using Exchange.Invoicing.Kept;

namespace Exchange.Invoicing.Funds;

/// <summary>
/// People keep their history when two addresses turn out to be one person: what was granted, capped, spent, billed or
/// told under an alias is the person's.
/// </summary>
public static class FollowPersons
{
    /// <summary>A fund in which every alias is its person. Two grants of one promotion are one, as large as what was
    /// spent of it, in the time of both: what a void invoice gives back can be spent again.</summary>
    public static Fund Following(this Fund fund, Func<PiId, PiId> personOf)
    {
        if (fund.Known().All(pi => personOf(pi) == pi))
        {
            return fund;
        }

        return fund with
        {
            Uses = Merge(fund.Uses, personOf, Sum),
            UsedElsewhere = Merge(fund.UsedElsewhere, personOf, Sum),
            Grants = fund.Grants.GroupBy(of => personOf(of.Key)).ToImmutableDictionary(
                of => of.Key, of => Granted(of.Key, [.. of.Select(one => one.Value)], fund.MaxUsed)),
            GrantedIn = fund.Grants.GroupBy(of => personOf(of.Key)).Where(of => of.Count() > 1).ToImmutableDictionary(
                of => of.Key, of => of.Select(one => one.Value.Month).Order().ToImmutableArray()),
            Caps = Merge(fund.Caps, personOf, all => all.Aggregate((known, own) => known.SetItems(own))),
            Suspensions = Merge(fund.Suspensions, personOf, all => [.. all.SelectMany(one => one)]),
            Enrolments = Merge(fund.Enrolments, personOf, all => all.Min()),
            FreeSkus = fund.FreeSkus.ConvertAll(free => free with { Pi = personOf(free.Pi) }),
        };
    }

    /// <summary>Prepaid money that was spent for an alias was spent for the person.</summary>
    public static PrepaidGroups Following(this PrepaidGroups groups, Func<PiId, PiId> personOf) => new(
        groups.Groups.ToImmutableSortedDictionary(
            of => of.Key, of => of.Value with
            {
                Uses = of.Value.Uses.GroupBy(use => (use.Key.Month, personOf(new(use.Key.Pi)).Value))
                    .ToImmutableSortedDictionary(
                        same => same.Key, same => Money.Sum(same.Select(use => use.Value))),
            }, StringComparer.Ordinal));

    /// <summary>What was billed to an alias was billed to the person.</summary>
    public static ILookup<Account, InvoiceLine> Following(
        this ILookup<Account, InvoiceLine> billed, Func<PiId, PiId> personOf) => billed
            .SelectMany(of => of.Select(line => (Account: of.Key.Pi is { } pi ? new(personOf(pi)) : of.Key, line)))
            .ToLookup(pair => pair.Account, pair => pair.line);

    /// <summary>Who was billed as an alias was billed as the person, and is not new.</summary>
    public static Months Following(this Months months, Func<PiId, PiId> personOf) => months with
    {
        Reissued =
        [
            .. months.Reissued.Select(again => again with { Billed = [.. again.Billed.Select(personOf).Distinct()] }),
        ],
        Closed = months.Closed.ToImmutableSortedDictionary(
            of => of.Key,
            of => of.Value with { Billed = [.. of.Value.Billed.Select(personOf).Distinct()] }),
        Standing = months.Standing.Keys.GroupBy(use => use with { Pi = personOf(use.Pi) }).ToImmutableDictionary(
            same => same.Key,
            same => months.BilledIn(same.Key.Month).Any(pi => personOf(pi) == same.Key.Pi)),
    };

    private static ImmutableSortedDictionary<BillingMonth, Money> Sum(
        IReadOnlyList<ImmutableSortedDictionary<BillingMonth, Money>> all) =>
        all.SelectMany(one => one).GroupBy(use => use.Key).ToImmutableSortedDictionary(
            same => same.Key, same => Money.Sum(same.Select(use => use.Value)));

    /// <summary>What was said under the person's own address counts last, so that it prevails.</summary>
    private static ImmutableDictionary<PiId, T> Merge<T>(
        ImmutableDictionary<PiId, T> all, Func<PiId, PiId> personOf, Func<IReadOnlyList<T>, T> merge) => all
            .GroupBy(of => personOf(of.Key)).ToImmutableDictionary(
                of => of.Key,
                of => merge(
                    [.. of.OrderBy(one => one.Key == of.Key).ThenBy(one => one.Key.Value, StringComparer.Ordinal)
                        .Select(one => one.Value)]));

    private static FundEvent.Granted Granted(
        PiId person, IReadOnlyList<FundEvent.Granted> grants,
        ImmutableDictionary<PiId, Money> used)
    {
        var first = grants.MinBy(grant => grant.Month)! with { Pi = person };
        var spent = Money.Sum(grants.Select(grant => used.GetValueOrDefault(grant.Pi)));
        return grants.Count > 1 && spent > first.Amount ? first with { Amount = spent } : first;
    }
}
