using System.Runtime.CompilerServices;
using System.Text;

namespace Exchange.Metering;

/// <summary>
/// The lanes in which what is asked for can be, all folded. What they tell together holds where nobody was moved from
/// one to another meanwhile: who has read all of it checks that.
/// </summary>
internal sealed class AskedLanes(LaneSet set, LaneMap map, IReadOnlyList<Lane> lanes)
{
    public LaneMap Map => map;

    public IReadOnlyList<Lane> Lanes => lanes;

    /// <summary>The one lane in which it is; null where it can be in several.</summary>
    public Lane? Only => lanes.Count == 1 ? lanes[0] : null;

    /// <exception cref="RefusedException">Somebody was moved since the lanes were asked for.</exception>
    public async Task Check(CancellationToken ct)
    {
        if (!map.IsSingle && (await set.Now(ct)).Version != map.Version)
        {
            throw LaneSet.IsMoving();
        }
    }

    /// <summary>The usage of several lanes by resource and time, as one lane tells its own.</summary>
    public async IAsyncEnumerable<Segment> Segments(UsageQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        var next = new PriorityQueue<IAsyncEnumerator<Segment>, byte[]>(
            Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right)));
        try
        {
            foreach (var segments in lanes.Select(lane => Living(lane, query, ct).GetAsyncEnumerator(ct)))
            {
                await (await segments.MoveNextAsync() ? Put(segments) : segments.DisposeAsync());
            }

            while (next.TryDequeue(out var first, out _))
            {
                // A landlord is whole in one lane, so its resources are between those of no others.
                var landlord = first.Current.Resource.Landlord;
                var isThere = true;
                while (isThere && first.Current.Resource.Landlord == landlord)
                {
                    yield return first.Current;
                    isThere = await first.MoveNextAsync();
                }

                await (isThere ? Put(first) : first.DisposeAsync());
            }
        }
        finally
        {
            while (next.TryDequeue(out var one, out _))
            {
                await one.DisposeAsync();
            }
        }

        ValueTask Put(IAsyncEnumerator<Segment> segments)
        {
            next.Enqueue(segments, Encoding.UTF8.GetBytes($"{segments.Current.Resource.Landlord}/"));
            return ValueTask.CompletedTask;
        }
    }

    public async Task<IReadOnlyList<DailyTotal>> Totals(UsageQuery query, CancellationToken ct)
    {
        var found = new List<DailyTotal>();
        foreach (var lane in lanes)
        {
            var lives = map.LivesIn(lane);
            found.AddRange((await lane.Usage.Totals(query, ct)).Where(
                total => lives?.Invoke(total.Resource.Landlord) != false));
        }

        return lanes.Count == 1 ? found : UsageStore.InOrder(found);
    }

    /// <summary>All of it in one walk, told lane by lane; some lanes are read side by side.</summary>
    public async Task Read(
        UsageQuery query, Action<Segment> onSegment, Action<DailyTotal> onTotal, CancellationToken ct)
    {
        if (query is { Project: null, Resource: null })
        {
            await LanesInOrder.Tell(
                lanes.Count, (i, full, ct) => Pages(lanes[i], query, full, ct),
                (_, page) => page.Tell(onSegment, onTotal), ct);
            return;
        }

        foreach (var lane in lanes)
        {
            var (segments, totals) = OfLiving(map, lane, onSegment, onTotal);
            await lane.Usage.Read(query, byName: false, segments, totals, ct);
        }
    }

    private async Task Pages(
        Lane lane, UsageQuery query, Func<ToldPage, ValueTask> full, CancellationToken ct)
    {
        var page = new ToldPage();
        var (segments, totals) = OfLiving(map, lane, one => page.Add(one), one => page.Add(one));
        await new UsageStream(lane.Database).Read(query, segments, totals, ct, () =>
        {
            var done = page;
            page = new();
            return full(done);
        });
    }

    /// <summary>Tells only what is of those who live in a lane.</summary>
    public static (Action<Segment> OnSegment, Action<DailyTotal> OnTotal) OfLiving(
        LaneMap map, Lane lane, Action<Segment> onSegment, Action<DailyTotal> onTotal)
    {
        return map.LivesIn(lane) is { } lives ? (OfThem, TotalOfThem) : (onSegment, onTotal);

        void OfThem(Segment segment)
        {
            if (lives(segment.Resource.Landlord))
            {
                onSegment(segment);
            }
        }

        void TotalOfThem(DailyTotal total)
        {
            if (lives(total.Resource.Landlord))
            {
                onTotal(total);
            }
        }
    }

    private async IAsyncEnumerable<Segment> Living(
        Lane lane, UsageQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        var lives = map.LivesIn(lane);
        await foreach (var segment in lane.Usage.Segments(query, ct))
        {
            if (lives?.Invoke(segment.Resource.Landlord) != false)
            {
                yield return segment;
            }
        }
    }
}
