using System.Collections.Immutable;
using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Leases;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Market.Tests;

/// <summary>
/// Harvard and MIT lend nodes: one side proposes, the other accepts; a sublease in the middle; longer, transferred,
/// reclaimed with notice; own use is free.
/// </summary>
public class LeasesBetweenParties
{
    private static readonly Instant Now = Instant.FromUtc(2026, 10, 1, 0, 0);
    private static readonly HashSet<BillingMonth> Open = [];
    private static readonly LandlordId Harvard = new("harvard");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Instant At(int day) => Now + Duration.FromDays(day - 1);

    [Fact]
    public async Task From_declared_nodes_to_a_sublease_that_ends_with_the_lease_above_it()
    {
        var journal = await Start();
        var lease = await Offer(journal, "p-mit", 5, 30, ["N1", "N2"], rate: 0.5m, notice: 7);
        Assert.Empty((await Agreed(journal)).Leases);
        Assert.Equal("lease/waiting", await Code(() => Answer(
            journal, lease, LeaseSide.Lessor, (deal, now) => LeaseDeal.Accept(deal, LeaseSide.Lessor, "harvard", now))));
        await Accept(journal, lease, LeaseSide.Lessee);

        var sub = await Offer(journal, "p-sub", 10, 30, ["N2"], parent: lease, rate: 2, side: LeaseSide.Lessee);
        await Accept(journal, sub, LeaseSide.Lessor);
        Assert.Equal(2, (await Agreed(journal)).Leases.Length);

        await Change(journal, lease, new(LeaseChangeKind.Extend, At(40), null), LeaseSide.Lessee);
        await Change(journal, sub, new(LeaseChangeKind.Transfer, At(12), new("p-bu")), LeaseSide.Lessor);
        Assert.Equal("lease/no-notice", await Code(() => Answer(journal, lease, LeaseSide.Lessor, (deal, now) =>
            LeaseDeal.Reclaim(deal, At(7), "a course begins", "harvard", now))));
        await Answer(journal, lease, LeaseSide.Lessor, (deal, now) =>
            LeaseDeal.Reclaim(deal, At(20), "a course begins", "harvard", now));

        var leases = (await Agreed(journal)).Leases;
        Assert.Equal([At(20), At(20)], leases.Select(one => one.Period.End));
        Assert.Equal(("p-sub", "p-bu"), (leases[1].HolderAt(At(11))?.Value, leases[1].HolderAt(At(12))?.Value));
        var deal = (await journal.State(LeaseBook.Fold, LeaseBook.Id, Ct)).Of(lease);
        Assert.Equal(("agreed", "a course begins"), (deal.State, deal.Because));
    }

    /// <summary>Another price is what both say; nobody raises it alone.</summary>
    [Fact]
    public async Task A_lease_is_repriced_by_both()
    {
        var journal = await Start();
        var lease = await Offer(journal, "p-mit", 5, 30, ["N1"], rate: 0.5m);
        var dearer = new LeaseChange(LeaseChangeKind.Reprice, At(15), null) { PerHour = 0.8m };
        Assert.Equal("lease/not-agreed", await Code(() => Answer(journal, lease, LeaseSide.Lessor, (deal, now) =>
            LeaseDeal.Propose(deal, dearer, LeaseSide.Lessor, "harvard", now))));
        await Accept(journal, lease, LeaseSide.Lessee);
        await Answer(journal, lease, LeaseSide.Lessor, (deal, now) =>
            LeaseDeal.Propose(deal, dearer, LeaseSide.Lessor, "harvard", now));
        Assert.Equal("lease/waiting", await Code(() => Accept(journal, lease, LeaseSide.Lessor)));
        Assert.Empty(Assert.Single((await Agreed(journal)).Leases).Repriced);
        await Answer(journal, lease, LeaseSide.Lessee, (deal, now) =>
            LeaseDeal.Decline(deal, LeaseSide.Lessee, "too dear", "mit", now));
        await Change(journal, lease, dearer with { PerHour = 0.6m }, LeaseSide.Lessee);
        Assert.Equal([new LeasePrice(0.6m, At(15))], Assert.Single((await Agreed(journal)).Leases).Repriced);
        Assert.Contains(
            (await journal.State(LeaseBook.Fold, LeaseBook.Id, Ct)).Of(lease).Said,
            step => step.What == "proposed to reprice to 0.8 USD a node-hour at 2026-10-15T00:00:00Z");
    }

