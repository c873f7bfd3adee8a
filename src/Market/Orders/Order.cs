using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Market.Orders;

/// <summary>Everything that can happen to an order. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Placed), "order-placed/1")]
[JsonDerivedType(typeof(Approved), "order-approved/1")]
[JsonDerivedType(typeof(Rejected), "order-rejected/1")]
[JsonDerivedType(typeof(Canceled), "order-canceled/1")]
[JsonDerivedType(typeof(Fulfilled), "order-fulfilled/1")]
public abstract record OrderEvent
{
    private OrderEvent() { }

    public sealed record Placed(OrderTerms Terms, string By, Instant At) : OrderEvent;

    /// <param name="Last">Whether nobody else has to approve it: now it is to be given.</param>
    public sealed record Approved(Approver Side, bool Last, string By, Instant At) : OrderEvent;
    public sealed record Rejected(Approver Side, string Reason, string By, Instant At) : OrderEvent;
    public sealed record Canceled(string Reason, string By, Instant At) : OrderEvent;

    /// <summary>The landlord gave what was ordered.</summary>
    /// <param name="Reference">What it is there, as an id of a lease or an allocation.</param>
    public sealed record Fulfilled(string Reference, string By, Instant At) : OrderEvent;
}

/// <summary>How an order stands.</summary>
public enum OrderState { Waiting, Approved, Rejected, Canceled, Fulfilled }

/// <summary>
/// A request for what was quoted: approved by whoever pays and whoever provides, then fulfilled. Its stream is like
/// 'order-O-7F3K2M9Q'.
/// </summary>
public sealed record Order(OrderTerms? Terms, ImmutableHashSet<Approver> Approvals, OrderState State, string? Because)
{
    private const int MaxTextLength = 500;

    public static readonly Fold<Order, OrderEvent> Fold = new("order", new(null, [], OrderState.Waiting, null), Evolve);

    /// <summary>Who has not approved it yet.</summary>
    public IEnumerable<Approver> Awaits => State == OrderState.Waiting
        ? Needed().Needs.Where(one => !Approvals.Contains(one))
        : [];

    /// <summary>Everything that was done to it, and who did it.</summary>
    public ImmutableArray<OrderStep> Done { get; init; } = [];

    public OrderTerms Needed() => Terms ?? throw new InvalidOperationException("There is no such order.");

    public static Decision<OrderEvent> Approve(Order order, Approver side, string by, Instant now) =>
        order.Terms is null ? Unknown()
        : order.Approvals.Contains(side) ? []
        : order.State != OrderState.Waiting ? Over(order)
        : !order.Needed().Needs.Contains(side) ? new Refusal(
            "order/not-asked", $"{order.Needed().Id} needs no approval of the {Named(side)}.", order.Needed().Id)
        : [new OrderEvent.Approved(side, order.Awaits.Count() == 1, by, now)];

    public static Decision<OrderEvent> Reject(Order order, Approver side, string reason, string by, Instant now) =>
        order.Terms is null ? Unknown()
        : order.State == OrderState.Rejected ? []
        : order.State is not (OrderState.Waiting or OrderState.Approved) ? Over(order)
        : NoReason(order, reason) is { } refusal ? refusal
        : [new OrderEvent.Rejected(side, reason.Trim(), by, now)];

    public static Decision<OrderEvent> Cancel(Order order, string reason, string by, Instant now) =>
        order.Terms is null ? Unknown()
        : order.State == OrderState.Canceled ? []
        : order.State is not (OrderState.Waiting or OrderState.Approved) ? Over(order)
        : NoReason(order, reason) is { } refusal ? refusal
        : [new OrderEvent.Canceled(reason.Trim(), by, now)];

    public static Decision<OrderEvent> Fulfill(Order order, string reference, string by, Instant now) =>
        order.Terms is null ? Unknown()
        : order.State == OrderState.Fulfilled ? []
        : order.State == OrderState.Waiting ? new Refusal(
            "order/not-approved",
            $"{order.Needed().Id} awaits {string.Join(" and ", order.Awaits.Select(Named))}. Give nothing before.",
            order.Needed().Id)
        : order.State != OrderState.Approved ? Over(order)
        : reference.Trim().Length is 0 or > 200 ? new Refusal(
            "order/no-reference", "Say what it is there in 1 to 200 characters, as the id of a lease.",
            order.Needed().Id)
        : [new OrderEvent.Fulfilled(reference.Trim(), by, now)];

    public static string Named(Approver side) => side switch
    {
        Approver.Pi => "PI",
        Approver.Payer => "payer of the subsidy",
        Approver.Landlord => "landlord",
    };

    private static Refusal Unknown() =>
        new("order/unknown", "There is no such order. 'exchange orders list' shows them.");

    private static Refusal Over(Order order) => new(
        "order/over", $"{order.Needed().Id} is {order.State.ToString().ToLowerInvariant()} already.",
        order.Needed().Id);

    private static Refusal? NoReason(Order order, string reason) =>
        reason.Trim().Length is > 0 and <= MaxTextLength ? null : new(
            "order/no-reason", $"Say why in 1 to {MaxTextLength} characters: the other side sees it.",
            order.Needed().Id);

    private static Order Evolve(Order order, OrderEvent happened) =>
        After(order, happened) with { Done = order.Done.Add(OrderStep.Of(happened)) };

    private static Order After(Order order, OrderEvent happened) => happened switch
    {
        OrderEvent.Placed e when order.Terms is null => order with { Terms = e.Terms },
        OrderEvent.Approved e when order.Terms is not null => order with
        {
            Approvals = order.Approvals.Add(e.Side),
            State = e.Last ? OrderState.Approved : order.State,
        },
        OrderEvent.Rejected e => order with { State = OrderState.Rejected, Because = e.Reason },
        OrderEvent.Canceled e => order with { State = OrderState.Canceled, Because = e.Reason },
        OrderEvent.Fulfilled e => order with { State = OrderState.Fulfilled, Because = e.Reference },
        _ => throw new CorruptStreamException(order, happened),
    };
}
