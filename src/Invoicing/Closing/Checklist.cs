using Exchange.Metering;
using Exchange.Metering.Collectors.Live;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>What finance looks at before it issues: what stands in the way, and what is worth knowing.</summary>
public static class Checklist
{
    private const int SourcesNamed = 5;

    /// <param name="earlierOpen">The earlier months that have charges and are not closed, oldest first.</param>
    /// <param name="setAside">How many readings are in quarantine.</param>
    /// <param name="collectors">How far each collector is, and what it found nothing of.</param>
    public static IReadOnlyList<Check> Run(
        MonthCharges month, IReadOnlyList<BillingMonth> earlierOpen, int setAside,
        IEnumerable<CollectorState> collectors) =>
    [
        .. OfEarlier(earlierOpen), .. OfUnpriced(month), .. OfUnattributed(month), .. OfNotBilled(month),
        .. OfQuarantine(setAside), .. collectors.SelectMany(one => OfCollector(one, month.Month)),
    ];

    private static IEnumerable<Check> OfEarlier(IReadOnlyList<BillingMonth> open)
    {
        if (open.Count > 0)
        {
            yield return new("close/earlier-open", true,
                $"{Listed(open)} {(open.Count == 1 ? "has charges and is" : "have charges and are")} open. Close the " +
                $"earliest first: 'exchange close --month {open[0]} --commit'.");
        }
    }

    private static IEnumerable<Check> OfUnpriced(MonthCharges month)
    {
        if (month.Unpriced.Count > 0)
        {
            var first = month.Unpriced[0];
            yield return new("close/unpriced", true,
                $"Usage without a price, {month.Unpriced.Count} in all. {first.Why} 'exchange rate --month " +
                $"{month.Month}' lists them all.");
        }
    }

    private static IEnumerable<Check> OfUnattributed(MonthCharges month)
    {
        var unowned = month.Charges.Where(owned => owned.Account == Account.Suspense).ToList();
        if (unowned.Count > 0)
        {
            var projects = unowned.Select(o => (o.Charge.Cluster, o.Charge.Project)).Distinct().Count();
            yield return new("close/unattributed", false,
                $"{Money.Sum(unowned.Select(o => o.Charge.Amount))} of projects without a PI ({projects} in all, " +
                $"such as '{unowned[0].Charge.Project}' in {unowned[0].Charge.Cluster}) go to the suspense account " +
                "until 'exchange projects import' says whose they are; a later close bills them then.");
        }
    }

    private static IEnumerable<Check> OfNotBilled(MonthCharges month)
    {
        if (month.NotBilled.Count > 0)
        {
            var whys = month.NotBilled.Select(owned => owned.Owner.NotBilled).Distinct().Order(StringComparer.Ordinal)
                .ToList();
            yield return new("close/not-billed", false,
                $"{Money.Sum(month.NotBilled.Select(owned => owned.Charge.Amount))} are metered and not billed: " +
                $"{string.Join("; ", whys.Take(5))}{(whys.Count > 5 ? $"; and {whys.Count - 5} more" : "")}. " +
                "'exchange directory list' says what is not billed.");
        }
    }

    private static IEnumerable<Check> OfQuarantine(int setAside)
    {
        if (setAside > 0)
        {
            yield return new("close/quarantine", false,
                $"In quarantine, and not billed: {setAside} of all readings. 'exchange quarantine list' shows " +
                "them; released after the close, they become adjustments.");
        }
    }

    /// <summary>
    /// Usage that a collector has not fetched. One that did not even try since the month began runs no more: nobody
    /// waits for it.
    /// </summary>
    private static IEnumerable<Check> OfCollector(CollectorState one, BillingMonth month)
    {
        if ((one.ReadUntil ?? Instant.MinValue) < month.End && one.TriedAt >= month.Start &&
            (one.ReadUntil is not null || one.Failures > 0))
        {
            var until = one.ReadUntil is { } read ? $"read until {Text.Of(read)}" : "not read anything to its end yet";
            yield return new("close/collector-behind", true,
                $"Collector '{one.Name}' of {one.Landlord} has {until}, and {month} ends at " +
                $"{Text.Of(month.End)}. Let it catch up ('exchange collect run'), or close without the rest, which " +
                $"becomes adjustments: '--accept close/collector-behind:{one.Name}'.{Failure(one)}")
            {
                Accept = $"close/collector-behind:{one.Name}",
            };
        }

        var gaps = one.Gaps.Where(gap => gap.Period.Overlaps(month.Period)).ToList();
        if (gaps.Count > 0)
        {
            yield return new("close/collector-gap", true,
                $"Collector '{one.Name}' of {one.Landlord} found nothing of {gaps.Count} stretches of {month}, the " +
                $"first {gaps[0].Period}. Nothing of them is billed. Mend the source, then 'exchange collect run' " +
                $"asks again; or close without them: '--accept close/collector-gap:{one.Name}'.")
            {
                Accept = $"close/collector-gap:{one.Name}",
            };
        }
    }