    [Fact]
    public async Task What_is_not_lent_held_or_theirs_is_refused_and_changes_nothing()
    {
        var journal = await Start();
        Assert.Equal("lease/no-capacity", await Code(() => Offer(journal, "p-mit", 5, 30, ["N9"])));
        Assert.Equal("lease/no-capacity", await Code(() => Offer(journal, "p-mit", 5, 300, ["N1"])));
        Assert.Equal("lease/not-yours", await Code(() => journal.Execute(
            new ProposeLease(Terms("p-mit", 5, 30, ["N1"]), new(LeaseSide.Lessor, "eve", (_, _) => false), Open), Now,
            Ct)));
        var first = await Offer(journal, "p-mit", 5, 30, ["N1"]);
        var second = await Offer(journal, "p-bu", 6, 7, ["N1"]); // Both may be asked for; one is agreed.
        await Accept(journal, first, LeaseSide.Lessee);
        Assert.Equal("lease/held", await Code(() => Accept(journal, second, LeaseSide.Lessee)));
        Assert.Equal("lease/held", await Code(() => Offer(journal, "p-x", 29, 31, ["N1"])));
        Assert.Equal("lease/unknown", await Code(() => Accept(journal, "L-NONE", LeaseSide.Lessee)));
        Assert.Equal("lease/no-reason", await Code(() => Answer(journal, second, LeaseSide.Lessee, (deal, now) =>
            LeaseDeal.Decline(deal, LeaseSide.Lessee, " ", "bu", now))));
        await Answer(journal, second, LeaseSide.Lessee, (deal, now) =>
            LeaseDeal.Decline(deal, LeaseSide.Lessee, "taken", "bu", now));
        Assert.Equal("lease/not-agreed", await Code(() => Accept(journal, second, LeaseSide.Lessee)));
        Assert.Single((await Agreed(journal)).Leases);
    }

    [Fact]
    public async Task Own_use_holds_nodes_at_once_and_what_is_released_is_lent_to_nobody_new()
    {
        var journal = await Start();
        await journal.Execute(
            new ProposeLease(
                Terms("p-own", 5, 10, ["N1"]) with { IsOwn = true }, new(LeaseSide.Lessor, "harvard", (_, _) => true),
                Open), Now, Ct);
        Assert.True(Assert.Single((await Agreed(journal)).Leases).IsOwn);
        Assert.Equal("lease/held", await Code(() => Offer(journal, "p-mit", 9, 30, ["N1"])));
        await journal.Execute(
            new DeclareNodes(Harvard, "release nodes", now => DeclaredNodes.Release(
                new("bm"), ["N1"], At(20), "harvard", now)), Now, Ct);
        Assert.Equal("lease/no-capacity", await Code(() => Offer(journal, "p-mit", 15, 30, ["N1"])));
        await Offer(journal, "p-mit", 15, 20, ["N1"]);
    }

    private static async Task<MemoryJournal> Start()
    {
        var journal = new MemoryJournal(new StoppedClock());
        await journal.Execute(
            new DeclareNodes(Harvard, "declare nodes", now => DeclaredNodes.Declare(
                new("bm"), ["N1", "N2", "N3"], new(At(1), At(100)), "harvard", now)), Now, Ct);
        return journal;
    }

    private static Lease Terms(
        string project, int from, int until, ImmutableArray<string> nodes, string? parent = null, decimal? rate = null,
        int notice = 0) => new(
            "", Harvard, new("bm"), nodes, parent, [new(new(project), At(from))], new(At(from), At(until)), rate, notice);

    private static async Task<string> Offer(
        IJournal journal, string project, int from, int until, ImmutableArray<string> nodes, string? parent = null,
        decimal? rate = null, int notice = 0, LeaseSide side = LeaseSide.Lessor) => (await journal.Execute(
            new ProposeLease(
                Terms(project, from, until, nodes, parent, rate, notice), new(side, "harvard", (_, _) => true), Open),
            Now, Ct)).Needed().Id;

    private static Task Accept(IJournal journal, string id, LeaseSide side) =>
        Answer(journal, id, side, (deal, now) => LeaseDeal.Accept(deal, side, "them", now));

    private static async Task Change(IJournal journal, string id, LeaseChange change, LeaseSide side)
    {
        await Answer(journal, id, side, (deal, now) => LeaseDeal.Propose(deal, change, side, "us", now));
        await Accept(journal, id, side == LeaseSide.Lessor ? LeaseSide.Lessee : LeaseSide.Lessor);
    }

    private static async Task Answer(
        IJournal journal, string id, LeaseSide side, Func<LeaseDeal, Instant, Decision<LeaseEvent>> rule) =>
        await journal.Execute(new AnswerLease(id, new(side, "them", (_, _) => true), "answer lease", rule, Open), Now, Ct);

    private static async Task<Agreements> Agreed(IJournal journal) =>
        await journal.State(Agreements.Fold, Agreements.Id, Ct);

    private static async Task<string> Code(Func<Task> act) =>
        (await Assert.ThrowsAsync<RefusedException>(act)).Refusal.Code;
}
