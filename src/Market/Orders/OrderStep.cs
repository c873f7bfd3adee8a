using NodaTime;

namespace Exchange.Market.Orders;

/// <summary>Something that was done to an order.</summary>
/// <param name="Side">For whom it was done.</param>
/// <param name="By">Who did it: the customer and their payer read it, the landlord that of its own side.</param>
public sealed record OrderStep(Instant At, Approver Side, string By, string What, string Why)
{
    public static OrderStep Of(OrderEvent happened) => happened switch
    {
        OrderEvent.Placed e => new(e.At, Approver.Pi, e.By, "placed", ""),
        OrderEvent.Approved e => new(e.At, e.Side, e.By, "approved", ""),
        OrderEvent.Rejected e => new(e.At, e.Side, e.By, "rejected", e.Reason),
        OrderEvent.Canceled e => new(e.At, Approver.Pi, e.By, "canceled", e.Reason),
        OrderEvent.Fulfilled e => new(e.At, Approver.Landlord, e.By, "fulfilled", e.Reference),
        _ => throw new InvalidOperationException($"An order has no step '{happened.GetType().Name}'."),
    };
}
