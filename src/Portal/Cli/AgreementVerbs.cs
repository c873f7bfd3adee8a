using System.Collections.Immutable;
using System.CommandLine;
using Exchange.Market.Commands;
using Exchange.Market.Deals;
using Exchange.Portal.Commands;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>
/// exchange agreements reserve | commit | calendar | accept | decline | extend | transfer | reprice | shorten — what a
/// landlord and a customer agree on, and what both say of it later.
/// </summary>
internal static class AgreementVerbs
{
    public static IEnumerable<Command> All() =>
    [
        Calendar(), Reserve(), Commit(),
        Answer("accept", "Accepts what the other side proposed.", [], (of, _, deal) =>
            AgreementDeal.Accept(deal, of.Side, of.By, of.Now)),
        Answer("decline", "Says no to what is proposed, or takes it back.", [Because], (of, verb, deal) =>
            AgreementDeal.Decline(deal, of.Side, verb.Get(Because), of.By, of.Now)),
        Answer("extend", "Proposes that an agreement holds longer.", [Until], (of, verb, deal) =>
            Change(deal, new(DealChangeKind.Extend, verb.Get(Until)!.Value), of)),
        Answer("shorten", "Proposes that a reservation or commitment ends before its time.", [From],
            (of, verb, deal) => Change(deal, new(DealChangeKind.End, verb.Get(From)!.Value), of)),
        Answer("transfer", "Proposes that another project holds and pays it.", [From, To], (of, verb, deal) =>
            Change(deal, new(DealChangeKind.Transfer, verb.Get(From)!.Value) { Project = verb.Get(To) }, of)),
        Answer("reprice", "Proposes another price of a unit.", [From, Rate, OfSku], (of, verb, deal) => Change(
            deal, new(DealChangeKind.Reprice, verb.Get(From)!.Value)
            {
                Rate = verb.Get(Rate),
                Sku = verb.Get(OfSku),
            }, of)),
    ];

    private sealed record About(DealSide Side, string By, Instant Now);

    private static Option<string> Because { get; } =
        new("--because") { Description = "Why; the other side sees it.", HelpName = "TEXT", Required = true };

    private static Option<decimal> Rate { get; } = new("--rate")
    {
        Description = "Dollars a unit of the SKU.",
        HelpName = "N",
        Required = true,
    };

    private static Option<SkuId?> OfSku { get; } =
        Settings.Value<SkuId>("--sku", "S", "Of locked prices, which of them.");

    private static Option<ProjectId> To { get; } =
        Settings.Needed<ProjectId>("--project", "P", "Which project holds it.");

    private static Option<Instant?> From { get; } = Required("--from", "From when on.");

    private static Option<Instant?> Until { get; } = Required("--until", "Until when.");

