using System.Globalization;
using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Deals;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;
using ClosedMonths = Exchange.Invoicing.Kept.Months;

namespace Exchange.Portal;

/// <summary>
/// Reservations, commitments and locked prices that both sides may change, for whoever asks: a landlord's own, those of
/// a PI's projects, all for finance.
/// </summary>
internal static class DealsFor
{
    /// <summary>An agreement as it stands: what is agreed by now, else as it was proposed.</summary>
    private sealed record Standing(
        string Key, AgreementDeal Deal, DealOf Of, IReadOnlyList<LeaseHolder> Holders, StandingAgreement? Terms,
        IReadOnlyList<PriceLock> Locks);

    /// <param name="viewer">Null at the command line, where whoever has the machine sees all.</param>
    public static async Task<IReadOnlyList<DealRow>> Rows(
        Composition exchange, Viewer? viewer, CancellationToken ct)
    {
        var parties = viewer is null ? null : await DealParties.Of(exchange, viewer, ct);
        var now = exchange.Clock.GetCurrentInstant();
        return
        [
            .. from one in await All(exchange, ct)
               where parties is null || parties.Sees(one.Of, one.Holders)
               orderby one.Of.Period.Start, one.Key
               select Row(one, now),
        ];
    }

    /// <summary>One of them; null for whoever is not a party, as if it were not there.</summary>
    public static async Task<DealDetails?> Find(
        Composition exchange, Viewer viewer, string id, LandlordId? landlord, CancellationToken ct)
    {
        var parties = await DealParties.Of(exchange, viewer, ct);
        if (await One(exchange, id, landlord, ct) is not { } one || !parties.Sees(one.Of, one.Holders))
        {
            return null;
        }

        var on = new Dictionary<DealSide, bool>
        {
            [DealSide.Landlord] = parties.IsOn(one.Of, DealSide.Landlord),
            [DealSide.Customer] = parties.IsOn(one.Of, DealSide.Customer),
        };
        return new(
            Row(one, exchange.Clock.GetCurrentInstant()),
            [
                .. one.Deal.Said.Select(step => new DealSaid(
                    step.At, SideOf(step.Side), viewer.Sees == "money" || on[step.Side] ? step.By : "", step.What,
                    step.Why)),
            ],
            one.Terms is { } terms && one.Deal.IsAgreed
                ? await DealMoney.Of(exchange, terms, parties.Theirs(one.Of), ct) : [],
            on[DealSide.Landlord], on[DealSide.Customer]);
    }

    /// <summary>What was said of it so far, for edits; null for whoever is not a party.</summary>
    public static async Task<ETag?> Edition(
        Composition exchange, Viewer viewer, string id, LandlordId? landlord, CancellationToken ct) =>
        await One(exchange, id, landlord, ct) is { } one &&
            (await DealParties.Of(exchange, viewer, ct)).Sees(one.Of, one.Holders)
            ? new([
                new("agreement", "", one.Of.Period.Start),
                .. one.Deal.Said.Select(step => new Change(
                    $"agreement {step.What}", $"the {SideOf(step.Side)}", step.At)),
            ])
            : null;

    /// <summary>For the side on which the viewer is.</summary>
    /// <param name="side">Where a program says for which; else the one that its viewer is on.</param>
    /// <exception cref="RefusedException">It is not there, not theirs, or may not be.</exception>
    public static async Task<AgreementDeal> Say(
        Composition exchange, Viewer viewer, (string Id, LandlordId? Landlord) of, DealWord word, DealSide? side,
        Actor actor, CancellationToken ct)
    {
        var parties = await DealParties.Of(exchange, viewer, ct);
        var one = await One(exchange, of.Id, of.Landlord, ct)
            ?? throw new RefusedException(AgreementDeal.Unknown(of.Id));
        var speaks = side ?? word.SideOf(one.Deal, on => parties.IsOn(one.Of, on));
        if (!parties.IsOn(one.Of, speaks))
        {
            throw new RefusedException(new("agreement/not-yours", $"The {SideOf(speaks)} alone can do that.", of.Id));
        }

        // Whoever pays has said so: another PI by agreeing on something of their own.
        if (word is { Act: "transfer", Project: { } to } && viewer.Role != Role.FinanceKey &&
            !parties.IsOfSamePi(one.Of, to))
        {
            throw new RefusedException(new(
                "agreement/not-yours", $"'{to}' is not a project of the PI who holds it. Transfer it to one that is; " +
                "another PI agrees with the landlord.", of.Id));
        }

        return await Answer(
            exchange, of, new(speaks, viewer.Actor, whose => parties.IsOn(whose, speaks)), $"{word.Act} agreement",
            (before, now) => word.Rule(before, speaks, viewer.Actor, now), actor, ct);
    }

