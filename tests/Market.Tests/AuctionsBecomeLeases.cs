using Exchange.Journal;
using Exchange.Market.Auctions;
using Exchange.Market.Commands;
using Exchange.Market.Leases;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Market.Tests;

/// <summary>
/// Two landlords put nodes up for a day and three projects bid, sealed; once it has closed, all go at one price and are
/// leases. Over drawn auctions nobody pays above a bid, nobody gets below an ask, and no node is leased twice.
/// </summary>
public class AuctionsBecomeLeases
{
    private static readonly Instant Now = Instant.FromUtc(2026, 10, 1, 0, 0);
    private static readonly Instant Closes = Now + Duration.FromHours(10);
    private static readonly Period Day = new(Now + Duration.FromDays(2), Now + Duration.FromDays(3));
    private static readonly ClusterId Cluster = new("bm");
    private static readonly HashSet<BillingMonth> Open = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_won_is_leased_at_the_price_of_the_last_ask_that_sells()
    {
        var (journal, id) = await Start();
        Assert.Equal("auction/wrong", await Code(() => journal.Execute(
            new OpenAuction(Day, Day.End, "me"), Now, Ct))); // It would close after the nodes are used.
        Assert.Equal("lease/no-capacity", await Code(() => Ask(journal, id, "harvard", ["N99"], 10)));
        await Ask(journal, id, "harvard", ["N1", "N2", "N3"], 20);
        await Ask(journal, id, "mghpcc", ["N1", "N2"], 50);
        Assert.Equal("auction/twice", await Code(() => Ask(journal, id, "harvard", ["N3"], 1)));
        await Bid(journal, id, "p-a", 2, 100);
        await Bid(journal, id, "p-b", 2, 60);
        await Bid(journal, id, "p-c", 9, 30);
        var gone = await Bid(journal, id, "p-a", 9, 900);
        await journal.Execute(new ChangeAuction(id, "withdraw", (auction, _, now) =>
            Auction.Withdraw(auction, gone, "me", now)), Now, Ct);
        Assert.Equal("auction/open", await Code(() => Clear(journal, id, Now)));
        Assert.Equal("auction/closed", await Code(() => Bid(journal, id, "p-a", 1, 100, Closes)));

        // Meanwhile somebody agreed on a node: of that ask two are left.
        var terms = new Lease("L-1", new("harvard"), Cluster, ["N2"], null, [new(new("p-x"), Day.Start)], Day, 1, 0);
        await journal.Execute(new ProposeLease(
            terms with { IsOwn = true }, new(LeaseSide.Lessor, "harvard", (_, _) => true), Open), Now, Ct);
        var over = await Clear(journal, id, Closes);
        Assert.Equal(
            "0.50 USD: p-a N1,N3 of harvard; p-b N1,N2 of mghpcc",
            $"{over.Price}: {string.Join("; ", (await Won(journal, over)).Select(lease =>
                $"{lease.Holder} {string.Join(',', lease.Nodes)} of {lease.Landlord}"))}");
        Assert.All(await Won(journal, over), lease => Assert.Equal((0.5m, Day), (lease.PerHour, lease.Period)));
        Assert.Equal(
            over.Fills.Select(fill => fill.Lease), (await Clear(journal, id, Closes)).Fills.Select(fill => fill.Lease)); // Once.
        Assert.Equal(3, (await journal.State(Agreements.Fold, Agreements.Id, Ct)).Leases.Length);
        Assert.Equal(3, (await journal.State(LeaseBook.Fold, LeaseBook.Id, Ct)).All.Values.Count(deal => deal.IsAgreed));
    }

    /// <summary>Time that is past was given to nobody, and nobody pays for it; nor for a node that was taken back.</summary>
    [Fact]
    public async Task What_is_cleared_late_and_what_was_taken_back_is_sold_to_nobody()
    {
        foreach (var (at, isReleased) in ((Instant, bool)[])[(Day.Start + Duration.Epsilon, false), (Closes, true)])
        {
            var (journal, id) = await Start();
            await Ask(journal, id, "harvard", ["N1"], 20);
            await Bid(journal, id, "p-a", 1, 100);
            if (isReleased)
            {
                await journal.Execute(new DeclareNodes(new("harvard"), "release nodes", now => DeclaredNodes.Release(
                    Cluster, ["N1"], Now, "harvard", now)), Now, Ct);
            }

            var over = await Clear(journal, id, at);
            Assert.Empty(over.Fills);
            Assert.Null(over.Price);
            Assert.Empty((await journal.State(Agreements.Fold, Agreements.Id, Ct)).Leases);
        }
    }

    [Fact]
    public async Task Nobody_pays_above_a_bid_or_gets_below_an_ask_and_no_node_is_leased_twice()
    {
        var sold = 0;
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var (journal, id) = await Start();
            foreach (var landlord in (string[])["harvard", "mghpcc"])
            {
                var nodes = Enumerable.Range(1, 9).Select(n => $"N{n}").OrderBy(_ => random.Next()).ToList();
                await Ask(journal, id, landlord, [.. nodes.Take(random.Next(1, 5))], random.Next(0, 60));
                await Ask(journal, id, landlord, [.. nodes.Skip(5).Take(random.Next(1, 4))], random.Next(0, 60));
            }

            for (var n = random.Next(0, 6); n > 0; n--)
            {
                await Bid(journal, id, $"p-{n}", random.Next(1, 6), random.Next(0, 80));
            }

            var auction = await journal.State(Auction.Fold, id, Ct);
            var over = await Clear(journal, id, Closes);
            var leases = await Won(journal, over);
            foreach (var (fill, lease) in over.Fills.Zip(leases))
            {
                var (ask, bid) = (auction.Asks.Single(one => one.Id == fill.Ask), auction.Bids.Single(one => one.Id == fill.Bid));
                Assert.True(ask.PerHour <= over.Price && over.Price <= bid.PerHour, $"{seed}: {ask} {over.Price} {bid}");
                Assert.Equal((over.Price!.Value.Amount, bid.Project, ask.Landlord), (lease.PerHour, lease.Holder, lease.Landlord));
                Assert.True(lease.Nodes.All(ask.Nodes.Contains));
            }

            Assert.All(auction.Bids, bid => Assert.InRange(
                over.Fills.Where(fill => fill.Bid == bid.Id).Sum(fill => fill.Nodes.Length), 0, bid.Nodes));
            Assert.Equal(
                leases.Sum(lease => lease.Nodes.Length),
                leases.SelectMany(lease => lease.Nodes, (lease, node) => (lease.Landlord, node)).Distinct().Count());
            sold += leases.Count;
        }

        Assert.True(sold > 60, $"{sold} leases came of drawn auctions.");
    }

    private static async Task<(MemoryJournal Journal, string Id)> Start()
    {
        var journal = new MemoryJournal(new StoppedClock());
        foreach (var landlord in (string[])["harvard", "mghpcc"])
        {
            await journal.Execute(
                new DeclareNodes(new(landlord), "declare nodes", now => DeclaredNodes.Declare(
                    Cluster, [.. Enumerable.Range(1, 9).Select(n => $"N{n}")], new(Now, Now + Duration.FromDays(30)),
                    landlord, now)), Now, Ct);
        }

        return (journal, (await journal.Execute(new OpenAuction(Day, Closes, "me"), Now, Ct)).Id);
    }

    private static Task<string> Ask(IJournal journal, string id, string landlord, string[] nodes, int cents)
    {
        var ask = new NodeAsk("", new(landlord), Cluster, [.. nodes], new(cents), "{}");
        return journal.Execute(new ChangeAuction(id, "ask", (auction, drawn, now) =>
            Auction.Ask(auction, ask with { Id = drawn }, landlord, now), ask), Now, Ct);
    }

    private static Task<string> Bid(
        IJournal journal, string id, string project, int nodes, int cents, Instant? at = null) => journal.Execute(
            new ChangeAuction(id, "bid", (auction, drawn, now) => Auction.Offer(
                auction, new(drawn, new(project), nodes, new(cents)), project, now)), at ?? Now, Ct);

    private static Task<AuctionEvent.Settled> Clear(IJournal journal, string id, Instant at) =>
        journal.Execute(new ClearAuction(id, "me", Open), at, Ct);

    private static async Task<IReadOnlyList<Lease>> Won(IJournal journal, AuctionEvent.Settled over)
    {
        var agreed = await journal.State(Agreements.Fold, Agreements.Id, Ct);
        return [.. over.Fills.Select(fill => Leasing.Find(agreed, fill.Lease)!)];
    }

    private static async Task<string> Code(Func<Task> act) =>
        (await Assert.ThrowsAsync<RefusedException>(act)).Refusal.Code;
}
