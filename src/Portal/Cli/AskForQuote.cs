using System.CommandLine;
using Exchange.Portal.Commands;
using Exchange.Portal.Names;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>exchange quote — what a plan for a month would cost with every landlord that can serve it.</summary>
internal static class AskForQuote
{
    public static Command Command()
    {
        var plan = new WorkloadOptions();
        var at = Settings.Instant("--at", "At the prices of this instant; now, when it is not given.");
        var project = Settings.Known<ProjectId>(
            "--project", "P", "Whose plan: what they and others use in these months decides tiers.");
        var keep = new KeepOptions();
        return new Command("quote", "Prices a plan for a month at every landlord that can serve it.")
        {
            plan.Machines, plan.Form, plan.VCpu, plan.Ram, plan.Gpus, plan.Gpu, plan.Fpgas, plan.Hours, plan.Storage,
            plan.Egress, at, project, keep.Save, keep.ValidDays, keep.Landlord, keep.Cluster,
        }.Does(async (verb, ct) =>
        {
            var workload = plan.Of(verb);
            await using var exchange = await verb.Open(ct);
            var books = await LoadPriceBooks.Run(exchange.Journal, ct);
            var instant = verb.Get(at) ?? verb.Clock.GetCurrentInstant();
            if (workload.Wrong(Workload.GpuModels(books, instant)) is { } wrong)
            {
                throw new RefusedException(new("quote/usage", wrong.Why, $"--{wrong.Part}"));
            }

            var of = (verb.Get(project), instant);
            return verb.Get(keep.Save)
                ? await Save(verb, exchange, workload.Usage, of, keep, ct)
                : await Show(verb, exchange, books, workload.Usage, of, keep, ct);
        });
    }

    private static async Task<Answer> Show(
        Verb verb, Composition exchange, PriceBooks books, IReadOnlyList<QuotedUsage> usage,
        (ProjectId? Project, Instant At) of, KeepOptions keep, CancellationToken ct)
    {
        var (all, mix) = await Priced(exchange, books, usage, of, ct);
        var isNarrowed = verb.Get(keep.Landlord) is not null || verb.Get(keep.Cluster) is not null;
        var shown = isNarrowed ? Narrowed(all, verb.Get(keep.Landlord), verb.Get(keep.Cluster)) : all;
        var priced = await Funded(exchange, (shown, mix), of, ct);
        List<QuotedOffer> offers = [.. priced.Each().Select(each => QuotedOffer.Of(each.Offer, each.AfterFunds))];
        return new(offers, terminal =>
        {
            Tell(terminal, priced);
            if (mix.Parts.Count > 1 && !isNarrowed)
            {
                terminal.Say($"mixed: {mix.Total}, with " + string.Join(
                    ", ", mix.Parts.Select(part => $"{part.Landlord}, {part.Cluster}: {part.Total}")));
                TellFunds(terminal, priced.MixAfterFunds);
            }
        });
    }

    /// <summary>An offer, and for a project what it comes to after funds.</summary>
    private sealed record QuotedOffer(
        LandlordId Landlord, ClusterId Cluster, Money Total, Money? Avoided, IReadOnlyList<Charge> Charges,
        IReadOnlyList<string> Missing, bool ServesAll, PlanAfterFunds? AfterFunds)
    {
        public static QuotedOffer Of(Offer offer, PlanAfterFunds? afterFunds) => new(
            offer.Landlord, offer.Cluster, offer.Total, offer.Avoided, offer.Charges, offer.Missing, offer.ServesAll,
            afterFunds);
    }

    private static async Task<PricedForProject> Funded(
        Composition exchange, (IReadOnlyList<Offer> Offers, Mix Mix) priced, (ProjectId? Project, Instant At) plan,
        CancellationToken ct)
    {
        if (plan.Project is not { } whose)
        {
            return PricedForProject.Nobody(priced.Offers, priced.Mix);
        }

        var funds = await FundsOfPlans.Read(exchange, null, ct);
        return await PricedForProject.Of(funds, priced.Offers, priced.Mix, whose, plan.At, ct);
    }

    /// <summary>Where and for how long an offer is kept.</summary>
    private sealed record KeepOptions
    {
        public Option<bool> Save { get; } = new("--save")
        {
            Description = "Saves the quote: its prices can be locked by accepting it.",
        };

        public Option<int> ValidDays { get; } = WorkloadOptions.Whole(
            "--valid-days", "How long a saved quote can be accepted.", 14);

