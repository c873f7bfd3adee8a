using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Leases;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;
using ClosedMonths = Exchange.Invoicing.Kept.Months;

namespace Exchange.Portal;

/// <summary>A lease as its two parties and finance see it.</summary>
/// <param name="Lessor">The landlord, or the project that sublets.</param>
/// <param name="Holder">The project that holds it, or held it last.</param>
/// <param name="State">'proposed', 'agreed', 'declined' or 'over'.</param>
/// <param name="Asked">What waits for an answer, and for whose.</param>
/// <param name="Version">How often something was said of it: who answers says which one they looked at.</param>
internal sealed record LeaseRow(
    string Id, LandlordId Landlord, ClusterId Cluster, IReadOnlyList<string> Nodes, string Lessor, ProjectId Holder,
    string? Parent, Instant From, Instant Until, decimal? PerHour, int NoticeDays, bool IsOwn, string State,
    string Asked, string Because, string Version)
{
    /// <summary>Prices of a node and hour that both agreed on later, with the instant from which each holds.</summary>
    public IReadOnlyList<LeasePrice> Repriced { get; init; } = [];
}

/// <summary>Something that was said of a lease.</summary>
/// <param name="By">Who said it, where that is the reader's own side or the reader is finance; else empty.</param>
internal sealed record LeaseSaid(Instant At, string Side, string By, string What, string Why);

/// <summary>A lease with what was said of it, what of it is sublet, and what it came to.</summary>
/// <param name="Subleases">Those that the reader is a party of.</param>
/// <param name="IsLessor">Whether the reader speaks for the lessor.</param>
/// <param name="IsLessee">Whether the reader speaks for the lessee.</param>
internal sealed record LeaseDetails(
    LeaseRow Lease, IReadOnlyList<LeaseRow> Subleases, IReadOnlyList<LeaseSaid> History,
    IReadOnlyList<LeaseMonth> Months, bool IsLessor, bool IsLessee);

/// <summary>Leases for whoever asks: a landlord's own, those of a PI's projects, all for finance.</summary>
internal static class LeasesFor
{
    /// <param name="viewer">Null at the command line, where whoever has the machine sees all.</param>
    public static async Task<IReadOnlyList<LeaseRow>> Rows(
        Composition exchange, Viewer? viewer, CancellationToken ct)
    {
        var agreed = (await exchange.Prices.Get(ct)).Agreements;
        var book = await exchange.Kept.State(LeaseBook.Fold, LeaseBook.Id, ct);
        var parties = viewer is null ? null : await LeaseParties.Of(exchange, viewer, ct);
        var now = exchange.Clock.GetCurrentInstant();
        return
        [
            .. from deal in book.All.Values
               let lease = Current(agreed, deal)
               where parties is null || parties.Sees(lease, agreed)
               orderby lease.Period.Start, lease.Id
               select Row(deal, lease, agreed, now),
        ];
    }

    /// <summary>One of them; null for whoever is not a party, as if it were not there.</summary>
    public static async Task<LeaseDetails?> Find(
        Composition exchange, Viewer viewer, string id, CancellationToken ct)
    {
        var agreed = (await exchange.Prices.Get(ct)).Agreements;
        var book = await exchange.Kept.State(LeaseBook.Fold, LeaseBook.Id, ct);
        var parties = await LeaseParties.Of(exchange, viewer, ct);
        if (!book.All.TryGetValue(id, out var deal) || !parties.Sees(Current(agreed, deal), agreed))
        {
            return null;
        }

        var (lease, now) = (Current(agreed, deal), exchange.Clock.GetCurrentInstant());
        bool On(LeaseSide side) => parties.IsOn(lease, agreed, side);
        var below = Below(book, agreed, id).Where(one => parties.Sees(one, agreed)).ToList();
        var earned = below.Where(one => one.Parent == id && deal.IsAgreed).ToList();
        return new(
            Row(deal, lease, agreed, now),
            [.. below.Select(one => Row(book.Of(one.Id), one, agreed, now))],
            [
                .. deal.Said.Select(step => new LeaseSaid(
                    step.At, step.Side == LeaseSide.Lessor ? "lessor" : "lessee",
                    viewer.Sees == "money" || On(step.Side) ? step.By : "", step.What, step.Why)),
            ],
            deal.IsAgreed ? await LeaseMoney.Of(exchange, lease, earned, parties.Theirs(lease), ct) : [],
            On(LeaseSide.Lessor), On(LeaseSide.Lessee));
    }

    /// <summary>What was said of a lease so far, for edits; null for whoever is not a party.</summary>
    public static async Task<ETag?> Edition(Composition exchange, Viewer viewer, string id, CancellationToken ct)
    {
        var deal = (await exchange.Journal.State(LeaseBook.Fold, LeaseBook.Id, ct)).Of(id);
        var agreed = (await exchange.Prices.Get(ct)).Agreements;
        return deal.Terms is not null &&
            (await LeaseParties.Of(exchange, viewer, ct)).Sees(Current(agreed, deal), agreed) ? Edition(deal) : null;
    }

