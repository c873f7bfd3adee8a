using System.Collections.Immutable;
using Exchange.Invoicing.Charging;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Offers;
using Exchange.Market.Orders;
using Exchange.Market.Quotes;
using Exchange.Market.Reading;
using Exchange.Portal.Spend;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal;

/// <summary>Places orders with what is known of payers, offers and budgets, and lets each side answer them.</summary>
internal static class OrdersFor
{
    /// <param name="pi">Who orders, when it is the PI.</param>
    /// <exception cref="RefusedException">It may not be ordered.</exception>
    public static Task<OrderTerms> Place(
        Composition exchange, string quoteId, int part, PiId? pi, Actor actor, CancellationToken ct) =>
        Place(exchange, (quoteId, part), (pi, null), actor, ct);

    /// <param name="who">The PI, or who orders in the name of the one whose quote it is; nobody for finance.</param>
    /// <exception cref="RefusedException">It may not be ordered.</exception>
    public static async Task<OrderTerms> Place(
        Composition exchange, (string Quote, int Part) of, (PiId? Pi, LandlordId? Intermediary) who, Actor actor,
        CancellationToken ct)
    {
        var (quoteId, part) = of;
        var quote = (await exchange.Journal.State(SavedQuote.Fold, quoteId, ct)).Terms;
        if (quote is null || part < 0 || part >= quote.Parts.Length || quote.Pi is not { } owner ||
            (who.Pi ?? owner) != owner ||
            (who.Intermediary is { } acting && !await MandatesFor.Allows(exchange, owner, acting, ct)))
        {
            // Another's is not there: nothing of its offers, payers or budgets is looked at before.
            throw new RefusedException(new(
                "quote/unknown",
                $"There is no quote '{quoteId}' that can be ordered. 'exchange quotes list' shows them.", quoteId));
        }

        var (decides, units) = await Demand(exchange, quote, part, ct);
        var (limits, charged) = await BudgetsFor.Read(
            exchange, owner, [.. quote.Parts[part].Lines.Select(line => line.Month).Distinct()], ct);
        return await exchange.Commands.Execute(
            new PlaceOrder(
                new(
                    quoteId, part, who.Intermediary is null ? who.Pi : owner,
                    await PayerOf(exchange, quote, quote.Parts[part], ct), decides, units, limits, charged,
                    await Closed(exchange, ct))
                {
                    Intermediary = who.Intermediary,
                }, actor.Name), actor, ct);
    }

    public static async Task<Order> Answer(
        Composition exchange, string id, OrderAnswer answer, string act,
        Func<Order, NodaTime.Instant, Decision<OrderEvent>> rule, Actor actor) =>
        await exchange.Commands.Execute(
            new AnswerOrder(id, answer, act, rule, await Closed(exchange, CancellationToken.None)), actor,
            CancellationToken.None);

    /// <summary>For which side a viewer answers; null for who only looks.</summary>
    public static OrderAnswer? Of(Viewer viewer) => viewer.Role switch
    {
        Role.Pi => new(Approver.Pi, viewer.Actor, terms => terms.Pi == viewer.Pi),
        Role.Subsidy => new(Approver.Payer, viewer.Actor, terms => terms.Payer == viewer.Payer),
        Role.Landlord or Role.PricesKey => new(
            Approver.Landlord, viewer.Actor, terms => terms.Landlord == viewer.Landlord),
        _ => null,
    };

    /// <summary>What the viewer may see of them, with the names that they may know.</summary>
    public static async Task<IReadOnlyList<OrderRow>> Rows(
        HttpContext http, View view, Composition exchange, OrderQuery query, CancellationToken ct)
    {
        var rows = await OrderList.Run(await view.Connection(ct), query, ct);
        return await Confidential.For(http, exchange, ct) is { } names ? [.. rows.Select(names.Of)] : rows;
    }

    private static async Task<IReadOnlySet<BillingMonth>> Closed(Composition exchange, CancellationToken ct) =>
        (await exchange.Journal.State(Months.Fold, Months.Id, ct)).Closed.Keys.ToHashSet();

    /// <returns>Whether the landlord decides on one of the offers, and what is wanted of each at a time.</returns>
    private static async Task<(bool Decides, ImmutableArray<UnitsOfOffer> Units)> Demand(
        Composition exchange, QuoteTerms quote, int part, CancellationToken ct)
    {
        var (of, decides) = (quote.Parts[part], false);
        var units = ImmutableArray.CreateBuilder<UnitsOfOffer>();
        var sheets = (await exchange.Prices.Get(ct)).List();
        foreach (var line in of.Lines.DistinctBy(line => line.Sku))
        {
            var offer = new OfferName(line.Sheet.Split('/')[1], line.Sku);
            var may = await OffersFor.MayHave(exchange, of.Landlord, offer, (of.Cluster, quote.Project), 0, ct);
            var kinds = sheets.Where(sheet => sheet.Published.Id == line.Sheet).SelectMany(sheet => sheet.Sheet.Skus)
                .Where(sku => sku.Id == line.Sku).SelectMany(sku => sku.Match).SelectMany(match => match.Kinds)
                .ToList();
            units.Add(new(offer, of.Usage.Where(usage => usage.Meter is null &&
                (kinds.Count == 0 || kinds.Contains(usage.Kind))).Sum(usage => (decimal)usage.Resources)));
            decides |= may.NeedsApproval;
            if (!may.IsAllowed)
            {
                throw new RefusedException(new(may.Code, may.Why, quote.Id));
            }
        }

        return (decides, units.DrainToImmutable());
    }

    /// <summary>Who subsidizes the PI, and so has a say; the first of several.</summary>
    private static async Task<string?> PayerOf(
        Composition exchange, QuoteTerms quote, QuotePart part, CancellationToken ct)
    {
        var (pi, month) = (quote.Pi!.Value, BillingMonth.Of(quote.Period.Start));
        var owner = (await RatingNow.Read(exchange.Sources, ct)).Attribution.Of(
            part.Cluster, quote.Project, quote.Period.Start);
        foreach (var programme in exchange.Programmes.Where(one => one.Kind == ProgrammeKind.Subsidy))
        {
            var fund = await exchange.Journal.State(Fund.Fold, programme.Id, ct);
            if (fund.Subsidizes(programme, pi, owner.Institution, month, exchange.Institutions))
            {
                return programme.PayerIn(month);
            }
        }

        return null;
    }
}
