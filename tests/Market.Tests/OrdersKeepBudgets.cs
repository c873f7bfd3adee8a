using Exchange.Market.Orders;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace Exchange.Market.Tests;

/// <summary>An order is approved by everybody who has to, and what is spent and ordered never passes a hard budget.</summary>
public class OrdersKeepBudgets
{
    private static readonly Instant Now = Instant.FromUtc(2026, 10, 1, 12, 0);
    private static readonly BillingMonth October = new(2026, 10);

    private static OrderTerms Terms(
        string id, decimal dollars, string project = "p1", int months = 1, params Approver[] needs) => new(
        id, $"Q-{id}", 0, new("acme"), new("a1"), new(project), new("ada@bu.edu"), "bu", October.Period,
        Money.Round(dollars * months),
        [.. Enumerable.Range(0, months).Select(n => new MonthAmount(October.Plus(n), Money.Round(dollars)))],
        [.. needs]);

    private static Order After(Order order, Decision<OrderEvent> said) =>
        said.OrThrow().Aggregate(order, Order.Fold.Evolve);

    private static string Code(Decision<OrderEvent> said) => said.Refusal?.Code ?? "done";

    [Fact]
    public void It_is_given_only_after_everybody_approved_and_an_end_is_an_end()
    {
        var placed = Order.Fold.Of([new OrderEvent.Placed(
            Terms("O-1", 10, needs: [Approver.Pi, Approver.Payer, Approver.Landlord]), "ada", Now)]);
        Assert.Equal("order/not-approved", Code(Order.Fulfill(placed, "lease-1", "acme", Now)));
        var order = After(placed, Order.Approve(placed, Approver.Pi, "ada", Now));
        Assert.Equal([Approver.Payer, Approver.Landlord], order.Awaits);
        Assert.Empty(Order.Approve(order, Approver.Pi, "ada", Now).OrThrow());
        order = After(order, Order.Approve(order, Approver.Landlord, "acme", Now));
        Assert.Equal(OrderState.Waiting, order.State);
        order = After(order, Order.Approve(order, Approver.Payer, "bu", Now));
        Assert.Equal(OrderState.Approved, order.State);
        Assert.Equal("order/no-reference", Code(Order.Fulfill(order, " ", "acme", Now)));
        var given = After(order, Order.Fulfill(order, "lease-1", "acme", Now));
        Assert.Equal("order/over", Code(Order.Cancel(given, "changed my mind", "ada", Now)));

        Assert.Equal("order/no-reason", Code(Order.Reject(placed, Approver.Payer, "", "bu", Now)));
        var rejected = After(placed, Order.Reject(placed, Approver.Payer, "no money", "bu", Now));
        Assert.Equal("order/over", Code(Order.Approve(rejected, Approver.Landlord, "acme", Now)));
        Assert.Equal("order/not-asked", Code(Order.Approve(
            Order.Fold.Of([new OrderEvent.Placed(Terms("O-2", 1, needs: [Approver.Pi]), "ada", Now)]),
            Approver.Landlord, "acme", Now)));
        Assert.Equal("order/unknown", Code(Order.Approve(Order.Fold.Initial, Approver.Pi, "ada", Now)));
    }

    [Fact]
    public void What_was_charged_of_an_order_is_spent_and_not_ordered_any_more()
    {
        var ordered = Ordered.Fold.Of(Ordered.Reserve(
            Ordered.Fold.Initial, Terms("O-1", 60), [], (_, _) => Money.Zero, Now).OrThrow());
        HardLimit[] hundred = [new("", October, Money.Round(100), Money.Round(30))];
        // 30 spent, all of them on the order: 30 are still to come of it, and 40 are left.
        Money Charged(OrderedEvent.Reserved order, BillingMonth month) => Money.Round(30);
        Assert.NotNull(Ordered.Reserve(ordered, Terms("O-2", 40.01m), hundred, Charged, Now).Refusal);
        Assert.Null(Ordered.Reserve(ordered, Terms("O-2", 40), hundred, Charged, Now).Refusal);
        Assert.Equal(
            "order/over-budget", Ordered.Reserve(ordered, Terms("O-2", 11), hundred, (_, _) => Money.Zero, Now).Refusal?.Code);
        Assert.Null(Ordered.Reserve(
            ordered, Terms("O-3", 41), [hundred[0] with { Of = "a1/other" }], Charged, Now).Refusal);
    }

