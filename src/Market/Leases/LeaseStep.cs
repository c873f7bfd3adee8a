using NodaTime;

namespace Exchange.Market.Leases;

/// <summary>Something that a side said of a lease, in words.</summary>
/// <param name="By">Who said it; the other side need not know more than which side it was.</param>
/// <param name="Why">The reason; empty where none is asked for.</param>
public sealed record LeaseStep(Instant At, LeaseSide Side, string By, string What, string Why)
{
    public static LeaseStep Of(LeaseEvent happened) => happened switch
    {
        LeaseEvent.Proposed e => new(e.At, e.Side, e.By, "proposed", ""),
        LeaseEvent.ChangeProposed e => new(e.At, e.Side, e.By, $"proposed to {e.Change.Words}", ""),
        LeaseEvent.Accepted e => new(e.At, e.Side, e.By, "accepted", ""),
        LeaseEvent.Declined e => new(e.At, e.Side, e.By, "declined", e.Reason),
        LeaseEvent.Reclaimed e => new(
            e.At, LeaseSide.Lessor, e.By, $"reclaimed from {Text.Of(e.From)}", e.Reason),
        _ => throw new InvalidOperationException($"A lease has no step '{happened.GetType().Name}'."),
    };
}
