using Exchange.Invoicing.Charging;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Leases;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>A lease as its two parties and finance see it.</summary>
/// <param name="Lessor">The landlord, or the project that sublets.</param>
/// <param name="State">'proposed', 'agreed', 'declined' or 'over'.</param>
/// <param name="Asked">What waits for an answer, and for whose.</param>
internal sealed record LeaseRow(
    string Id, LandlordId Landlord, ClusterId Cluster, IReadOnlyList<string> Nodes, string Lessor, ProjectId Holder,
    string? Parent, Instant From, Instant Until, decimal? PerHour, int NoticeDays, bool IsOwn, string State,
    string Asked, string Because);

/// <summary>Leases for whoever asks: a landlord's own, those of a PI's projects, all for finance.</summary>
internal static class LeasesFor
{
    public static async Task<IReadOnlyList<LeaseRow>> Rows(
        Composition exchange, Func<Lease, Agreements, LeaseSide, bool> sees, CancellationToken ct)
    {
        var agreed = (await exchange.Prices.Get(ct)).Agreements;
        var book = await exchange.Journal.State(LeaseBook.Fold, LeaseBook.Id, ct);
        var now = exchange.Clock.GetCurrentInstant();
        return
        [
            .. from deal in book.All.Values
               let lease = Leasing.Find(agreed, deal.Needed().Id) ?? deal.Needed()
               where sees(lease, agreed, LeaseSide.Lessor) || sees(lease, agreed, LeaseSide.Lessee)
               orderby lease.Period.Start, lease.Id
               select Row(deal, lease, agreed, now),
        ];
    }

    /// <summary>On which sides somebody is.</summary>
    public static async Task<Func<Lease, Agreements, LeaseSide, bool>> Sides(
        Composition exchange, Viewer viewer, CancellationToken ct)
    {
        var rating = await RatingNow.Read(exchange.Sources, ct);
        return (lease, agreed, side) => viewer.Role == Role.Finance || (side == LeaseSide.Lessor && lease.Parent is null
            ? viewer.Landlord is { } landlord && landlord == lease.Landlord
            : viewer.Pi is { } pi && rating.Attribution.Of(
                lease.Cluster, Party(lease, agreed, side), lease.Period.Start).Pi == pi);
    }

    public static async Task<LeaseDeal> Answer(
        Composition exchange, string id, LeaseSpeaker speaker, string act,
        Func<LeaseDeal, Instant, Decision<LeaseEvent>> rule, Actor actor, CancellationToken ct) =>
        await exchange.Commands.Execute(
            new AnswerLease(id, speaker, act, rule, await Closed(exchange, ct)), actor, ct);

    public static async Task<LeaseDeal> Propose(
        Composition exchange, Lease terms, LeaseSpeaker speaker, Actor actor, CancellationToken ct) =>
        await exchange.Commands.Execute(new ProposeLease(terms, speaker, await Closed(exchange, ct)), actor, ct);

    private static async Task<IReadOnlySet<BillingMonth>> Closed(Composition exchange, CancellationToken ct) =>
        (await exchange.Journal.State(Months.Fold, Months.Id, ct)).Closed.Keys.ToHashSet();

    private static ProjectId Party(Lease lease, Agreements agreed, LeaseSide side) =>
        side == LeaseSide.Lessor && lease.Parent is { } above && Leasing.Find(agreed, above) is { } parent
            ? parent.Holder
            : lease.Holder;

    private static LeaseRow Row(LeaseDeal deal, Lease lease, Agreements agreed, Instant now) => new(
        lease.Id, lease.Landlord, lease.Cluster, lease.Nodes,
        lease.Parent is null ? lease.Landlord.Value : Party(lease, agreed, LeaseSide.Lessor).Value, lease.Holder,
        lease.Parent, lease.Period.Start, lease.Period.End, lease.PerHour, lease.NoticeDays, lease.IsOwn,
        deal.IsAgreed && lease.Period.End <= now ? "over" : deal.State,
        deal.Pending is { } pending
            ? $"{(pending.Side == LeaseSide.Lessor ? "lessee" : "lessor")}: {pending.Change?.Words ?? "agree"}"
            : "", deal.Because ?? "");
}