    private static Command Calendar() => new Command(
        "calendar", "Lists reservations, commitments and locked prices by their beginning.").Does(
        async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var rows = await DealsFor.Rows(exchange, null, ct);
            return new(rows, terminal => terminal.Table(
                ["id", "kind", "landlord", "cluster", "project", "what", "rate", "from", "until", "state", "asked"],
                rows.Select(row => (IReadOnlyList<string>)[
                    row.Id, row.Kind, row.Landlord.Value, row.Cluster.Value, row.Holder.Value, row.What, row.Rate,
                    Text.Of(row.From), Text.Of(row.Until), row.State, row.Asked])));
        });

    private static Command Reserve()
    {
        var count = Number("--count", "How many units at each moment.");
        count.Required = true;
        return Propose(
            "reserve", "Proposes a reservation: paid used or not, and what is used beyond it at list.", [count],
            verb => (StandingKind.Reservation, verb.Get(count)!.Value, false));
    }

    private static Command Commit()
    {
        var (quantity, spend) = (
            Number("--quantity", "Units a month that are taken at least."),
            Number("--spend", "Dollars a month that are spent at least; one of the two."));
        return Propose(
            "commit", "Proposes a commitment for whole months at a price of its own.", [quantity, spend], verb =>
                (verb.Get(quantity), verb.Get(spend)) switch
                {
                    ({ } units, null) => (StandingKind.Commitment, units, false),
                    (null, { } dollars) => (StandingKind.Commitment, dollars, true),
                    _ => throw new RefusedException(new(
                        "agreement/wrong", "Say either how much is taken a month, or how much is spent.",
                        "--quantity")),
                });
    }

    private static Command Propose(
        string name, string what, ImmutableArray<Option> options,
        Func<Verb, (StandingKind Kind, decimal Amount, bool IsSpend)> amount)
    {
        var (landlord, cluster, sku, side) = (
            Settings.KnownNeeded<LandlordId>("--landlord", "L", "Who sells it."),
            Settings.Needed<ClusterId>("--cluster", "C", "Where it is used."),
            Settings.Needed<SkuId>("--sku", "S", "Which SKU of the landlord's sheets."), Side());
        var command = new Command(name, what) { landlord, cluster, sku, To, From, Until, Rate, side };
        foreach (var option in options)
        {
            command.Add(option);
        }

        return command.Does(async (verb, ct) =>
        {
            var (from, until) = (verb.Get(From)!.Value, verb.Get(Until)!.Value);
            if (from >= until)
            {
                throw new RefusedException(new("agreement/wrong", "An agreement ends after it begins.", "--until"));
            }

            var asked = amount(verb);
            var terms = new StandingAgreement(
                "", asked.Kind, verb.Get(landlord), verb.Get(cluster), verb.Get(sku), [new(verb.Get(To), from)],
                new(from, until), asked.Amount, verb.Get(Rate))
            {
                IsSpend = asked.IsSpend,
            };
            await using var exchange = await verb.Open(ct);
            return Tell(await DealsFor.Propose(
                exchange, terms, new(verb.Get(side), Verb.By, _ => true), Actors.Local(Verb.By), ct));
        });
    }

    private static Command Answer(
        string name, string what, ImmutableArray<Option> options,
        Func<About, Verb, AgreementDeal, Decision<DealEvent>> rule)
    {
        var id = new Argument<string>("id") { Description = "The number of the agreement, as R-7F3K2M9Q." };
        var (side, landlord) = (
            Side(), Settings.Known<LandlordId>("--landlord", "L", "Of locked prices of several landlords, whose."));
        var command = new Command(name, what) { id, side, landlord };
        foreach (var option in options)
        {
            command.Add(option);
        }

        return command.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var speaker = new DealSpeaker(verb.Get(side), Verb.By, _ => true);
            return Tell(await DealsFor.Answer(
                exchange, (verb.Get(id), verb.Get(landlord)), speaker, $"{name} agreement",
                (deal, now) => rule(new(speaker.Side, Verb.By, now), verb, deal), Actors.Local(Verb.By), ct));
        });
    }

    private static Decision<DealEvent> Change(AgreementDeal deal, DealChange change, About of) =>
        AgreementDeal.Propose(deal, change, of.Side, of.By, of.Now);

    private static Answer Tell(AgreementDeal deal) => new(
        new { id = deal.Id, agreement = deal.Terms, state = deal.State, waits = deal.Pending?.Change?.Words },
        terminal => terminal.Say($"{deal.Id}{(deal.Terms is { } terms ? $", {DealsFor.Words(terms)}," : "")} is " +
            deal.State + (deal.Pending is { } pending
                ? $"; it waits for the {(pending.Side == DealSide.Landlord ? "customer" : "landlord")}." : ".")));

    private static Option<Instant?> Required(string name, string what)
    {
        var option = Settings.Instant(name, what);
        option.Required = true;
        return option;
    }

    private static Option<decimal?> Number(string name, string what) =>
        new(name) { Description = what, HelpName = "N" };

    private static Option<DealSide> Side() => new("--for")
    {
        Description = "For which side: landlord or customer.",
        HelpName = "SIDE",
        Required = true,
    };
}
