using Exchange.Invoicing.Charging;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Quotes;
using Exchange.Portal.Names;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>A plan that is to be kept as a quote, and where.</summary>
/// <param name="Landlord">With its cluster; the best mix where both are null.</param>
internal sealed record PlanToKeep(
    IReadOnlyList<QuotedUsage> Usage, ProjectId Project, LandlordId? Landlord, ClusterId? Cluster, Instant At,
    int ValidDays);

/// <summary>Prices a plan for a project, and keeps what came of it as a quote; makes a quote an agreement.</summary>
internal static class KeepQuote
{
    /// <param name="pi">Who asks, when it is a PI: for their own projects only.</param>
    /// <param name="intermediary">Who asks in the name of the PI.</param>
    /// <exception cref="RefusedException">It cannot be quoted, or is not theirs.</exception>
    public static async Task<QuoteTerms> Save(
        Composition exchange, PlanToKeep plan, PiId? pi, Actor actor, CancellationToken ct,
        LandlordId? intermediary = null)
    {
        if (intermediary is { } acting)
        {
            await MandatesFor.Check(exchange, acting, plan.Project, plan.At, ct);
        }

        var books = await exchange.Prices.Get(ct);
        var used = await WhatIsUsed.Of(
            exchange, books, plan.Project, plan.At, plan.Usage.Max(one => one.Length), ct);
        var whose = used with
        {
            IsOffered = await OffersFor.Sees(
                exchange, books, await CatalogFor.Project(exchange, books, plan.Project, plan.At, ct), ct),
        };
        var offers = Offers(books, plan, whose);
        var rating = await RatingNow.Read(exchange.Sources, ct);
        var owners = offers.Select(offer => rating.Attribution.Of(offer.Cluster, plan.Project, plan.At).Pi).ToList();
        if (intermediary is { } broker && owners.Distinct().Count() != 1)
        {
            throw new RefusedException(MandatesFor.None(broker, plan.Project)); // A part of it is another's.
        }

        DemandApart(exchange, offers);
        await OffersFor.Demand(exchange, offers.SelectMany(offer => offer.Charges), plan.Project, ct);
        var places = string.Join(", ", offers.Select(offer => offer.Cluster));
        if (pi is { } only && owners.Exists(owner => owner != only))
        {
            throw new RefusedException(new(
                "quote/not-yours", $"'{plan.Project}' in {places} is not a project of yours. " +
                "Choose one that is.", "project"));
        }

        var asked = new QuoteToSave(
            books, whose, owners.FirstOrDefault(owner => owner is not null), offers, plan.At, plan.ValidDays)
        {
            Intermediary = intermediary,
        };
        return await exchange.Commands.Execute(new SaveQuote(asked, actor.Name), actor, ct);
    }

    public static async Task<QuoteTerms> Accept(
        Composition exchange, string id, PiId? pi, Actor actor, CancellationToken ct)
    {
        var months = await exchange.Journal.State(Months.Fold, Months.Id, ct);
        var quote = (await exchange.Journal.State(SavedQuote.Fold, id, ct)).Terms;
        var known = quote?.Pi is { } owner && (pi ?? owner) == owner
            ? await BudgetsFor.Read(
                exchange, owner,
                [.. quote.Parts.SelectMany(part => part.Lines).Select(line => line.Month).Distinct()], ct)
            : null;
        return await exchange.Commands.Execute(
            new AcceptQuote(id, pi, actor.Name, months.Closed.Keys.ToHashSet(), known), actor, ct);
    }

    /// <summary>A quote has one number: by it two landlords would know that they have the same customer.</summary>
    private static void DemandApart(Composition exchange, IReadOnlyList<Offer> offers)
    {
        if (offers.Select(offer => offer.Landlord).Distinct().Count() > 1 &&
            offers.FirstOrDefault(offer => exchange.Landlords.HidesCustomers(offer.Landlord)) is { } hidden)
        {
            throw new RefusedException(new(
                "quote/apart", $"{hidden.Landlord} may not know its customers, and one quote over several landlords " +
                "would tell them that they have the same. Save a quote for each place.", "landlord"));
        }
    }

    private static IReadOnlyList<Offer> Offers(PriceBooks books, PlanToKeep plan, QuoteFor whose)
    {
        if (plan is { Landlord: null, Cluster: null })
        {
            var mix = Quote.Best(books, plan.Usage, plan.At, whose: whose);
            return mix.Missing.Count == 0 ? mix.Parts : throw new RefusedException(new(
                "quote/not-sold", $"{mix.Missing[0]} Plan it otherwise.", "usage"));
        }

        return Quote.Of(books, plan.Usage, plan.At, whose: whose).FirstOrDefault(
            offer => (plan.Landlord is null || offer.Landlord == plan.Landlord) &&
                (plan.Cluster is null || offer.Cluster == plan.Cluster)) is { } found
            ? [found]
            : throw new RefusedException(new(
                "quote/not-sold", $"{plan.Landlord} {plan.Cluster} sells nothing of it. Choose another place.",
                "landlord"));
    }
}
