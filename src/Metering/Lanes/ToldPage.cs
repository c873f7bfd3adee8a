namespace Exchange.Metering;

/// <summary>What is in a page of a lane, to be told later in the order in which it was read.</summary>
internal sealed class ToldPage
{
    private readonly List<Segment> _segments = [];
    private readonly List<(int After, DailyTotal Total)> _totals = [];

    /// <summary>Which page it is; of no meaning where nobody asks by page.</summary>
    public PageState State { get; set; }

    public void Add(Segment segment) => _segments.Add(segment);

    public void Add(DailyTotal total) => _totals.Add((_segments.Count, total));

    public void Tell(Action<Segment> onSegment, Action<DailyTotal> onTotal)
    {
        var told = 0;
        foreach (var (after, total) in _totals)
        {
            for (; told < after; told++)
            {
                onSegment(_segments[told]);
            }

            onTotal(total);
        }

        for (; told < _segments.Count; told++)
        {
            onSegment(_segments[told]);
        }
    }
}
