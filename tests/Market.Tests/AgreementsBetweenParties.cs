using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Deals;
using Exchange.Market.Leases;
using Exchange.Market.Orders;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Market.Tests;

/// <summary>
/// Reservations, commitments and locked prices: one side proposes, the other accepts; longer, ended, transferred, at
/// another price. What is agreed, leased or bid takes from hard budgets as orders do.
/// </summary>
public class AgreementsBetweenParties
{
    private static readonly Instant Now = Acme.At(1);
    private static readonly HashSet<BillingMonth> Open = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static StandingAgreement Terms(int from = 5, int until = 15, decimal count = 1) => new(
        "", StandingKind.Reservation, Acme.Landlord, Acme.Cluster, new("Node"), [new(new("p1"), Acme.At(from))],
        new(Acme.At(from), Acme.At(until)), count, 0.5m);

    private static DealSpeaker Of(DealSide side) => new(side, $"{side}", _ => true);

    [Fact]
    public async Task From_a_proposal_to_an_end_before_its_time()
    {
        var journal = new MemoryJournal(new StoppedClock());
        var deal = await Propose(journal, Terms(), DealSide.Customer);
        var id = deal.Id!;
        Assert.StartsWith("R-", id, StringComparison.Ordinal);
        Assert.Empty((await Agreed(journal)).Standing);
        Assert.Equal("agreement/waiting", await Code(() => Accept(journal, id, DealSide.Customer)));
        await Accept(journal, id, DealSide.Landlord);
        Assert.Equal(id, Assert.Single((await Agreed(journal)).Standing).Id);

        await Change(journal, id, new(DealChangeKind.Extend, Acme.At(25)), DealSide.Customer);
        await Change(journal, id, new(DealChangeKind.Reprice, Acme.At(10)) { Rate = 0.4m }, DealSide.Landlord);
        await Change(journal, id, new(DealChangeKind.Transfer, Acme.At(12)) { Project = new("p2") }, DealSide.Customer);
        await Change(journal, id, new(DealChangeKind.End, Acme.At(20)), DealSide.Landlord);
        var one = Assert.Single((await Agreed(journal)).Standing);
        Assert.Equal((Acme.At(20), 0.4m, "p2"), (one.Period.End, one.RateAt(Acme.At(11)), one.Holder.Value));
        Assert.Equal("agreement/no-reason", await Code(async () =>
        {
            await Say(journal, id, DealSide.Landlord, (of, now) => AgreementDeal.Propose(
                of, new DealChange(DealChangeKind.Extend, Acme.At(30)), DealSide.Landlord, "l", now));
            await Say(journal, id, DealSide.Customer, (of, now) => AgreementDeal.Decline(
                of, DealSide.Customer, " ", "c", now));
        }));
        Assert.Equal("agreement/unknown", await Code(() => Accept(journal, "R-NONE", DealSide.Customer)));
        Assert.Equal("agreement/unknown", await Code(() => journal.Execute(
            new AnswerDeal((id, null), new(DealSide.Landlord, "eve", _ => false), "answer",
                (of, now) => AgreementDeal.Accept(of, DealSide.Landlord, "eve", now), new(Acme.Books, Open, null)), Now, Ct)));
    }