    /// <summary>
    /// Two places of one quote, both in clusters that are called a1: what one was charged is not the other's. Seen
    /// before: 60 charged at one place was taken from the orders at both, so 60 more could be ordered than there was.
    /// </summary>
    [Fact]
    public void What_was_charged_at_one_place_of_a_quote_leaves_what_is_ordered_at_another()
    {
        var acme = Terms("O-1", 60) with { Quote = "Q-1" };
        var beta = Terms("O-2", 100) with { Quote = "Q-1", Landlord = new("beta") };
        var ordered = Ordered.Fold.Of(
        [
            .. Ordered.Reserve(Ordered.Fold.Initial, acme, [], (_, _) => Money.Zero, Now).OrThrow(),
            .. Ordered.Reserve(Ordered.Fold.Initial, beta, [], (_, _) => Money.Zero, Now).OrThrow(),
        ]);
        Money Charged(OrderedEvent.Reserved order, BillingMonth month) =>
            order.IsFor("Q-1", new("acme"), new("a1")) ? Money.Round(60) : Money.Zero;
        Assert.Equal(Money.Round(100), ordered.In("", October, Charged));
        Assert.False(ordered.Open["O-1"].IsFor("Q-1", new("acme"), new("a2")));
        Assert.False(ordered.Open["O-1"].IsFor("Q-2", new("acme"), new("a1")));

        // What was ordered before landlords were noted is told by its cluster.
        Assert.True((ordered.Open["O-1"] with { Landlord = null }).IsFor("Q-1", new("beta"), new("a1")));
    }

    /// <summary>An agreement that ended keeps nothing of a budget but what lay before its end.</summary>
    [Theory]
    [InlineData(2026, 9, 30, "")] // Before it begins: nothing.
    [InlineData(2026, 10, 11, "2026-10 32.26")] // 10 of 31 days of 100.
    [InlineData(2026, 11, 1, "2026-10 100.00")]
    [InlineData(2026, 11, 16, "2026-10 100.00, 2026-11 50.00")] // 15 of 30.
    [InlineData(2026, 12, 1, "2026-10 100.00, 2026-11 100.00")]
    [InlineData(2027, 1, 1, "2026-10 100.00, 2026-11 100.00")]
    public void What_is_ended_frees_its_budget(int year, int month, int day, string left)
    {
        var terms = Terms("O-1", 100, months: 2);
        var planned = new Period(October.Start, October.Plus(1).End);
        var ordered = Ordered.Fold.Of(Ordered.Reserve(
            Ordered.Fold.Initial, terms, [], (_, _) => Money.Zero, Now).OrThrow());
        var end = Instant.FromUtc(year, month, day, 0, 0);
        var said = Ordered.Shorten(ordered, terms.Quote, planned, end, Now).OrThrow();
        var after = said.Aggregate(ordered, Ordered.Fold.Evolve);
        Assert.Equal(left, string.Join(", ", after.Open.Values.SelectMany(one => one.Months)
            .Select(one => $"{one.Month} {one.Amount.Amount:F2}")));
        Assert.Empty(Ordered.Shorten(ordered, "Q-other", planned, end, Now).OrThrow());

        // Ended once more, and earlier: of what was left by then.
        if (end > October.Plus(1).Start && end < planned.End)
        {
            var earlier = Ordered.Shorten(
                after, terms.Quote, new(planned.Start, end), Instant.FromUtc(2026, 11, 8, 12, 0), Now).OrThrow();
            Assert.Equal(
                ["2026-10 100.00 USD", "2026-11 25.00 USD"],
                earlier.Aggregate(after, Ordered.Fold.Evolve).Open.Values.SelectMany(one => one.Months)
                    .Select(one => $"{one.Month} {one.Amount}"));
        }
    }