        public Option<LandlordId?> Landlord { get; } = Settings.Known<LandlordId>(
            "--landlord", "L", "Only the offers of this landlord; the best of them is what is saved.");

        public Option<ClusterId?> Cluster { get; } = Settings.Known<ClusterId>(
            "--cluster", "C", "Only the offer of this cluster.");
    }

    /// <summary>Everything for whoever asks about nobody; for a project what is offered to it.</summary>
    private static async Task<(IReadOnlyList<Offer> Offers, Mix Mix)> Priced(
        Composition exchange, PriceBooks books, IReadOnlyList<QuotedUsage> usage, (ProjectId? Project, Instant At) of,
        CancellationToken ct) => of.Project is not { } project
        ? await OffersFor.Priced(exchange, books, (usage, of.At), CatalogFor.Everything, null, ct)
        : await OffersFor.Priced(
            exchange, books, (usage, of.At), await CatalogFor.Project(exchange, books, project, of.At, ct),
            await WhatIsUsed.Of(exchange, books, project, of.At, usage.Max(one => one.Length), ct), ct);

    /// <exception cref="RefusedException">Nothing of it is sold there.</exception>
    private static List<Offer> Narrowed(IReadOnlyList<Offer> all, LandlordId? landlord, ClusterId? cluster)
    {
        var there = all.Where(offer => (landlord is null || offer.Landlord == landlord) &&
            (cluster is null || offer.Cluster == cluster)).ToList();
        return there.Count > 0 ? there : throw new RefusedException(new(
            "quote/not-sold", $"{string.Join(' ', new[] { landlord?.Value, cluster?.Value }.OfType<string>())} sells " +
            "nothing of it. Choose another place.", landlord is null ? "--cluster" : "--landlord"));
    }

    private static async Task<Answer> Save(
        Verb verb, Composition exchange, IReadOnlyList<QuotedUsage> usage, (ProjectId? Project, Instant At) of,
        KeepOptions keep, CancellationToken ct)
    {
        if (of.Project is not { } project)
        {
            throw new RefusedException(new(
                "quote/whose", "A quote is saved for somebody. Say for which project: '--project P'.", "--project"));
        }

        var terms = await KeepQuote.Save(
            exchange, new(
                usage, project, verb.Get(keep.Landlord), verb.Get(keep.Cluster), of.At, verb.Get(keep.ValidDays)),
            null, Actors.Local(Verb.By), ct);
        return await QuoteVerbs.Answer(exchange, terms, "open", ct);
    }

    /// <summary>What funds would pay of a plan, and who the rest.</summary>
    public static void TellFunds(Terminal terminal, PlanAfterFunds? after)
    {
        if (after is null)
        {
            return;
        }

        foreach (var fund in after.Funds)
        {
            terminal.Say($"  {fund.Fund} would pay {fund.Amount}, by {fund.Payer}");
        }

        terminal.Say($"  after funds: {after.Owed}" + string.Concat(after.Left.Select(
            left => $"; {left.Payer ?? "nobody who is known"} pays {left.Amount}")) +
            (after.NotBilled.IsZero ? "" : $"; {after.NotBilled} of it is not billed"));
    }

    private static void Tell(Terminal terminal, PricedForProject priced)
    {
        var offers = priced.Offers;
        terminal.Table(
            ["landlord", "cluster", "SKU", "tier", "quantity", "rate", "amount", "sheet"],
            offers.SelectMany(offer => offer.Charges).Select(c => (IReadOnlyList<string>)[
                c.Landlord.Value, c.Cluster.Value, c.Sku.Value, c.Step ?? "",
                $"{Text.Of(decimal.Round(c.Quantity.Amount, 6, MidpointRounding.ToEven))} {c.Quantity.Unit}",
                Text.Of(c.Rate.Amount), c.Amount.ToString(), c.Sheet]));
        foreach (var (offer, after) in priced.Each())
        {
            var avoided = offer.Avoided is { } money ? $"; egress costs nothing, {money} at public list prices" : "";
            terminal.Say($"{offer.Landlord}, {offer.Cluster}: {offer.Total}{avoided}");
            foreach (var why in offer.Missing)
            {
                terminal.Say($"  not in it: {why}");
            }

            TellFunds(terminal, after);
        }

        if (offers.Count == 0)
        {
            terminal.Say("No landlord sells any of this.");
        }
    }
}
