using System.Collections.Immutable;
using Exchange.Journal;
using Exchange.Market.Mandates;
using Exchange.Market.Offers;
using Exchange.Market.Orders;
using Exchange.Market.Quotes;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>What somebody orders, and what was found out about it.</summary>
/// <param name="Pi">Who orders, when it is the PI; null for finance and programs.</param>
/// <param name="Payer">Who subsidizes the PI.</param>
/// <param name="LandlordDecides">For each place of the quote, whether its landlord decides on requests.</param>
/// <param name="Units">What it takes of offers at a time.</param>
/// <param name="Charged">What was charged of an order in a month.</param>
public sealed record OrderToPlace(
    string Quote, int Part, PiId? Pi, string? Payer, bool LandlordDecides, ImmutableArray<UnitsOfOffer> Units,
    IReadOnlyList<HardLimit> Limits, Func<OrderedEvent.Reserved, BillingMonth, Money> Charged,
    IReadOnlySet<BillingMonth> Closed)
{
    /// <summary>Who orders in the name of the PI; null where nobody stands between.</summary>
    public LandlordId? Intermediary { get; init; }
}

/// <summary>'exchange orders place QUOTE' — asks for what was quoted, and reserves its budget.</summary>
public sealed class PlaceOrder(OrderToPlace asked, string by) : ICommand<OrderTerms>
{
    public string Act => "place order";
    public string Target => asked.Quote;
    public string Permission => MarketPermissions.PlaceOrders;

    public async Task<OrderTerms> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var quote = await work.State(SavedQuote.Fold, asked.Quote, ct);
        var terms = await Terms(work, quote, now, ct);
        var ordered = await work.State(Ordered.Fold, terms.Pi, ct);
        var accepted = AcceptQuote.Held(quote.Needed(), asked.Part); // What it holds is the order's from now on.
        RefuseTwice(ordered, terms, accepted.Order);
        var freed = Ordered.Release(ordered, accepted.Order, now).OrThrow();
        var reserved = Ordered.Reserve(
            freed.Aggregate(ordered, Ordered.Fold.Evolve), terms, asked.Limits, asked.Charged, now).OrThrow();
        var offers = await work.State(LandlordOffers.Fold, terms.Landlord, ct);
        var held = Supplied.Hold(
            await work.State(Supplied.Fold, terms.Landlord, ct),
            new(terms.Id, terms.Quote, terms.Period, asked.Units, now),
            offer => offers.Of(offer).Terms.Capacity).OrThrow();
        var order = new List<OrderEvent> { new OrderEvent.Placed(terms, by, now) };
        if (terms.Needs.IsEmpty || (asked.Pi is not null && terms.Needs.Contains(Approver.Pi)))
        {
            order.AddRange(Order.Approve(Order.Fold.Of(order), Approver.Pi, by, now).OrThrow());
        }

        work.Append(Ordered.Fold.StreamOf(terms.Pi), freed.Concat(reserved));
        work.Append(Supplied.Fold.StreamOf(terms.Landlord), held);
        work.Append(Order.Fold.StreamOf(terms.Id), order);
        if (asked.Intermediary is { } acting)
        {
            _ = await work.State(ActedFor.Fold, acting, ct);
            work.Append<ActedEvent>(
                ActedFor.Fold.StreamOf(acting),
                [new ActedEvent.Placed(terms.Id, terms.Quote, terms.Pi, by, now)]);
        }

        if (Order.Fold.Of(order).State == OrderState.Approved)
        {
            await LockPrices.Of(work, terms.Quote, by, asked.Closed, now, ct);
        }

        return terms;
    }

    private static void RefuseTwice(Ordered ordered, OrderTerms terms, string accepted)
    {
        if (ordered.Open.Values.FirstOrDefault(open => open.Order != accepted &&
            open.IsFor(terms.Quote, terms.Landlord, terms.Cluster)) is { } before)
        {
            throw new RefusedException(new(
                "order/twice", $"{terms.Quote} was ordered already, as {before.Order}.", before.Order));
        }
    }

    /// <summary>What is of somebody for whom an intermediary does not act is not there for it.</summary>
    private async Task<bool> MayAct(UnitOfWork work, QuoteTerms terms, Instant now, CancellationToken ct) =>
        asked.Intermediary is not { } intermediary || (terms.Pi is { } pi &&
            (await work.State(MandateBook.Fold, MandateBook.Id, ct)).Allows(pi, intermediary, now));

    private async Task<OrderTerms> Terms(UnitOfWork work, SavedQuote quote, Instant now, CancellationToken ct)
    {
        if (quote.Terms is not { } terms || (asked.Pi is { } only && terms.Pi != only) ||
            asked.Part < 0 || asked.Part >= terms.Parts.Length || !await MayAct(work, terms, now, ct))
        {
            throw new RefusedException(new(
                "quote/unknown", $"There is no quote '{asked.Quote}' with such a place. 'exchange quotes list' shows " +
                "them.", asked.Quote));
        }

        if (quote.StateAt(now) is "lapsed" or "ended" || terms.Pi is not { } pi)
        {
            throw new RefusedException(new(
                "quote/lapsed", terms.Pi is null
                    ? $"Nobody answers for {terms.Project}, so nobody can order for it. Import the project first."
                    : $"{terms.Id} is {quote.StateAt(now)}. Ask for a new quote.", terms.Id));
        }

        var part = terms.Parts[asked.Part];
        var id = await NewId.Draw("O", $"{by} {terms.Id} {asked.Part}", now, async one =>
            (await work.State(Order.Fold, one, ct)).Terms is null);
        return new(
            id, terms.Id, asked.Part, part.Landlord, part.Cluster, terms.Project, pi, asked.Payer, terms.Period,
            part.Total,
            AcceptQuote.Months(part),
            [
                Approver.Pi, .. asked.Payer is null ? Array.Empty<Approver>() : [Approver.Payer],
                .. asked.LandlordDecides ? [Approver.Landlord] : Array.Empty<Approver>(),
            ]);
    }
}
