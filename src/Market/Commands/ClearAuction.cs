using System.Collections.Immutable;
using Exchange.Journal;
using Exchange.Market.Auctions;
using Exchange.Market.Leases;
using Exchange.Market.Orders;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>
/// 'exchange bids clear' — once an auction has closed, what it comes to: each fill is a lease that both sides agreed on
/// by asking and bidding, all at one price, in the same append.
/// </summary>
/// <param name="closed">The months that are billed.</param>
public sealed class ClearAuction(string id, string by, IReadOnlySet<BillingMonth> closed)
    : ICommand<AuctionEvent.Settled>
{
    /// <summary>Who keeps what bids and leases take of budgets; null where nobody does.</summary>
    public (BudgetKeeper Keeper, Func<ProjectId, Instant, PiId?> PiOf)? Budgets { get; init; }

    public string Act => "clear auction";
    public string Target => id;
    public string Permission => MarketPermissions.KeepAuctions;

    public async Task<AuctionEvent.Settled> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var auction = await work.State(Auction.Fold, id, ct);
        if (auction.Outcome is { } before)
        {
            return before;
        }

        if (auction.Terms is not { } terms || now < terms.ClosesAt)
        {
            throw new RefusedException(auction.Terms is null
                ? new("auction/unknown", $"There is no auction '{id}'. 'exchange bids list' shows them.", id)
                : new("auction/open", $"{id} takes bids until {Text.Of(auction.Needed().ClosesAt)}.", id));
        }

        return await Settle(work, auction, terms, now, ct);
    }

    private async Task<AuctionEvent.Settled> Settle(
        UnitOfWork work, Auction auction, AuctionTerms terms, Instant now, CancellationToken ct)
    {
        var agreed = await work.State(Agreements.Fold, Agreements.Id, ct);
        var book = await work.State(LeaseBook.Fold, LeaseBook.Id, ct);
        var lent = await Lent(work, auction, ct);
        // Time that is past was given to nobody, and a landlord may have taken nodes back since it asked.
        var (price, fills) = auction.Clear((ask, node) => now <= terms.Period.Start &&
            LeaseOf(terms, ask, new("p"), [node], ask.PerHour) is var lease &&
            lent[ask.Landlord].Lacks(lease) is null && !agreed.Leases.Any(lease.Collides));
        var (leases, events, made) = (
            new List<LeaseBookEvent>(), new List<AgreementEvent>(), new List<NodeFill>());
        foreach (var (ask, bid, nodes) in fills)
        {
            var lease = LeaseOf(terms, ask, bid.Project, nodes, price!.Value) with
            {
                Id = await NewId.Draw("L", $"{id} {bid.Id} {ask.Id}", now, one => Task.FromResult(
                    !book.All.ContainsKey(one) && made.TrueForAll(other => other.Lease != one))),
            };
            events.AddRange(Leasing.Agree(agreed, lease, by, now, closed).OrThrow());
            agreed = Agreements.Fold.Evolve(agreed, events[^1]);
            leases.AddRange(LeaseBook.Events(lease.Id,
            [
                new LeaseEvent.Proposed(lease, LeaseSide.Lessor, by, now),
                new LeaseEvent.Accepted(LeaseSide.Lessee, by, now),
            ]));
            made.Add(new(ask.Id, bid.Id, nodes, lease.Id));
        }

        var settled = new AuctionEvent.Settled(price, [.. made], by, now);
        work.Append(Auction.Fold.StreamOf(id), [(AuctionEvent)settled]);
        if (made.Count > 0)
        {
            work.Append(LeaseBook.Fold.StreamOf(LeaseBook.Id), leases);
            work.Append(Agreements.Fold.StreamOf(Agreements.Id), events);
        }

        await Keep(work, auction, agreed, [.. made.Select(one => one.Lease)], now, ct);
        return settled;
    }

    private static async Task<Dictionary<LandlordId, DeclaredNodes>> Lent(
        UnitOfWork work, Auction auction, CancellationToken ct)
    {
        var lent = new Dictionary<LandlordId, DeclaredNodes>();
        foreach (var landlord in auction.Asks.Select(ask => ask.Landlord).Distinct())
        {
            lent[landlord] = await work.State(DeclaredNodes.Fold, landlord, ct);
        }

        return lent;
    }

    /// <summary>What bids took of budgets is free; the leases that came of some cost no more than was bid.</summary>
    private async Task Keep(
        UnitOfWork work, Auction auction, Agreements agreed, IReadOnlyList<string> leases, Instant now,
        CancellationToken ct)
    {
        if (Budgets is not var (keeper, piOf))
        {
            return;
        }

        foreach (var bid in auction.Bids)
        {
            if (piOf(bid.Project, now) is { } pi)
            {
                await keeper.Keep(work, pi, id, (bid.Id, bid.Project), [], now, ct);
            }
        }

        foreach (var lease in leases)
        {
            await keeper.Keep(work, (agreed, agreed), lease, isChecked: false, now, ct);
        }
    }

    /// <summary>The lease of some nodes of an ask for a project.</summary>
    internal static Lease LeaseOf(
        AuctionTerms terms, NodeAsk ask, ProjectId project, ImmutableArray<string> nodes, Money price) => new(
            "", ask.Landlord, ask.Cluster, nodes, null, [new(project, terms.Period.Start)], terms.Period,
            price.Amount, 0)
        {
            Shape = ask.Shape,
        };
}
