using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Market.Orders;

/// <summary>What orders reserve of a PI's budgets. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Reserved), "budget-reserved/1")]
[JsonDerivedType(typeof(Released), "budget-released/1")]
public abstract record OrderedEvent
{
    /// <summary>Before a project, where it is not said in which cluster.</summary>
    public const string AnyCluster = "*/";

    private OrderedEvent() { }

    /// <param name="Order">The order, the bid, or the agreement with its project.</param>
    /// <param name="Quote">What charges of it name: a quote, a lease, a reservation or a commitment.</param>
    /// <param name="Of">'cluster/project'.</param>
    public sealed record Reserved(
        string Order, string Quote, string Of, ImmutableArray<MonthAmount> Months, Instant At) : OrderedEvent
    {
        /// <summary>Whose place of the quote it is; null where only its cluster is known.</summary>
        public LandlordId? Landlord { get; init; }

        /// <summary>Whether what a landlord charges in a cluster by the quote's prices is of this order.</summary>
        public bool IsFor(string quote, LandlordId landlord, ClusterId cluster) => Quote == quote &&
            (Landlord ?? landlord) == landlord && Of.StartsWith($"{cluster}/", StringComparison.Ordinal);

        /// <summary>Whether it takes from a budget; what may be in any cluster takes from that of each.</summary>
        internal bool IsOf(string budget) => budget.Length == 0 || budget == Of ||
            (Of.StartsWith(AnyCluster, StringComparison.Ordinal) &&
                budget.EndsWith(Of[(AnyCluster.Length - 1)..], StringComparison.Ordinal));

        /// <summary>What of a month is not charged yet.</summary>
        internal Money Left(BillingMonth month, Func<Reserved, BillingMonth, Money> charged)
        {
            var left = Money.Sum(Months.Where(one => one.Month == month).Select(one => one.Amount));
            left = left.IsZero ? left : left - charged(this, month);
            return left > Money.Zero ? left : Money.Zero;
        }
    }

    public sealed record Released(string Order, Instant At) : OrderedEvent;
}

/// <summary>
/// What a PI has ordered, by order: one stream for each PI, so that two orders at once cannot both take what is left of
/// a budget. Its stream is 'ordered-ada@bu.edu'.
/// </summary>
public sealed record Ordered(ImmutableSortedDictionary<string, OrderedEvent.Reserved> Open)
{
    public static readonly Fold<Ordered, OrderedEvent> Fold = new(
        "ordered",
        new(ImmutableSortedDictionary.Create<string, OrderedEvent.Reserved>(StringComparer.Ordinal)), Evolve);

    /// <summary>What open orders take of a month.</summary>
    /// <param name="of">'cluster/project'; empty for everything.</param>
    /// <param name="charged">What was charged of an order in the month: it is spent, not ordered.</param>
    public Money In(
        string of, BillingMonth month, Func<OrderedEvent.Reserved, BillingMonth, Money> charged) => Money.Sum(
        from order in Open.Values
        where order.IsOf(of)
        select order.Left(month, charged));

    /// <summary>Spent and ordered come to the budget at most.</summary>
    public static Decision<OrderedEvent> Reserve(
        Ordered ordered, OrderTerms terms, IReadOnlyList<HardLimit> limits,
        Func<OrderedEvent.Reserved, BillingMonth, Money> charged, Instant now) =>
        ordered.Open.ContainsKey(terms.Id) ? []
        : Hold(ordered, new(terms.Id, terms.Quote, terms.BudgetOf, terms.Months, now) { Landlord = terms.Landlord },
            limits, charged);

    /// <summary>
    /// Reserves what an order, an agreement or a bid takes of budgets, in the place of what it took until now: spent
    /// and reserved come to the budget at most, and what takes no more than before is never refused.
    /// </summary>
    /// <param name="what">By months; nothing where it takes nothing any more.</param>
    public static Decision<OrderedEvent> Hold(
        Ordered ordered, OrderedEvent.Reserved what, IReadOnlyList<HardLimit> limits,
        Func<OrderedEvent.Reserved, BillingMonth, Money> charged)
    {
        var (before, rest) = (ordered.Open.GetValueOrDefault(what.Order), new Ordered(ordered.Open.Remove(what.Order)));
        if (before is null ? what.Months.IsEmpty : before.Of == what.Of && before.Months.SequenceEqual(what.Months))
        {
            return [];
        }

        foreach (var limit in limits.Where(limit => what.IsOf(limit.Of)))
        {
            var wanted = what.Left(limit.Month, before is null ? (_, _) => Money.Zero : charged); // New ones have none.
            var others = rest.In(limit.Of, limit.Month, charged);
            if (wanted > (before is not null && before.IsOf(limit.Of) ? before.Left(limit.Month, charged) : Money.Zero)
                && limit.Spent + others + wanted > limit.Budget)
            {
                var of = limit.Of.Length == 0 ? "everything" : limit.Of;
                return new Refusal(
                    "order/over-budget",
                    $"The budget of {limit.Month} for {of} is {limit.Budget}: {limit.Spent} of it are spent and " +
                    $"{others} ordered, so {wanted} more do not fit. Order less, or raise the budget.", what.Order);
            }
        }

        return what.Months.IsEmpty ? [new OrderedEvent.Released(what.Order, what.At)] : [what];
    }

    /// <summary>
    /// What was ordered of a quote is used no longer than until an instant: of each month as much is kept as lies
    /// before, and the rest of the budget is free again.
    /// </summary>
    /// <param name="planned">When it was to be used.</param>
    public static Decision<OrderedEvent> Shorten(
        Ordered ordered, string quote, Period planned, Instant end, Instant now) => new(
        [
            .. from held in ordered.Open.Values
               where held.Quote == quote
               let months = held.Months.Select(of => of with { Amount = Before(of, planned, end) })
                   .Where(of => !of.Amount.IsZero).ToImmutableArray()
               where !months.SequenceEqual(held.Months)
               select months.IsEmpty
                   ? new OrderedEvent.Released(held.Order, now)
                   : (OrderedEvent)(held with { Months = months, At = now }),
        ]);

    /// <summary>By time, and up to a whole cent: nobody knows better how a plan is used.</summary>
    private static Money Before(MonthAmount of, Period planned, Instant end)
    {
        if (planned.Clip(of.Month.Period) is not { IsEmpty: false } whole || end >= whole.End)
        {
            return of.Amount;
        }

        var (used, all) = ((whole.Clip(new(Instant.MinValue, end))?.Length ?? Duration.Zero).BclCompatibleTicks,
            (Int128)whole.Length.BclCompatibleTicks);
        return new((long)(((of.Amount.Cents * (Int128)used) + all - 1) / all));
    }

    public static Decision<OrderedEvent> Release(Ordered ordered, string order, Instant now) =>
        ordered.Open.ContainsKey(order) ? [new OrderedEvent.Released(order, now)] : [];

    private static Ordered Evolve(Ordered ordered, OrderedEvent happened) => happened switch
    {
        OrderedEvent.Reserved e => new(ordered.Open.SetItem(e.Order, e)),
        OrderedEvent.Released e => new(ordered.Open.Remove(e.Order)),
        _ => throw new CorruptStreamException(ordered, happened),
    };
}