    /// <summary>Who it was is between people of one side; the other is told which side.</summary>
    public static ETag Edition(LeaseDeal deal) => new([.. deal.Said.Select(step => new Change(
        $"lease {step.What}", step.Side == LeaseSide.Lessor ? "the lessor" : "the lessee", step.At))]);

    /// <summary>For the side on which the viewer is.</summary>
    /// <param name="side">Where a program says for which; else the one that its viewer is on.</param>
    /// <exception cref="RefusedException">It is not there, not theirs, or may not be.</exception>
    public static async Task<LeaseDeal> Say(
        Composition exchange, Viewer viewer, string id, LeaseWord word, LeaseSide? side, Actor actor,
        CancellationToken ct)
    {
        var deal = (await exchange.Journal.State(LeaseBook.Fold, LeaseBook.Id, ct)).Of(id);
        var parties = await LeaseParties.Of(exchange, viewer, ct);
        var agreed = (await exchange.Prices.Get(ct)).Agreements;
        bool On(LeaseSide of) => deal.Terms is not null && parties.IsOn(Current(agreed, deal), agreed, of);
        var speaks = side ?? word.SideOf(deal, On);
        if (On(LeaseSide.Lessor) != On(LeaseSide.Lessee) && !On(speaks))
        {
            throw new RefusedException(new(
                "lease/not-yours", $"The {(speaks == LeaseSide.Lessor ? "lessor" : "lessee")} alone can do that.", id));
        }

        // Whoever pays for a lease has said so: another PI by accepting a lease or a sublease.
        if (word is { Act: "transfer", Project: { } to } && viewer.Role != Role.FinanceKey && deal.Terms is not null &&
            !parties.IsOfSamePi(Current(agreed, deal), to))
        {
            throw new RefusedException(new(
                "lease/not-yours", $"'{to}' is not a project of the PI who holds it. Transfer it to one that is, or " +
                "sublet it: the other PI accepts that.", id));
        }

        return await Answer(
            exchange, id, new(speaks, viewer.Actor, (lease, now) => parties.IsOn(lease, now, speaks)),
            $"{word.Act} lease", (before, now) => word.Rule(before, speaks, viewer.Actor, now), actor, ct);
    }

    public static async Task<LeaseDeal> Answer(
        Composition exchange, string id, LeaseSpeaker speaker, string act,
        Func<LeaseDeal, Instant, Decision<LeaseEvent>> rule, Actor actor, CancellationToken ct) =>
        await exchange.Commands.Execute(
            new AnswerLease(
                id, speaker, act, rule, await Closed(exchange, ct), await BudgetsFor.Keeper(exchange, ct)), actor, ct);

    public static async Task<LeaseDeal> Propose(
        Composition exchange, Lease terms, LeaseSpeaker speaker, Actor actor, CancellationToken ct) =>
        await exchange.Commands.Execute(
            new ProposeLease(
                terms, speaker, await Closed(exchange, ct), await BudgetsFor.Keeper(exchange, ct)), actor, ct);

    private static async Task<IReadOnlySet<BillingMonth>> Closed(Composition exchange, CancellationToken ct) =>
        (await exchange.Journal.State(ClosedMonths.Fold, ClosedMonths.Id, ct)).Closed.Keys.ToHashSet();

    /// <summary>As it is agreed by now, else as it was proposed.</summary>
    private static Lease Current(Agreements agreed, LeaseDeal deal) =>
        Leasing.Find(agreed, deal.Needed().Id) ?? deal.Needed();

    /// <summary>Everything that is sublet from a lease, the nearest first.</summary>
    private static List<Lease> Below(LeaseBook book, Agreements agreed, string id)
    {
        var of = book.All.Values.Select(deal => Current(agreed, deal)).ToLookup(lease => lease.Parent);
        var found = of[id].OrderBy(lease => lease.Period.Start).ToList();
        for (var next = 0; next < found.Count; next++)
        {
            found.AddRange(of[found[next].Id].OrderBy(lease => lease.Period.Start));
        }

        return found;
    }

    private static LeaseRow Row(LeaseDeal deal, Lease lease, Agreements agreed, Instant now) => new(
        lease.Id, lease.Landlord, lease.Cluster, lease.Nodes,
        lease.Parent is null ? lease.Landlord.Value
            : LeaseParties.Speaking(lease, agreed, LeaseSide.Lessor).Value,
        lease.Holder, lease.Parent, lease.Period.Start, lease.Period.End, lease.PerHour, lease.NoticeDays,
        lease.IsOwn, deal.IsAgreed && lease.Period.End <= now ? "over" : deal.State,
        deal.Pending is { } pending
            ? $"{(pending.Side == LeaseSide.Lessor ? "lessee" : "lessor")}: {pending.Change?.Words ?? "agree"}"
            : "", deal.Because ?? "", $"{deal.Said.Length}")
    {
        Repriced = lease.Repriced,
    };
}
