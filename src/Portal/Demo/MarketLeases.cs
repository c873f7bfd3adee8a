using System.Collections.Immutable;
using Exchange.Market.Commands;
using Exchange.Market.Leases;
using Exchange.Portal.Commands;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Demo;

/// <summary>
/// Nodes that Crimson Racks lends: one is its own, three are leased by a group at MIT that sublets one of them, one
/// waits for an answer, one is up for auction; and what was leased is reclaimed with notice. Nothing of it is of a
/// closed month.
/// </summary>
internal static class MarketLeases
{
    private static readonly BillingMonth November = DemoPlay.October.Next;

    /// <summary>What is agreed when the month begins.</summary>
    /// <returns>The lease that is sublet in part.</returns>
    public static async Task<string> Begin(Composition exchange, Cast cast, CancellationToken ct)
    {
        var whole = new Period(November.Start, At(2027, 7, 1));
        await exchange.Commands.Execute(
            new DeclareNodes(Landlords.Racks, "declare nodes", now => DeclaredNodes.Declare(
                Landlords.Nodes, [.. Enumerable.Range(1, 6).Select(Node)], whole, "demo", now)),
            Actors.Local("demo"), ct);

        await Propose(
            exchange,
            Terms(new(new("crimson-own"), whole.Start), null, [Node(1)], whole.End, null) with { IsOwn = true },
            LeaseSide.Lessor, ct);
        var lease = await Propose(
            exchange, Terms(
                new(cast.Lessee.Project, At(2026, 11, 2)), null, [Node(2), Node(3), Node(4)], At(2027, 2, 1), 0.65m),
            LeaseSide.Lessor, ct);
        await Accept(exchange, lease, LeaseSide.Lessee, ct);
        var sublet = await Propose(
            exchange,
            Terms(new(cast.Sublessee.Project, At(2026, 11, 4)), lease, [Node(4)], At(2026, 12, 20), 0.90m),
            LeaseSide.Lessee, ct);
        await Accept(exchange, sublet, LeaseSide.Lessor, ct);
        return lease;
    }

    /// <summary>What waits for an answer by now, and what is reclaimed.</summary>
    public static async Task GoOn(Composition exchange, Cast cast, string lease, CancellationToken ct)
    {
        await Propose(
            exchange, Terms(new(cast.AskedToLease.Project, At(2026, 12, 1)), null, [Node(5)], At(2027, 3, 1), 0.80m),
            LeaseSide.Lessor, ct);
        await LeasesFor.Answer(
            exchange, lease, Speaker(LeaseSide.Lessor), "reclaim lease",
            (deal, now) => LeaseDeal.Reclaim(deal, At(2026, 12, 15), "a course needs the nodes", "crimson", now),
            Actors.Local("demo"), ct);
        await Auction(exchange, cast, ct);
    }

    /// <summary>A node for two days goes to whoever offers most; asks and bids are taken still.</summary>
    private static async Task Auction(Composition exchange, Cast cast, CancellationToken ct)
    {
        var by = Actors.Local("demo");
        var auction = await AuctionsFor.Open(
            exchange, new(At(2026, 12, 28), At(2026, 12, 30)), At(2026, 12, 27), by, ct);
        await AuctionsFor.Ask(
            exchange, auction.Id, new("", Landlords.Racks, Landlords.Nodes, [Node(6)], new(40), "{}"), by, ct);
        foreach (var (project, most) in ((DemoProject, long)[])[(cast.AskedToLease, 95), (cast.Sublessee, 70)])
        {
            await AuctionsFor.Bid(exchange, auction.Id, new("", project.Project, 1, new(most)), null, by, ct);
        }
    }

    private static async Task<string> Propose(
        Composition exchange, Lease terms, LeaseSide side, CancellationToken ct) =>
        (await LeasesFor.Propose(exchange, terms, Speaker(side), Actors.Local("demo"), ct)).Needed().Id;

    private static Lease Terms(
        LeaseHolder holder, string? parent, ImmutableArray<string> nodes, Instant until, decimal? perHour) => new(
            "", Landlords.Racks, Landlords.Nodes, nodes, parent, [holder], new(holder.From, until), perHour, 14);

    private static Task<LeaseDeal> Accept(Composition exchange, string lease, LeaseSide side, CancellationToken ct) =>
        LeasesFor.Answer(
            exchange, lease, Speaker(side), "accept lease", (deal, now) => LeaseDeal.Accept(deal, side, "demo", now),
            Actors.Local("demo"), ct);

    private static LeaseSpeaker Speaker(LeaseSide side) => new(side, "demo", (_, _) => true);

    private static string Node(int n) => $"rack7-n{n}";

    private static Instant At(int year, int month, int day) => Instant.FromUtc(year, month, day, 0, 0);
}
