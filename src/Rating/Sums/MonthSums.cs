using System.Runtime.CompilerServices;
using Exchange.Metering;
using NodaTime;
using Npgsql;

namespace Exchange.Rating;

/// <summary>A month up to an instant, as the sum of its pages.</summary>
/// <param name="AsOf">Usage before this counts; the end of the month once it is over.</param>
/// <param name="Pages">How many pages were rated for it: those that changed since it was asked for last.</param>
public sealed record SummedMonth(Rated Rated, Instant AsOf, int Pages)
{
    /// <summary>Whether all pages were added up for it, and not only what changed since the last time.</summary>
    public bool IsAddedUp { get; init; }
}

/// <summary>
/// Months as sums of what pages of usage add to them. Whoever asks finds them as new as the meter: pages that changed,
/// or about which something else was decided, are rated again and kept; all others are added up as they are. Adding and
/// pricing is what rating itself does, so it comes to the same cent.
/// </summary>
public sealed class MonthSums(Meter meter, NpgsqlDataSource database)
{
    /// <summary>What runs on is counted again after so long, if nothing else happens.</summary>
    private static readonly Duration Stale = Duration.FromMinutes(10);
    private const int Tries = 10;
    private static readonly ConditionalWeakTable<NpgsqlDataSource, RememberedMonths> Memory = [];

    /// <param name="world">Names all prices and owners there are; empty where nothing does.</param>
    public async Task<SummedMonth> Of(
        PriceBooks books, Attribution owners, BillingMonth month, string policies, Instant now, string world,
        CancellationToken ct)
    {
        var (asked, table) = (
            new Asked(books, owners, month, policies, world), new SumsTable(database, month, policies));
        for (var left = Tries; left > 0; left--)
        {
            var placement = await meter.Placement(ct);
            var kept = await table.Month(ct);
            var pages = await meter.Pages.All(ct);
            var found = new PagesOfMonth(meter, month, pages, await table.Pages(ct),
                await SumsTable.Extents(database, ct));
            var asOf = At(kept.AsOf);
            var stale = kept.Version > 0 && asOf <= now && (now - asOf < Stale || asOf == month.End)
                ? await found.Stale(kept, MonthBasis.Of(books, owners, asked.Until(asOf)), asOf, ct)
                : null;
            if (stale is not { Count: 0 })
            {
                asOf = Instant.Max(month.Start, Instant.Min(now, month.End));
                var next = new KeptMonth(
                    kept.Version + 1, asOf.ToUnixTimeTicks() / 10, MonthBasis.Of(books, owners, asked.Until(asOf)));
                stale = await found.Stale(kept, next.Basis, asOf, ct);
                if (!await Renew(asked, table, found, (kept, next), stale, ct))
                {
                    continue;
                }

                kept = next;
            }

            var (sum, isAddedUp) = await Sum(asked, table, kept.Version, asOf, ct);
            if (sum is not null && await meter.Placement(ct) == placement)
            {
                return new(sum, asOf, stale.Count) { IsAddedUp = isAddedUp };
            }
        }

        throw new InvalidOperationException($"{month} is summed by others all the time; try again.");
    }

    /// <summary>What a month is asked for with.</summary>
    private sealed record Asked(
        PriceBooks Books, Attribution Owners, BillingMonth Month, string Policies, string World)
    {
        public RateRequest Until(Instant asOf) => new RateRequest(Month, Policies) { AsOf = asOf }.OwnedBy(Owners);
    }

    /// <summary>Rates some pages again and keeps what they add; what is remembered changes alike.</summary>
    /// <returns>No where somebody else kept something meanwhile.</returns>
    private async Task<bool> Renew(
        Asked asked, SumsTable table, PagesOfMonth found, (KeptMonth Kept, KeptMonth Next) versions,
        IReadOnlyCollection<int> stale, CancellationToken ct)
    {
        var (kept, next) = versions;
        var (sums, extents) = await found.Rate(stale, asked.Books, asked.Owners, asked.Until(At(next.AsOf)), ct);
        var gone = found.Gone(sums);
        var known = asked.World.Length == 0 ? null
            : Memory.GetValue(database, _ => new()).Of(asked.Month, asked.Policies, kept.Version, asked.World);
        var before = known is null ? [] : await table.Bodies([.. sums.Select(sum => sum.Page), .. gone], ct);
        if (!await table.Write(kept, next, sums, extents, gone, ct))
        {
            return false;
        }

        known?.Change(next.Version, At(next.AsOf), before, sums.Select(sum => sum.Body));
        return true;
    }

    /// <summary>
    /// When all usage, bills of other clouds too, begins and ends; null while there is none. Only pages that changed
    /// are read.
    /// </summary>
    public async Task<UsageExtent?> Extent(CancellationToken ct)
    {
        var pages = await meter.Pages.All(ct);
        var (head, known) = (await meter.Progress.Version(ct), await SumsTable.Extents(database, ct));
        int[] unknown = [.. pages.Where(page => !known.TryGetValue(page.Page, out var extent) ||
            extent.Changed != page.Changed).Select(page => page.Page)];
        if (unknown.Length > 0)
        {
            var found = await new PageExtents(meter).Of(unknown, ct);
            await SumsTable.Write(database, found, ct);
            found.ForEach(extent => known[extent.Page] = extent);
        }

        var used = pages.Select(page => known[page.Page]).Where(extent => extent.From < extent.To).ToList();
        return await meter.Bills.Widen(
            used.Count == 0 ? null : new(
                head, 0, At(used.Min(extent => extent.From)),
                used.Max(extent => extent.To) is var to and < long.MaxValue ? At(to) : null), ct);
    }

    /// <summary>Forgets all sums, so that they are made again.</summary>
    public async Task Forget(CancellationToken ct)
    {
        await Journal.Statements.Execute(database, "truncate rating.month, rating.page, rating.extent", [], ct);
        Memory.Remove(database);
    }

    private static Instant At(long microseconds) => Instant.FromUnixTimeTicks(microseconds * 10);

    /// <summary>
    /// What is kept, as it was added up before and changed since, or added up now; null where it is of another version
    /// meanwhile.
    /// </summary>
    private async Task<(Rated? Sum, bool IsAddedUp)> Sum(
        Asked asked, SumsTable table, long version, Instant asOf, CancellationToken ct)
    {
        var (memory, bill) = (Memory.GetValue(database, _ => new()), await meter.Progress.LastBill(ct));
        if (asked.World.Length > 0 && memory.Of(asked.Month, asked.Policies, version, asked.World)?
            .At(version, bill, asOf) is { } known)
        {
            return (known, false);
        }

        var rater = new Rater(asked.Books, asked.Until(asOf));
        if (await table.Read(rater.Add, ct) != version)
        {
            return (null, true);
        }

        var isBilled = false;
        await foreach (var row in meter.Bills.Focus(asked.Month.Period, null, ct))
        {
            rater.Add(row);
            isBilled = true;
        }

        var rated = rater.Finish();
        if (asked.World.Length > 0)
        {
            memory.Remember(new(
                asked.Month, asked.Policies, version, bill, asked.World, asOf, rated,
                isBilled || !rater.CanChange ? null : rater));
        }

        return (rated, true);
    }
}
