using Exchange.Journal;
using Exchange.Market.Auctions;
using Exchange.Market.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;
using ClosedMonths = Exchange.Invoicing.Kept.Months;

namespace Exchange.Portal;

/// <summary>An auction as whoever may ask or bid sees it: how many did, and no price before it is cleared.</summary>
/// <param name="State">'open', 'closed' until it is cleared, or 'cleared'.</param>
/// <param name="Price">For a node and hour, the same for all; nothing where nothing was sold.</param>
/// <param name="Version">What 'If-Match' names to clear it.</param>
internal sealed record AuctionRow(
    string Id, Instant From, Instant Until, Instant ClosesAt, string State, int Asks, int Bids, Money? Price,
    string Version);

/// <summary>An ask of the reader's own landlord.</summary>
internal sealed record AskRow(
    string Id, LandlordId Landlord, ClusterId Cluster, IReadOnlyList<string> Nodes, Money PerHour)
{
    /// <summary>What 'If-Match' names to take it back: it is as it was taken.</summary>
    public string Version { get; } = "1";
}

/// <summary>A bid for one of the reader's own projects.</summary>
internal sealed record BidRow(string Id, ProjectId Project, int Nodes, Money PerHour)
{
    /// <summary>What 'If-Match' names to take it back: it is as it was taken.</summary>
    public string Version { get; } = "1";
}

/// <summary>Nodes that were sold, and the lease that came of it.</summary>
/// <param name="Of">The reader's own ask or bid, never the other side's.</param>
internal sealed record FillRow(string Of, IReadOnlyList<string> Nodes, string Lease);

/// <summary>An auction with what in it is the reader's own.</summary>
internal sealed record AuctionDetails(
    AuctionRow Auction, IReadOnlyList<AskRow> Asks, IReadOnlyList<BidRow> Bids, IReadOnlyList<FillRow> Fills);

/// <summary>
/// Auctions for whoever asks: of asks and bids each sees their own alone, before and after clearing. Whoever runs them
/// sees how many there are, and the leases that came of them.
/// </summary>
internal static class AuctionsFor
{
    public static async Task<IReadOnlyList<AuctionRow>> Rows(Composition exchange, CancellationToken ct)
    {
        var (rows, now) = (new List<AuctionRow>(), exchange.Clock.GetCurrentInstant());
        foreach (var id in (await exchange.Kept.State(AuctionList.Fold, AuctionList.Id, ct)).All)
        {
            rows.Add(Row(await exchange.Journal.State(Auction.Fold, id, ct), now));
        }

        return [.. rows.OrderByDescending(row => row.ClosesAt).ThenBy(row => row.Id, StringComparer.Ordinal)];
    }

    /// <summary>Null where there is none.</summary>
    public static async Task<AuctionDetails?> Find(
        Composition exchange, Viewer viewer, string id, CancellationToken ct)
    {
        var auction = await exchange.Journal.State(Auction.Fold, id, ct);
        if (auction.Terms is null)
        {
            return null;
        }

        var mine = viewer.Pi is null ? _ => false : await Owned(exchange, viewer, ct);
        var asks = auction.Asks.Where(ask => ask.Landlord == viewer.Landlord).ToList();
        var bids = auction.Bids.Where(bid => mine(bid.Project)).ToList();
        var own = asks.Select(ask => ask.Id).Concat(bids.Select(bid => bid.Id)).ToHashSet(StringComparer.Ordinal);
        return new(
            Row(auction, exchange.Clock.GetCurrentInstant()),
            [.. asks.Select(ask => new AskRow(ask.Id, ask.Landlord, ask.Cluster, ask.Nodes, ask.PerHour))],
            [.. bids.Select(bid => new BidRow(bid.Id, bid.Project, bid.Nodes, bid.PerHour))],
            [
                .. (auction.Outcome?.Fills ?? [])
                    .Where(fill => viewer.Sees == "money" || own.Contains(fill.Ask) || own.Contains(fill.Bid))
                    .Select(fill => new FillRow(
                        own.Contains(fill.Ask) ? fill.Ask : own.Contains(fill.Bid) ? fill.Bid : "", fill.Nodes,
                        fill.Lease)),
            ]);
    }

    /// <summary>For finance's programs and pages, and the command line.</summary>
    public static Task<AuctionTerms> Open(
        Composition exchange, Period period, Instant closesAt, Actor actor, CancellationToken ct) =>
        exchange.Commands.Execute(new OpenAuction(period, closesAt, actor.Name), actor, ct);

    /// <returns>The id of the ask.</returns>
    /// <exception cref="RefusedException">It may not know who would hold them, or the rule says no.</exception>
    public static async Task<string> Ask(
        Composition exchange, string id, NodeAsk ask, Actor actor, CancellationToken ct)
    {
        if (exchange.Landlords.HidesCustomers(ask.Landlord))
        {
            throw new RefusedException(new(
                "auction/apart", $"{ask.Landlord} may not know its customers, and a bid names one project to every " +
                "landlord. Agree on leases instead: 'exchange leases propose'.", "landlord"));
        }

        return await exchange.Commands.Execute(
            new ChangeAuction(id, "ask in auction", (auction, drawn, now) =>
                Auction.Ask(auction, ask with { Id = drawn }, actor.Name, now), ask), actor, ct);
    }