    /// <summary>
    /// Sources that told something of the month and nothing after it, although they are expected. They are named and
    /// stand in nobody's way: whether a sender ended for good only a person knows.
    /// </summary>
    public static IEnumerable<Check> OfSources(
        IEnumerable<HeardSource> sources, BillingMonth month, Instant now)
    {
        var silent = sources.Where(one => one.At < month.End && one.IsSilent(now)).OrderByDescending(one => one.At)
            .ToList();
        if (silent.Count > 0)
        {
            var named = silent.Take(SourcesNamed).Select(one =>
                $"'{one.Source}' of {one.Landlord} by {one.Reporter}, last heard {Text.Of(one.At)}");
            var more = silent.Count > SourcesNamed ? $", and {silent.Count - SourcesNamed} more" : "";
            yield return new("close/source-silent", false,
                $"Silent since before the end of {month}: {string.Join("; ", named)}{more}. What they did not report " +
                "is not billed; reported after the close, it becomes adjustments. 'exchange sources list' shows " +
                "them, 'exchange sources expect NAME --every never' takes off one that ended for good.");
        }
    }

    /// <summary>What two landlords bill at the same time; it may be two things of one name.</summary>
    public static IEnumerable<Check> OfReportedTwice(IReadOnlyList<ReportedTwice> twice, BillingMonth month)
    {
        if (twice.Count > 0)
        {
            var named = twice.Take(SourcesNamed).Select(one =>
                $"{one.First} and {one.Second} in {one.Period.Start}/{one.Period.End}");
            var more = twice.Count > SourcesNamed ? $", and {twice.Count - SourcesNamed} more" : "";
            yield return new("close/reported-twice", false,
                $"Two landlords report the same thing at the same time in {month}, and both bill it: " +
                $"{string.Join("; ", named)}{more}. If it is one thing, have one of them end it, or retract it with " +
                "'exchange correct'. 'exchange sources twice' lists them.");
        }
    }

    /// <summary>Blocks that cannot be read: nobody bills what is in them, and the rest is a part.</summary>
    public static IEnumerable<Check> OfDamage(IReadOnlyList<UnfoldedBlock> blocks)
    {
        if (blocks.Count > 0)
        {
            var more = blocks.Count > SourcesNamed ? $", and {blocks.Count - SourcesNamed} more" : "";
            yield return new("close/damaged-block", true,
                $"Usage of {string.Join(", ", blocks.SelectMany(one => one.Landlords).Distinct())} is told in part: " +
                $"{string.Join("; ", blocks.Take(SourcesNamed))}{more} cannot be read. Restore them from a backup " +
                "('exchange verify' names each), or close without what is in them, which becomes adjustments.");
        }
    }

    /// <summary>
    /// Usage that no SKU names and that a sheet gives a price all the same, such as a GPU that nobody knows at nothing.
    /// </summary>
    public static IEnumerable<Check> OfFallbacks(MonthCharges month, PriceBooks books)
    {
        var found = month.Charges.Where(one => books.Sheet(one.Charge.Sheet)?.Sheet.Skus.Any(
            sku => sku.Otherwise && sku.Id == one.Charge.Sku) == true).ToList();
        if (found.Count > 0)
        {
            var named = found.GroupBy(one => one.Charge.Sku).Select(same =>
                $"'{same.Key}' at {Money.Sum(same.Select(one => one.Charge.Amount))} for {same.Count()} projects, " +
                $"such as '{same.First().Charge.Project}'");
            yield return new("close/fallback-price", false,
                $"Usage that no SKU names is billed by what its sheet says of the rest: {string.Join("; ", named)}. " +
                "Publish a sheet that names it, or close as it is.");
        }
    }

    private static string Listed(IReadOnlyList<BillingMonth> months) => months.Count == 1 ? $"{months[0]}"
        : $"{string.Join(", ", months.Take(months.Count - 1))} and {months[^1]}";

    private static string Failure(CollectorState one) => one.Why is null ? "" : $" It failed last with: {one.Why}";
}