    public static async Task<AgreementDeal> Answer(
        Composition exchange, (string Id, LandlordId? Landlord) of, DealSpeaker speaker, string act,
        Func<AgreementDeal, Instant, Decision<DealEvent>> rule, Actor actor, CancellationToken ct) =>
        await exchange.Commands.Execute(
            new AnswerDeal(await Whose(exchange, of, ct), speaker, act, rule, await Beside(exchange, ct)), actor, ct);

    public static async Task<AgreementDeal> Propose(
        Composition exchange, StandingAgreement terms, DealSpeaker speaker, Actor actor, CancellationToken ct) =>
        await exchange.Commands.Execute(new ProposeDeal(terms, speaker, await Beside(exchange, ct)), actor, ct);

    /// <summary>'10 of gpu-a100 from … until …', with what a unit costs.</summary>
    public static string Words(StandingAgreement terms) =>
        $"{terms.Words} from {Exchange.Text.Of(terms.Period.Start)} until {Exchange.Text.Of(terms.Period.End)} at " +
        RateOf(terms);

    private static async Task<DealStanding> Beside(Composition exchange, CancellationToken ct) => new(
        await exchange.Prices.Get(ct),
        (await exchange.Journal.State(ClosedMonths.Fold, ClosedMonths.Id, ct)).Closed.Keys.ToHashSet(),
        await BudgetsFor.Keeper(exchange, ct));

    /// <summary>Locked prices of one landlord need not say whose they are.</summary>
    private static async Task<(string Id, LandlordId? Landlord)> Whose(
        Composition exchange, (string Id, LandlordId? Landlord) of, CancellationToken ct) =>
        Charge.IsStanding(of.Id) ? (of.Id, null)
        : of.Landlord is null && (await exchange.Prices.Get(ct)).Agreements.Locks.Where(one => one.Id == of.Id)
            .Select(one => one.Landlord).Distinct().ToList() is [var only]
            ? (of.Id, only)
        : of;

    private static async Task<Standing?> One(
        Composition exchange, string id, LandlordId? landlord, CancellationToken ct)
    {
        var (of, whose) = await Whose(exchange, (id, landlord), ct);
        var key = DealBook.Key(of, whose);
        return (await All(exchange, ct)).FirstOrDefault(one => one.Key == key);
    }

    private static async Task<IReadOnlyList<Standing>> All(Composition exchange, CancellationToken ct)
    {
        var agreed = (await exchange.Prices.Get(ct)).Agreements;
        var book = await exchange.Journal.State(DealBook.Fold, DealBook.Id, ct);
        var standing = book.All.Where(one => one.Value.Terms is not null).Select(one =>
        {
            var terms = Reserving.Find(agreed, one.Key) ?? one.Value.Needed();
            return new Standing(
                one.Key, one.Value, new(terms.Landlord, terms.Cluster, terms.Holder, terms.Period), terms.Holders,
                terms, []);
        });
        var locks = agreed.Locks.GroupBy(one => (one.Id, one.Landlord)).Select(of =>
        {
            var (key, first) = (DealBook.Key(of.Key.Id, of.Key.Landlord), of.First());
            var deal = book.Of(key);
            return new Standing(
                key, deal.Id is null ? deal with { IsAgreed = true } : deal,
                new(first.Landlord, first.Cluster, first.Project, new(
                    of.Min(one => one.Period.Start), of.Max(one => one.Period.End))),
                [new(first.Project, first.Period.Start)], null, [.. of]);
        });
        return [.. standing.Concat(locks)];
    }

    private static DealRow Row(Standing one, Instant now) => new(
        one.Terms?.Id ?? one.Locks[0].Id,
        one.Terms is { } terms ? terms.Kind.ToString().ToLowerInvariant() : "price lock",
        one.Of.Landlord, one.Of.Cluster, one.Of.Project,
        one.Terms?.Words ?? $"prices of {string.Join(", ", one.Locks.SelectMany(of => of.Skus).Distinct())}",
        one.Terms is { } rated ? RateOf(rated) : string.Join(", ", one.Locks.SelectMany(of => of.Repriced).Distinct()
            .Select(of => $"{of.Sku} {Exchange.Text.Of(of.Rate)} from {Exchange.Text.Of(of.From)}")
            .DefaultIfEmpty("as quoted")),
        one.Of.Period.Start, one.Of.Period.End,
        one.Deal.IsAgreed && one.Of.Period.End <= now ? "over" : one.Deal.State,
        one.Deal.Pending is { } pending
            ? $"{SideOf(pending.Side == DealSide.Landlord ? DealSide.Customer : DealSide.Landlord)}: " +
                (pending.Change?.Words ?? "agree")
            : "", one.Deal.Because ?? "", (one.Deal.Said.Length + 1).ToString(CultureInfo.InvariantCulture));

    private static string RateOf(StandingAgreement terms) => Exchange.Text.Of(terms.Rate) + string.Concat(
        terms.Repriced.Select(one => $", {Exchange.Text.Of(one.Rate)} from {Exchange.Text.Of(one.From)}"));

    private static string SideOf(DealSide side) => side == DealSide.Landlord ? "landlord" : "customer";
}
