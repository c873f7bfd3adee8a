using Exchange.Journal;
using Exchange.Market.Offers;
using Exchange.Market.Orders;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>Who answers an order, and for which side: what is another's is not there.</summary>
/// <param name="May">Whether the order is theirs to answer.</param>
public sealed record OrderAnswer(Approver Side, string By, Func<OrderTerms, bool> May);

/// <summary>'exchange orders approve | reject | cancel | fulfill' — what a side says of an order.</summary>
/// <param name="act">As the audit log calls it.</param>
/// <param name="rule">One of the acts of <see cref="Order"/>.</param>
/// <param name="closed">The months that are billed.</param>
public sealed class AnswerOrder(
    string id, OrderAnswer answer, string act, Func<Order, Instant, Decision<OrderEvent>> rule,
    IReadOnlySet<BillingMonth> closed) : ICommand<Order>
{
    public string Act => act;
    public string Target => id;
    public string Permission => MarketPermissions.DecideOrders;

    /// <returns>How the order stands now.</returns>
    public async Task<Order> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var order = await work.State(Order.Fold, id, ct);
        if (order.Terms is not { } terms || !answer.May(terms))
        {
            throw new RefusedException(new(
                "order/unknown", "There is no such order. 'exchange orders list' shows them.", id));
        }

        var said = rule(order, now).OrThrow();
        var after = said.Aggregate(order, Order.Fold.Evolve);
        work.Append(Order.Fold.StreamOf(id), said);
        if (after.State == OrderState.Approved && order.State == OrderState.Waiting)
        {
            await LockPrices.Of(work, terms.Quote, answer.By, closed, now, ct);
        }

        if (after.State is OrderState.Rejected or OrderState.Canceled)
        {
            var ordered = await work.State(Ordered.Fold, terms.Pi, ct);
            work.Append(Ordered.Fold.StreamOf(terms.Pi), Ordered.Release(ordered, id, now).OrThrow());
            var supplied = await work.State(Supplied.Fold, terms.Landlord, ct);
            work.Append(
                Supplied.Fold.StreamOf(terms.Landlord),
                Supplied.Release(supplied, id, terms.Period.Start, now).OrThrow());
        }

        return after;
    }
}
