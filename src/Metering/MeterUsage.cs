using System.Runtime.CompilerServices;
using Exchange.Metering.Collectors;
using NodaTime;

namespace Exchange.Metering;

/// <summary>Takes readings, each once for ever; here is said what they come to.</summary>
public sealed partial class Meter
{
    /// <summary>How far the meter has read.</summary>
    public MeterProgress Progress => new(_lanes, this);
    public UsagePages Pages => new(this);
    /// <summary>Rows that others have rated already, kept beside the readings.</summary>
    public Bills Bills => new(_database);

    /// <summary>Takes back or replaces what was reported.</summary>
    public Corrections Corrections => new(this);

    /// <summary>Brings the segments up to what is durable.</summary>
    public async Task Fold(CancellationToken ct)
    {
        var map = await _lanes.Now(ct);
        await Fold(map.Lanes, ct);
    }

    /// <summary>The usage asked for, by resource and time, cut to the period; folds first.</summary>
    public async IAsyncEnumerable<Segment> Segments(UsageQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        var asked = await Ask(query.Landlord ?? query.Resource?.Landlord, ct);
        await foreach (var segment in asked.Map.IsSingle
            ? asked.Lanes[0].Usage.Segments(query, ct)
            : asked.Segments(query, ct))
        {
            yield return segment;
        }

        await asked.Check(ct);
    }

    /// <summary>
    /// Tells all usage asked for in one walk that holds little of it: what a resource used together and in the order
    /// of time, resources in no order that means anything unless they are asked for by name; folds first.
    /// </summary>
    public async Task Read(
        UsageQuery query, bool byName, Action<Segment> onSegment, Action<DailyTotal> onTotal, CancellationToken ct)
    {
        var asked = await Ask(query.Landlord ?? query.Resource?.Landlord, ct);
        if (byName && asked.Only is null)
        {
            await foreach (var segment in asked.Segments(query, ct))
            {
                onSegment(segment);
            }

            foreach (var total in await asked.Totals(query, ct))
            {
                onTotal(total);
            }
        }
        else if (asked.Only is { } lane)
        {
            var (segments, totals) = AskedLanes.OfLiving(asked.Map, lane, onSegment, onTotal);
            await lane.Usage.Read(query, byName, segments, totals, ct);
        }
        else
        {
            await asked.Read(query, onSegment, onTotal, ct);
        }

        await asked.Check(ct);
    }

    /// <summary>What two landlords report as used at the same time; folds first.</summary>
    public async Task<IReadOnlyList<ReportedTwice>> ReportedTwice(Period period, CancellationToken ct)
    {
        var asked = await Ask(null, ct);
        var names = new List<Names>();
        foreach (var lane in asked.Lanes)
        {
            names.Add(await lane.Intake.Names());
        }

        var found = await new FindReportedTwice(names, landlord => asked.Map.Of(landlord).Usage).In(period, ct);
        await asked.Check(ct);
        return found;
    }

    /// <summary>How far the meter is and when its usage begins and ends; null while there is none.</summary>
    public async Task<UsageExtent?> Extent(CancellationToken ct)
    {
        var asked = await Ask(null, ct);
        if (asked.Only is { } lane)
        {
            return await Bills.Widen(await lane.Usage.Extent(ct), ct);
        }

        var (from, to) = (Instant.MaxValue, Instant.MinValue);
        await asked.Read(
            new(new(Instant.FromUtc(1970, 1, 1, 0, 0), Instant.MaxValue)),
            segment => Span(segment.Period.Start, segment.Period.End),
            total => Span(
                total.Day.AtMidnight().InUtc().ToInstant(), total.Day.PlusDays(1).AtMidnight().InUtc().ToInstant()),
            ct);
        await asked.Check(ct);
        return await Bills.Widen(
            from > to ? null : new(await Progress.Version(ct), 0, from, to == Instant.MaxValue ? null : to), ct);

        void Span(Instant begins, Instant ends) => (from, to) = (Instant.Min(from, begins), Instant.Max(to, ends));
    }

    /// <summary>What was counted on the days that begin in the period; folds first.</summary>
    public async Task<IReadOnlyList<DailyTotal>> Totals(UsageQuery query, CancellationToken ct)
    {
        var asked = await Ask(query.Landlord ?? query.Resource?.Landlord, ct);
        var totals = await asked.Totals(query, ct);
        await asked.Check(ct);
        return totals;
    }

    /// <summary>
    /// The readings of a resource that speak of a period, each with the block that holds it. Of the states told before
    /// it only the last speaks of it. Folds first.
    /// </summary>
    /// <param name="upTo">
    /// What was known then, as <see cref="MeterProgress.Head"/> said: what came later is no part of it.
    /// </param>
    /// <param name="then">Kept by whoever explains something of several parts.</param>
    public async Task<IReadOnlyList<ReadingBehind>> ReadingsBehind(
        ResourceId resource, Period period, CancellationToken ct, long upTo = long.MaxValue,
        CorrectionsThen? then = null)
    {
        var asked = await Ask(resource.Landlord, ct);
        var (lane, last) = upTo == long.MaxValue || asked.Map.IsSingle
            ? (asked.Lanes[0], upTo)
            : await _lanes.Heads.Then(asked.Map, resource.Landlord, upTo, ct);
        var found = await new Evidence(lane.Database, lane.Intake, then ?? new()).Of(resource, period, last, ct);
        return lane.IsHome ? found : [.. found.Select(one => one with
        {
            Block = lane.BlockOf(one.Block),
            Corrected = one.Corrected is { } by ? by with { Block = lane.BlockOf(by.Block) } : null,
        })];
    }

    /// <summary>The same, but only those that were not known then.</summary>
    public async Task<IReadOnlyList<ReadingBehind>> ReadingsSince(
        ResourceId resource, Period period, long since, CancellationToken ct)
    {
        var now = await ReadingsBehind(resource, period, ct);
        if (_lanes.Last.IsSingle)
        {
            return [.. now.Where(reading => reading.Block > since)];
        }

        // Who was moved has all of them in new blocks.
        var then = (await ReadingsBehind(resource, period, ct, since)).Select(one => (one.Source, one.Id)).ToHashSet();
        return [.. now.Where(reading => !then.Contains((reading.Source, reading.Id)))];
    }

    /// <summary>The lanes in which what is asked for is, folded; of a landlord or of all.</summary>
    /// <exception cref="RefusedException">What is asked for is being moved, and that takes long.</exception>
    internal async Task<AskedLanes> Ask(LandlordId? whose, CancellationToken ct)
    {
        var map = await _lanes.Now(ct);
        for (var tried = 1; ; tried++)
        {
            IReadOnlyList<Lane> lanes = whose is { } one && !map.IsSingle ? [map.Of(one)] : map.Lanes;
            await Fold(lanes, ct);
            if (!map.Book.IsMoving(whose) && lanes.All(lane => map.Fits(lane, whose)))
            {
                return new(_lanes, map, lanes);
            }

            map = await _lanes.After(map, tried, ct);
        }
    }

    private static Task Fold(IReadOnlyList<Lane> lanes, CancellationToken ct) => lanes.Count == 1
        ? lanes[0].Folding.Fold(ct)
        : Parallel.ForEachAsync(lanes, ct, async (lane, ct) => await lane.Folding.Fold(ct));
}
