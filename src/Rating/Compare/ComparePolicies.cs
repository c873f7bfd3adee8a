using System.Collections.Immutable;
using Exchange.Metering;

namespace Exchange.Rating;

/// <summary>What one rule changes when it is taken from one set of policies into another.</summary>
/// <param name="Change">What the month comes to with it, less what it came to without.</param>
/// <param name="Lines">How many lines differ.</param>
public sealed record PolicyCause(string Name, string What, Money Change, int Lines);

/// <summary>A month under two sets of policies, and which rule makes which part of the difference.</summary>
public sealed record PolicyComparison(
    Rated Before, Rated After, IReadOnlyList<PolicyCause> Causes, IReadOnlyList<RatedDifference> Changes);

/// <summary>
/// 'exchange rate --compare' — rates a month under nerc-compatible rules and then takes the corrected ones one by one,
/// always in this order: each cause is what its rule adds to those before it, so the causes add up to the difference.
/// </summary>
public static class ComparePolicies
{
    private static readonly ImmutableArray<(string Name, string What, Func<Policies, Policies, Policies> Take)> Rules =
    [
        ("billable-states", "suspended and paused servers are not billed; shelved ones are where the sheet says so",
            (before, after) => before with { Billable = after.Billable }),
        ("failed-acts", "an act that failed and changed nothing does not make a server free",
            (before, after) => before with { FailedActsChangeNothing = after.FailedActsChangeNothing }),
        ("last-shape", "a resized server is billed for what it was at each time",
            (before, after) => before with { LastShapeForAll = after.LastShapeForAll }),
        ("incomplete-requests", "pods that request no CPU or no memory are billed by the rest",
            (before, after) => before with { IncompleteIsFree = after.IncompleteIsFree }),
        ("gpu-bundles", "a GPU server is billed by the dimension that needs most service units",
            (before, after) => before with { GpusAlone = after.GpusAlone, GpuServiceUnits = after.GpuServiceUnits }),
        ("service-units", "service units are rounded up and not down",
            (before, after) => before with { ServiceUnits = after.ServiceUnits }),
        ("outages", "all outages count, each moment once, also on the last day",
            (before, after) => before with
            {
                Name = after.Name,
                OutagesAddUp = after.OutagesAddUp,
                LastDayOutagesBilled = after.LastDayOutagesBilled,
            }),
        ("hours", "hours are rounded up once for a project and not for each resource", (_, after) => after),
    ];

    /// <summary>Reads the usage once, whatever the number of rules.</summary>
    public static async Task<PolicyComparison> Run(
        Meter meter, PriceBooks books, Attribution owners, RateRequest request, CancellationToken ct) =>
        Of(await RateMonth.Run(meter, owners, request, [.. Steps(books)], byName: false, ct));

    /// <summary>The same for usage that is at hand.</summary>
    public static PolicyComparison Run(PriceBooks books, RateRequest request, IEnumerable<Segment> usage)
    {
        Rater[] raters = [.. Steps(books).Select(make => make(request))];
        foreach (var segment in usage)
        {
            Array.ForEach(raters, rater => rater.Add(segment));
        }

        return Of([.. raters.Select(rater => rater.Finish())]);
    }

    private static IEnumerable<Func<RateRequest, Rater>> Steps(PriceBooks books)
    {
        yield return request => new(books, request with { Policies = Policies.NercCompatible });
        var known = Policies.NercCompatible;
        for (var taken = 1; taken <= Rules.Length; taken++)
        {
            known = Rules[taken - 1].Name == "outages" ? Policies.Corrected : known;
            var (under, mixed) = (known, Under(books, taken, known));
            yield return request => new(mixed, request with { Policies = under });
        }
    }

    /// <summary>The books with so many rules taken; outages are looked up by the name of the policies.</summary>
    private static PriceBooks Under(PriceBooks books, int taken, string name) => books with
    {
        Books = books.Books.ToImmutableSortedDictionary(
            book => book.Key, book => new PriceBook([.. book.Value.All.Select(one => Under(one, taken, name))]),
            StringComparer.Ordinal),
    };

    private static PublishedSheet Under(PublishedSheet one, int taken, string name)
    {
        var corrected = one.Sheet.PoliciesNamed(Policies.Corrected);
        var mixed = Rules.Take(taken).Aggregate(
            one.Sheet.PoliciesNamed(Policies.NercCompatible), (policies, rule) => rule.Take(policies, corrected));
        return one with { Sheet = one.Sheet with { Policies = one.Sheet.Policies.SetItem(name, mixed) } };
    }

    private static PolicyComparison Of(IReadOnlyList<Rated> steps) => new(
        steps[0], steps[^1],
        [
            .. Rules.Select((rule, n) => new PolicyCause(
                rule.Name, rule.What, steps[n + 1].Total - steps[n].Total,
                RatedDifference.Between(steps[n], steps[n + 1]).Count)),
        ],
        RatedDifference.Between(steps[0], steps[^1]));
}
