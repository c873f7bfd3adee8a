using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Exchange.Metering;
using NodaTime;
using Npgsql;

namespace Exchange.Rating;

/// <summary>A month up to an instant, as the sum of its pages.</summary>
/// <param name="AsOf">Usage before this counts; the end of the month once it is over.</param>
/// <param name="Pages">How many pages were rated for it: those that changed since it was asked for last.</param>
public sealed record SummedMonth(Rated Rated, Instant AsOf, int Pages);

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
    private const int MaxCharges = 50_000; // More are not kept in memory.

    private static readonly ConditionalWeakTable<NpgsqlDataSource, ConcurrentDictionary<(BillingMonth, string),
        Remembered>> Memory = [];

    /// <summary>What a month came to, and of which version of everything.</summary>
    private sealed record Remembered(long Version, long Bill, string World, SummedMonth Sum);

    /// <param name="world">Names all prices and owners there are; empty where nothing does.</param>
    public async Task<SummedMonth> Of(
        PriceBooks books, Attribution owners, BillingMonth month, string policies, Instant now, string world,
        CancellationToken ct)
    {
        var table = new SumsTable(database, month, policies);
        RateRequest Until(Instant asOf) => new RateRequest(month, policies) { AsOf = asOf }.OwnedBy(owners);
        for (var left = Tries; left > 0; left--)
        {
            var kept = await table.Month(ct);
            var pages = await meter.Pages.All(ct);
            var found = new PagesOfMonth(meter, month, pages, await table.Pages(ct),
                await SumsTable.Extents(database, ct));
            var asOf = At(kept.AsOf);
            var request = Until(asOf);
            var stale = kept.Version > 0 && asOf <= now && (now - asOf < Stale || asOf == month.End)
                ? await found.Stale(kept, MonthBasis.Of(books, owners, request), asOf, ct)
                : null;
            if (stale is not { Count: 0 })
            {
                asOf = Instant.Max(month.Start, Instant.Min(now, month.End));
                request = Until(asOf);
                var next = new KeptMonth(
                    kept.Version + 1, asOf.ToUnixTimeTicks() / 10, MonthBasis.Of(books, owners, request));
                stale = await found.Stale(kept, next.Basis, asOf, ct);
                var (sums, extents) = await found.Rate(stale, books, owners, request, ct);
                if (!await table.Write(kept, next, sums, extents, found.Gone(sums), ct))
                {
                    continue;
                }

                kept = next;
            }

            if (await Sum(table, kept.Version, books, request, world, ct) is { } sum)
            {
                return new(sum, asOf, stale.Count);
            }
        }

        throw new InvalidOperationException($"{month} is summed by others all the time; try again.");
    }

    /// <summary>
    /// When all usage, bills of other clouds too, begins and ends; null while there is none. Only pages that changed
    /// are read.
    /// </summary>
    public async Task<UsageExtent?> Extent(CancellationToken ct)
    {
        var pages = await meter.Pages.All(ct);
        var (head, known) = (await meter.Progress.Head(ct), await SumsTable.Extents(database, ct));
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

    /// <summary>Adds up what is kept; null where it is of another version meanwhile.</summary>
    private async Task<Rated?> Sum(
        SumsTable table, long version, PriceBooks books, RateRequest request, string world, CancellationToken ct)
    {
        var memory = Memory.GetValue(database, _ => []);
        var (key, bill) = ((request.Month, request.Policies), await meter.Progress.LastBill(ct));
        if (world.Length > 0 && memory.TryGetValue(key, out var known) &&
            (known.Version, known.Bill, known.World) == (version, bill, world))
        {
            return known.Sum.Rated;
        }

        var rater = new Rater(books, request);
        if (await table.Read(rater.Add, ct) != version)
        {
            return null;
        }

        await foreach (var row in meter.Bills.Focus(request.Month.Period, null, ct))
        {
            rater.Add(row);
        }

        var rated = rater.Finish();
        if (world.Length > 0 && rated.Charges.Count <= MaxCharges)
        {
            memory[key] = new(version, bill, world, new(rated, request.Period.End, 0));
            foreach (var oldest in memory.Keys.Order().SkipLast(2))
            {
                memory.TryRemove(oldest, out _);
            }
        }

        return rated;
    }
}
