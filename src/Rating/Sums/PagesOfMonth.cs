using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>The pages of usage as they are now, beside what is kept of them of one month.</summary>
internal sealed class PagesOfMonth(
    Meter meter, BillingMonth month, IReadOnlyList<PageState> pages, Dictionary<int, (long Changed, long AsOf)> kept,
    Dictionary<int, PageExtent> extents)
{
    private readonly (long Start, long End) _month =
        (month.Start.ToUnixTimeTicks() / 10, month.End.ToUnixTimeTicks() / 10);

    /// <summary>The pages that are to be rated, again or for the first time.</summary>
    public async Task<IReadOnlyCollection<int>> Stale(
        KeptMonth before, MonthBasis now, Instant asOf, CancellationToken ct)
    {
        var until = asOf.ToUnixTimeTicks() / 10;
        var concerned = before.Basis.IsOfThisBuild ? await Concerned(before.Basis, now, ct) : null;
        return [.. pages.Where(page => IsStale(page, until, concerned)).Select(page => page.Page)];
    }

    /// <summary>What pages add up to an instant, and from when until when they have usage.</summary>
    public async Task<(IReadOnlyList<PageSum> Sums, IReadOnlyCollection<PageExtent> Extents)> Rate(
        IReadOnlyCollection<int> stale, PriceBooks books, Attribution owners, RateRequest request,
        CancellationToken ct)
    {
        var (sums, found, period) = (new List<PageSum>(), new PageExtents(meter), request.Period);
        if (stale.Count == 0)
        {
            return (sums, []);
        }

        var rater = new Rater(books, request);
        await meter.Pages.Read(stale, new(
            found.Begin,
            segment =>
            {
                found.Add(segment);
                if (segment.Period.Clip(period) is { } part)
                {
                    var used = segment with { Period = part };
                    rater.Add(used with { Project = owners.UserOf(used) });
                }
            },
            total =>
            {
                found.Add(total);
                rater.Add(total);
            },
            () =>
            {
                var (page, part) = (found.End(), rater.Part());
                if (page.From < _month.End && page.To > _month.Start)
                {
                    sums.Add(new(page.Page, page.Changed, period.End.ToUnixTimeTicks() / 10, part));
                }
            }), ct);
        return (sums, found.All);
    }

    /// <summary>Kept pages that are there no more, or were rated and have nothing in the month.</summary>
    public int[] Gone(IReadOnlyList<PageSum> sums)
    {
        var there = pages.ToDictionary(page => page.Page, page => page.Changed);
        var rated = sums.Select(sum => sum.Page).ToHashSet();
        return [.. kept.Where(one => !rated.Contains(one.Key) &&
            there.GetValueOrDefault(one.Key, -1) != one.Value.Changed).Select(one => one.Key)];
    }

    private bool IsStale(PageState page, long until, HashSet<int>? concerned)
    {
        var isKnown = extents.TryGetValue(page.Page, out var extent) && extent.Changed == page.Changed;
        if (isKnown && (extent.From >= _month.End || extent.To <= _month.Start))
        {
            return false;
        }

        return !isKnown || concerned?.Contains(page.Page) != false ||
            !kept.TryGetValue(page.Page, out var sum) || sum.Changed != page.Changed ||
            (sum.AsOf != until && extent.To > long.Min(sum.AsOf, until));
    }

    private async Task<HashSet<int>> Concerned(MonthBasis before, MonthBasis now, CancellationToken ct)
    {
        var concerned = new HashSet<int>(await meter.Pages.OfProjects(now.Moved(before), ct));
        foreach (var (landlord, cluster) in now.Repriced(before))
        {
            concerned.UnionWith(await meter.Pages.Of(landlord, cluster, ct));
        }

        return concerned;
    }
}