    /// <param name="viewer">A PI bids for their own projects; null for whoever may for all that are known.</param>
    /// <returns>The id of the bid.</returns>
    public static async Task<string> Bid(
        Composition exchange, string id, NodeBid bid, Viewer? viewer, Actor actor, CancellationToken ct)
    {
        if (viewer is { Pi: null, Role: not Role.FinanceKey } ||
            (viewer is not null && !(await Owned(exchange, viewer, ct))(bid.Project)))
        {
            throw new RefusedException(new(
                "auction/not-yours", $"'{bid.Project}' is no project of yours. Choose one that is.", "project"));
        }

        return await exchange.Commands.Execute(
            new ChangeAuction(id, "bid in auction", (auction, drawn, now) =>
                Auction.Offer(auction, bid with { Id = drawn }, actor.Name, now))
            {
                Budgets = await BudgetsFor.OfBids(exchange, ct),
            }, actor, ct);
    }

    /// <summary>Takes an ask or a bid back: what is another's is not there.</summary>
    public static async Task Withdraw(
        Composition exchange, string id, string which, Viewer? viewer, Actor actor, CancellationToken ct)
    {
        var taken = await TakenAt(exchange, id, which, viewer, ct);
        await exchange.Commands.Execute(
            new ChangeAuction(id, "withdraw from auction", (auction, _, now) => taken is null
                ? new Refusal("auction/unknown", $"There is neither an ask nor a bid '{which}' of yours in it.", which)
                : Auction.Withdraw(auction, which, actor.Name, now))
            {
                Budgets = await BudgetsFor.OfBids(exchange, ct),
            }, actor, ct);
    }

    public static async Task<AuctionEvent.Settled> Clear(
        Composition exchange, string id, Actor actor, CancellationToken ct)
    {
        var months = await exchange.Journal.State(ClosedMonths.Fold, ClosedMonths.Id, ct);
        return await exchange.Commands.Execute(
            new ClearAuction(id, actor.Name, months.Closed.Keys.ToHashSet())
            {
                Budgets = await BudgetsFor.OfBids(exchange, ct),
            }, actor, ct);
    }

    /// <summary>What was done to an auction by those who run it: what others ask and bid is no version of it.</summary>
    public static async Task<ETag?> Edition(Composition exchange, string id, CancellationToken ct)
    {
        var auction = await exchange.Journal.State(Auction.Fold, id, ct);
        return auction.Terms is null ? null : new([
            new("auction opened", "", auction.TakenAt[auction.Terms.Id]),
            .. auction.Outcome is { } over ? (Change[])[new("auction cleared", "", over.At)] : []]);
    }

    /// <summary>An ask or a bid as it was taken; null where it is not there or not theirs.</summary>
    public static async Task<ETag?> Edition(
        Composition exchange, string id, string which, Viewer viewer, CancellationToken ct) =>
        await TakenAt(exchange, id, which, viewer, ct) is { } at ? new([new("taken", "", at)]) : null;

    private static async Task<Instant?> TakenAt(
        Composition exchange, string id, string which, Viewer? viewer, CancellationToken ct)
    {
        var auction = await exchange.Journal.State(Auction.Fold, id, ct);
        var isAll = viewer is null or { Role: Role.FinanceKey };
        var mine = isAll || viewer!.Pi is null ? _ => isAll : await Owned(exchange, viewer, ct);
        return auction.Asks.Any(ask => ask.Id == which && (isAll || ask.Landlord == viewer!.Landlord)) ||
            auction.Bids.Any(bid => bid.Id == which && mine(bid.Project)) ? auction.TakenAt[which] : null;
    }

    /// <summary>
    /// Whether a project is the viewer's wherever it is known: a bid names a project, and its nodes may be anywhere.
    /// </summary>
    public static async Task<Func<ProjectId, bool>> Owned(
        Composition exchange, Viewer? viewer, CancellationToken ct)
    {
        var directory = await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var now = exchange.Clock.GetCurrentInstant();
        return project =>
        {
            var owners = directory.Facts.Keys.Where(of => of.Project == project)
                .Select(of => directory.At(of.Cluster, project, now)?.Pi).ToList();
            return owners.Count > 0 && (viewer?.Pi is not { } pi ||
                owners.TrueForAll(owner => owner is { } one && directory.PiOf(one) == pi));
        };
    }

    private static AuctionRow Row(Auction auction, Instant now)
    {
        var (terms, over) = (auction.Needed(), auction.Outcome);
        return new(
            terms.Id, terms.Period.Start, terms.Period.End, terms.ClosesAt,
            over is not null ? "cleared" : now < terms.ClosesAt ? "open" : "closed", auction.Asks.Length,
            auction.Bids.Length, over?.Price, over is null ? "1" : "2");
    }
}