    /// <summary>Whatever is ordered and canceled in whatever order, with budgets of everything and of one project.</summary>
    [Fact]
    public void Spent_and_ordered_never_pass_a_hard_budget() => Prop.ForAll(Arb.From(
        from all in Gen.Choose(50, 300)
        from one in Gen.Choose(20, 200)
        from spent in Gen.Choose(0, 40)
        from acts in (
            from cents in Gen.Choose(1, 9_000)
            from project in Gen.Elements("p1", "p2")
            from months in Gen.Choose(1, 3)
            from cancels in Gen.Choose(-6, 5)
            select (cents, project, months, cancels)).ArrayOf(12)
        select (all, one, spent, acts)), drawn =>
        {
            var ordered = Ordered.Fold.Initial;
            List<HardLimit> limits =
            [
                .. Enumerable.Range(0, 3).SelectMany(n => new[]
                {
                    new HardLimit("", October.Plus(n), Money.Round(drawn.all), Money.Round(n == 0 ? drawn.spent : 0)),
                    new HardLimit("a1/p1", October.Plus(n), Money.Round(drawn.one), Money.Zero),
                }),
            ];
            foreach (var ((cents, project, months, cancels), n) in drawn.acts.Select((act, n) => (act, n)))
            {
                var said = cancels >= 0
                    ? Ordered.Release(ordered, $"O-{cancels}", Now)
                    : Ordered.Reserve(
                        ordered, Terms($"O-{n}", cents / 100m, project, months), limits, (_, _) => Money.Zero, Now);
                var before = ordered;
                ordered = said.Events.Aggregate(ordered, Ordered.Fold.Evolve);
                if (said.Refusal is not null)
                {
                    Assert.Equal(before.Open.Count, ordered.Open.Count);
                }

                Assert.All(limits, limit => Assert.True(
                    limit.Spent + ordered.In(limit.Of, limit.Month, (_, _) => Money.Zero) <= limit.Budget));
            }
        }).Check(Draws.Properties());

    /// <summary>
    /// Leases, reservations, accepted quotes and bids in whatever order, each changed as often as one likes: more does not
    /// pass a budget of everything or of a project, in whichever cluster a bid may be; less is never refused.
    /// </summary>
    [Fact]
    public void What_is_agreed_and_bid_never_passes_a_hard_budget_however_it_is_changed() => Prop.ForAll(Arb.From(
        from all in Gen.Choose(50, 300)
        from one in Gen.Choose(20, 200)
        from spent in Gen.Choose(0, 40)
        from acts in (
            from key in Gen.Choose(0, 5)
            from cents in Gen.Choose(0, 9_000)
            from of in Gen.Elements("a1/p1", "a1/p2", "*/p1", "a2/p1")
            from months in Gen.Choose(1, 3)
            select (key, cents, of, months)).ArrayOf(25)
        select (all, one, spent, acts)), drawn =>
        {
            var ordered = Ordered.Fold.Initial;
            List<HardLimit> limits =
            [
                .. Enumerable.Range(0, 3).SelectMany(n => new[]
                {
                    new HardLimit("", October.Plus(n), Money.Round(drawn.all), Money.Round(n == 0 ? drawn.spent : 0)),
                    new HardLimit("a1/p1", October.Plus(n), Money.Round(drawn.one), Money.Zero),
                }),
            ];
            foreach (var (key, cents, of, months) in drawn.acts)
            {
                var before = ordered.Open.GetValueOrDefault($"L-{key}");
                MonthAmount[] amounts = [.. Enumerable.Range(0, cents == 0 ? 0 : months).Select(n =>
                    new MonthAmount(October.Plus(n), new(cents)))];
                var said = Ordered.Hold(
                    ordered, new($"L-{key}", $"L-{key}", of, [.. amounts], Now), limits, (_, _) => Money.Zero);
                var isLess = before is not null && before.Of == of && before.Months.Length >= amounts.Length &&
                    amounts.Zip(before.Months).All(pair => pair.First.Amount <= pair.Second.Amount);
                Assert.False(said.Refusal is not null && (isLess || amounts.Length == 0));
                ordered = said.Events.Aggregate(ordered, Ordered.Fold.Evolve);
                Assert.All(limits, limit => Assert.True(
                    limit.Spent + ordered.In(limit.Of, limit.Month, (_, _) => Money.Zero) <= limit.Budget));
            }
        }).Check(Draws.Properties());
}
