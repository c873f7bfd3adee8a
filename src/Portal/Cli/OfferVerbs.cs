using System.CommandLine;
using Exchange.Market.Commands;
using Exchange.Market.Offers;
using Exchange.Portal.Commands;
using Exchange.Portal.Names;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>exchange offers list | draft | publish | pause | retire | check — what is offered to whom.</summary>
internal static class OfferVerbs
{
    public static Command Command() => new("offers", "Shows what is offered, and on what terms.")
    {
        List(), Draft(),
        Change("publish", "Publishes the draft of an offer, or one that was paused.", null,
            (offers, of, _) => LandlordOffers.Publish(offers, of.Offer, of.Known, of.Who)),
        Change("pause", "Offers a SKU to nobody new until it is published again.", "Why; customers see it.",
            (offers, of, because) => LandlordOffers.Pause(offers, of.Offer, because, of.Known, of.Who)),
        Change("retire", "Offers a SKU to nobody new ever; what runs is priced as before.", "Why; customers see it.",
            (offers, of, because) => LandlordOffers.Retire(offers, of.Offer, because, of.Known, of.Who)),
        Check(),
    };

    private sealed record About(OfferName Offer, IReadOnlySet<OfferName> Known, (string By, Instant At) Who);

    private static Command List()
    {
        var landlord = Settings.Known<LandlordId>("--landlord", "L", "Only what this landlord offers.");
        var search = new Option<string?>("--search")
        {
            Description = "Only what has this in its SKU, service or kind.",
            HelpName = "TEXT",
        };
        return new Command("list", "Lists every SKU with its price, its terms and public prices beside it.")
        {
            landlord, search,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var items = (await CatalogFor.All(exchange, new(null, true, [], null), ct))
                .Where(item => (verb.Get(landlord) ?? item.Landlord) == item.Landlord)
                .Where(item => OffersFor.Finds(item, verb.Get(search))).ToList();
            return new(items, terminal => terminal.Table(
                ["landlord", "service", "SKU", "price", "unit", "for", "approval", "state", "of public prices"],
                items.Select(item => (IReadOnlyList<string>)[
                    item.Landlord.Value, item.Service, item.Sku.Value, Text.Of(item.Rate.Amount), $"{item.Rate.Per}",
                    $"{item.Terms.Audience}", item.Terms.NeedsApproval ? "yes" : "no", item.State,
                    string.Join(", ", item.Public.Select(one => $"{one.Provider} {Text.Of(one.Share * 100)} %"))])));
        });
    }

    private static Command Draft()
    {
        var (landlord, service, sku) = Of();
        var institution = Many("--institution", "Only for people of this institution; may be given again.");
        var project = Many("--project", "Only for this project; may be given again.");
        var capacity = new Option<decimal?>("--capacity")
        {
            Description = "How many units there are at a time.",
            HelpName = "N",
        };
        var notice = new Option<int>("--notice-days")
        {
            Description = "Days before somebody has to ask.",
            HelpName = "N",
        };
        var approval = new Option<bool>("--approval") { Description = "Each request is decided on by the landlord." };
        var level = new Option<string?>("--level") { Description = "The service level, in words.", HelpName = "TEXT" };
        return new Command("draft", "Prepares the terms of an offer; they hold once they are published.")
        {
            landlord, service, sku, institution, project, capacity, notice, approval, level,
        }.Does(async (verb, ct) =>
        {
            var terms = new OfferTerms(
                new(
                    [.. verb.Get(institution).Order(StringComparer.Ordinal)],
                    [.. verb.Get(project).Order(StringComparer.Ordinal).Select(one => new ProjectId(Name.Of(one)))]),
                verb.Get(capacity), verb.Get(notice), verb.Get(approval), verb.Get(level));
            return await Run(verb, (verb.Get(landlord), new(verb.Get(service), verb.Get(sku))), "draft offer",
                (offers, of) => LandlordOffers.Draft(offers, of.Offer, terms, of.Known, of.Who), ct);
        });
    }

    private static Command Change(
        string name, string what, string? reason, Func<LandlordOffers, About, string, Decision<OfferEvent>> rule)
    {
        var (landlord, service, sku) = Of();
        var because = new Option<string>("--because")
        {
            Description = reason ?? "",
            HelpName = "TEXT",
            Required = true,
        };
        var command = new Command(name, what) { landlord, service, sku };
        if (reason is not null)
        {
            command.Add(because);
        }

        return command.Does((verb, ct) => Run(
            verb, (verb.Get(landlord), new(verb.Get(service), verb.Get(sku))), $"{name} offer",
            (offers, of) => rule(offers, of, reason is null ? "" : verb.Get(because)), ct));
    }

    private static async Task<Answer> Run(
        Verb verb, (LandlordId Landlord, OfferName Name) offer, string act,
        Func<LandlordOffers, About, Decision<OfferEvent>> rule, CancellationToken ct)
    {
        await using var exchange = await verb.Open(ct);
        var known = Catalog.Sold(
            await LoadPriceBooks.Run(exchange.Journal, ct), offer.Landlord, verb.Clock.GetCurrentInstant());
        var now = await exchange.Commands.Execute(
            new ChangeOffer(
                offer.Landlord, offer.Name, act, (offers, at) => rule(offers, new(offer.Name, known, (Verb.By, at)))),
            Actors.Local(Verb.By), ct);
        return new(new { id = $"{offer.Landlord}/{offer.Name}", offer = now }, terminal => terminal.Say(
            $"{offer.Landlord}/{offer.Name} is {now.State.ToString().ToLowerInvariant()} for {now.Terms.Audience}" +
            (now.Draft is { } draft ? $"; a draft is for {draft.Audience}" : "") + "."));
    }

    private static Command Check()
    {
        var (landlord, service, sku) = Of();
        var project = Settings.KnownNeeded<ProjectId>("--project", "P", "Which project.");
        var quantity = new Option<decimal>("--quantity") { Description = "How many units at a time.", HelpName = "N" };
        return new Command("check", "Says whether a project may have something; exit code 1 when not.")
        {
            landlord, service, sku, project, quantity,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var may = await OffersFor.MayHave(
                exchange, verb.Get(landlord), new(verb.Get(service), verb.Get(sku)), (null, verb.Get(project)),
                verb.Get(quantity), ct);
            return new(may, terminal => terminal.Say(may.Why), may.IsAllowed ? ExitCode.Done : ExitCode.Refused);
        });
    }

    private static (Argument<LandlordId> Landlord, Argument<string> Service, Argument<SkuId> Sku) Of() => (
        new("landlord") { Description = "Who offers it.", CustomParser = Settings.Parsed<LandlordId> },
        new("service") { Description = "The service, as its price sheet names it." },
        new("sku") { Description = "The SKU, as its price sheet names it.", CustomParser = Settings.Parsed<SkuId> });

    private static Option<string[]> Many(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "NAME",
        DefaultValueFactory = _ => [],
    };
}