    /// <summary>240 hours at 0.50 are 120.00 in October: they fit into 200.00 once, and not twice.</summary>
    [Fact]
    public async Task What_is_reserved_or_leased_and_bid_takes_of_a_hard_budget()
    {
        var journal = new MemoryJournal(new StoppedClock());
        var keeper = Keeper(200);
        var first = await Propose(journal, Terms(), DealSide.Customer, keeper);
        Assert.Equal("120.00", await Held(journal));
        Assert.Equal("order/over-budget", await Code(() => Propose(journal, Terms(), DealSide.Customer, keeper)));

        // What the landlord proposes takes nothing before the customer says yes.
        var second = await Propose(journal, Terms(), DealSide.Landlord, keeper);
        Assert.Equal("120.00", await Held(journal));
        Assert.Equal("order/over-budget", await Code(() => Accept(journal, second.Id!, DealSide.Customer, keeper)));

        await Accept(journal, first.Id!, DealSide.Landlord, keeper);
        Assert.Equal("120.00", await Held(journal));
        Assert.Equal("order/over-budget", await Code(() => Say(
            journal, first.Id!, DealSide.Customer, (of, now) => AgreementDeal.Propose(
                of, new DealChange(DealChangeKind.Extend, Acme.At(25)), DealSide.Customer, "c", now), keeper)));
        await Say(journal, first.Id!, DealSide.Customer, (of, now) => AgreementDeal.Propose(
            of, new DealChange(DealChangeKind.End, Acme.At(10)), DealSide.Customer, "c", now), keeper);
        await Accept(journal, first.Id!, DealSide.Landlord, keeper); // 120 h are left.
        Assert.Equal("60.00", await Held(journal));
        await Say(journal, second.Id!, DealSide.Landlord, (of, now) => AgreementDeal.Decline(
            of, DealSide.Landlord, "changed my mind", "l", now), keeper);

        // A lease of a node for 6 days at list: 144.00 would be too much, 5 days are 120.00.
        await journal.Execute(
            new DeclareNodes(Acme.Landlord, "declare nodes", now => DeclaredNodes.Declare(
                Acme.Cluster, ["N1"], new(Acme.At(1), Acme.At(100)), "acme", now)), Now, Ct);
        Assert.Equal("order/over-budget", await Code(() => Lease(journal, 7, keeper)));
        await Lease(journal, 6, keeper);
        Assert.Equal("180.00", await Held(journal));
        await keeper.Keep(
            await Work(journal), new("ada@bu.edu"), "A-1", ("B-1", new("p1")),
            BudgetKeeper.Hours(new(Acme.At(10), Acme.At(11)), Now, 0.8m), Now, Ct); // 19.20
        await Assert.ThrowsAsync<RefusedException>(async () => await keeper.Keep(
            await Work(journal), new("ada@bu.edu"), "A-1", ("B-1", new("p1")),
            BudgetKeeper.Hours(new(Acme.At(10), Acme.At(11)), Now, 0.9m), Now, Ct)); // 21.60
    }

    private static Task<UnitOfWork> Work(IJournal journal) => Task.FromResult(new UnitOfWork(journal));

    private static Task<LeaseDeal> Lease(IJournal journal, int until, BudgetKeeper keeper) => journal.Execute(
        new ProposeLease(
            new("", Acme.Landlord, Acme.Cluster, ["N1"], null, [new(new("p1"), Acme.At(1))],
                new(Acme.At(1), Acme.At(until)), null, 0),
            new(LeaseSide.Lessee, "c", (_, _) => true), Open, keeper), Now, Ct);

    private static BudgetKeeper Keeper(decimal budget) => new(
        Acme.Books, (_, _, _) => new PiId("ada@bu.edu"), (_, months, _) => Task.FromResult(new KnownBudgets(
            [.. months.Select(month => new HardLimit("", month, Money.Round(budget), Money.Zero))],
            (_, _) => Money.Zero)));

    private static async Task<string> Held(IJournal journal) =>
        $"{(await journal.State(Ordered.Fold, new PiId("ada@bu.edu"), Ct)).In("", Acme.October, (_, _) => Money.Zero)
            .Amount:F2}";

    private static Task<AgreementDeal> Propose(
        IJournal journal, StandingAgreement terms, DealSide side, BudgetKeeper? keeper = null) =>
        journal.Execute(new ProposeDeal(terms, Of(side), new(Acme.Books, Open, keeper)), Now, Ct);

    private static Task Accept(IJournal journal, string id, DealSide side, BudgetKeeper? keeper = null) =>
        Say(journal, id, side, (deal, now) => AgreementDeal.Accept(deal, side, "them", now), keeper);

    private static async Task Change(IJournal journal, string id, DealChange change, DealSide side)
    {
        await Say(journal, id, side, (deal, now) => AgreementDeal.Propose(deal, change, side, "us", now));
        await Accept(journal, id, side == DealSide.Landlord ? DealSide.Customer : DealSide.Landlord);
    }

    private static async Task Say(
        IJournal journal, string id, DealSide side, Func<AgreementDeal, Instant, Decision<DealEvent>> rule,
        BudgetKeeper? keeper = null) => await journal.Execute(
            new AnswerDeal((id, null), Of(side), "answer agreement", rule, new(Acme.Books, Open, keeper)), Now, Ct);

    private static async Task<Agreements> Agreed(IJournal journal) =>
        await journal.State(Agreements.Fold, Agreements.Id, Ct);

    private static async Task<string> Code(Func<Task> act) =>
        (await Assert.ThrowsAsync<RefusedException>(act)).Refusal.Code;
}
