namespace Exchange.Metering;

/// <summary>A page of 256 resources, and the number of its last change: the same two mean the same usage.</summary>
public readonly record struct PageState(int Page, long Changed);

/// <summary>What whoever adds up pages is told of one, in this order: its state, its usage, its end.</summary>
/// <param name="Begin">A page begins.</param>
/// <param name="OnSegment">A stretch of a resource, over all time; an open one ends at the end of time.</param>
/// <param name="OnTotal">What one of its resources counted on a day.</param>
/// <param name="End">All of the page was told.</param>
public sealed record PageReader(
    Action<PageState> Begin, Action<Segment> OnSegment, Action<DailyTotal> OnTotal, Action End);
