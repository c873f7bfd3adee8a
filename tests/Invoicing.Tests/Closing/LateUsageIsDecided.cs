using Exchange.Facts;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Profiles;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests.Closing;

/// <summary>
/// What comes to a month that no close bills by itself waits, is told, and is billed or left as finance decided of
/// exactly that. Seen to fail with usage before the first month that was closed: no close billed it, and none told of it.
/// </summary>
public class LateUsageIsDecided
{
    private static readonly BillingMonth August = World.September.Previous;
    private static readonly BillingMonth November = World.October.Next;
    private static readonly BillingMonth December = November.Next;

    /// <summary>5.20 of September are accepted, then 2.60 more come: 7.80 are to be decided, and nobody is billed.</summary>
    [Fact]
    public async Task Of_what_comes_after_a_decision_finance_is_asked_again()
    {
        await using var world = await ThreeClosed();
        await world.Ran("p-bob", World.September, 5, 100);
        Assert.Equal((520, (bool?)null), await Waiting(world, World.September));
        Assert.Equal((520, (bool?)true), await Decide(world, World.September, isBilled: true));
        await world.Ran("p-bob", World.September, 15, 50);

        var december = (await world.Close(December)).Plan!;
        Assert.Equal([], Adjusted(december));
        Assert.Contains(
            "7.80 USD for what came to it. What was decided of it before was of 5.20 USD for 1 accounts.",
            december.Checks.Single(one => one.Code == "close/hard-closed").Message, StringComparison.Ordinal);

        Assert.Equal((780, (bool?)true), await Decide(world, World.September, isBilled: true));
        Assert.Equal([(World.September, 780L)], Adjusted((await world.Close(December.Next)).Plan!));
        Assert.Equal((0, (bool?)null), await Waiting(world, World.September));
        await world.HoldBooks();
    }

    /// <summary>What is left stays left, close after close, and is not forgotten when something else comes.</summary>
    [Fact]
    public async Task What_is_left_is_asked_about_again_only_with_what_comes_later()
    {
        await using var world = await ThreeClosed();
        await world.Ran("p-bob", World.September, 5, 100);
        Assert.Equal((520, (bool?)false), await Decide(world, World.September, isBilled: false));
        foreach (var month in (BillingMonth[])[December, December.Next])
        {
            var plan = (await world.Close(month)).Plan!;
            Assert.Equal([], Adjusted(plan));
            Assert.DoesNotContain(plan.Checks, check => check.Code == "close/hard-closed");
        }

        await world.Ran("p-bob", World.September, 15, 50);
        Assert.Equal((780, (bool?)null), await Waiting(world, World.September));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => world.Journal.Execute(
            new DecideLate(world.Sources, World.September, true, null, "test", seen: "before"), world.Now, World.Ct));
        Assert.Equal("adjustments/changed", refused.Refusal.Code);
        refused = await Assert.ThrowsAsync<RefusedException>(() => Decide(world, November, isBilled: true));
        Assert.Equal("adjustments/none", refused.Refusal.Code);
    }

    /// <summary>5.20 were accepted and billed; 5.20 that come after are not those. Before, they were billed.</summary>
    [Fact]
    public async Task The_same_amount_once_more_is_asked_about_again()
    {
        await using var world = await ThreeClosed();
        await world.Ran("p-bob", World.September, 5, 100);
        Assert.Equal((520, (bool?)true), await Decide(world, World.September, isBilled: true));
        Assert.Equal([(World.September, 520L)], Adjusted((await world.Close(December)).Plan!));
        await world.Ran("p-bob", World.September, 15, 100);

        Assert.Equal((520, (bool?)null), await Waiting(world, World.September));
        Assert.Equal([], Adjusted((await world.Close(December.Next)).Plan!));
        await world.HoldBooks();
    }

    /// <summary>
    /// September's invoice of 0.52 is void; then its month is closed for good, and 5.20 come late, which finance leaves.
    /// It is issued again with 0.52, and not with 5.72.
    /// </summary>
    [Theory, InlineData(false), InlineData(null)]
    public async Task An_invoice_that_is_issued_again_bills_nothing_that_nobody_decided_to_bill(bool? decided)
    {
        const string Void = "PI-2027-0001";
        await using var world = await ThreeClosed(async soft =>
        {
            await soft.CatchUp();
            await soft.Journal.Execute(
                new VoidInvoice(soft.Sources, Void, "a wrong order number"), soft.Now, World.Ct);
            await soft.CatchUp();
        });
        await world.Ran("p-bob", World.September, 5, 100);
        if (decided is { } isBilled)
        {
            await Decide(world, World.September, isBilled);
        }

        var again = await world.Journal.Execute(
            new ReissueInvoice(world.Sources, Void), world.Now, World.Ct);
        await world.CatchUp();

        var row = (await InvoiceList.Run(world.Database, new(Number: Assert.Single(again)), World.Ct)).Single();
        Assert.Equal(new Money(52), row.Total);
        Assert.Equal((520, (bool?)null), await Waiting(world, World.September)); // Asked of what is left, by itself.
        await world.HoldBooks();
    }

    /// <summary>
    /// August was billed by another system, and September is the first that is closed here. 2.60 of August that come
    /// after it are told, wait, and are billed when finance says so: with all that August comes to, 3.12.
    /// </summary>
    [Fact]
    public async Task Usage_before_the_first_month_that_was_closed_is_told_and_decided()
    {
        await using var world = await World.Start();
        world.Now = Instant.FromUtc(2027, 3, 3, 9, 0);
        await world.Ran("p-bob", August, 1, 10);
        await world.Ran("p-bob", World.September, 1, 10);
        await world.Close(World.September, "close/earlier-open");
        Assert.DoesNotContain(
            (await world.Close(World.October)).Plan!.Checks, check => check.Code == "close/before-first");
        Assert.Empty(await DecideLate.List(world.Sources, world.Now, World.Ct));
        Assert.Equal( // Nothing came to it; whoever asks for it by name sees what a decision would be of.
            (August, new Money(52), (bool?)null),
            Assert.Single(await DecideLate.List(world.Sources, world.Now, World.Ct, August)) is var asked
                ? (asked.Month, asked.Amount, asked.IsBilled) : default);
        await world.Ran("p-bob", August, 5, 50);

        var november = (await world.Close(November)).Plan!;
        Assert.Equal([], Adjusted(november));
        Assert.Contains(
            "2026-08 is before the first month that was closed, and 1 accounts would be billed 3.12 USD",
            november.Checks.Single(one => one.Code == "close/before-first").Message, StringComparison.Ordinal);
        Assert.Equal((312, (bool?)true), await Decide(world, August, isBilled: true));
        Assert.Equal([(August, 312L)], Adjusted((await world.Close(December)).Plan!));
        Assert.Equal((0, (bool?)null), await Waiting(world, August));
        await world.HoldBooks();
    }

    /// <summary>Whatever comes and is decided in whatever order, what was accepted is billed once, and no more.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Exactly_what_was_accepted_is_billed(int seed)
    {
        var random = new Random(seed);
        await using var world = await ThreeClosed();
        var (billed, came, accepted) = (Money.Zero, Money.Zero, false);
        for (var month = December; month < December.Plus(4); month = month.Next)
        {
            for (var acts = random.Next(5); acts > 0; acts--)
            {
                if (random.Next(2) == 0)
                {
                    var hours = 10 * random.Next(1, 9);
                    await world.Ran("p-bob", World.September, 1 + random.Next(25), hours);
                    (came, accepted) = (came + new Money(hours * 52 / 10), false);
                }
                else if (!came.IsZero)
                {
                    accepted = random.Next(2) == 0;
                    await Decide(world, World.September, accepted);
                }
            }

            var plan = (await world.Close(month)).Plan!;
            var expected = accepted && !came.IsZero ? came : Money.Zero;
            Assert.Equal(expected, new Money(Adjusted(plan).Sum(of => of.Cents)));
            billed += expected;
            (came, accepted) = expected.IsZero ? (came, accepted) : (Money.Zero, false);
        }

        Assert.Equal((int)came.Cents, (await Waiting(world, World.September)).Cents);
        await world.HoldBooks();
    }

    /// <summary>September to November are closed, and one month back is soft.</summary>
    private static async Task<World> ThreeClosed(Func<World, Task>? before = null)
    {
        var world = await World.Start();
        world.Now = Instant.FromUtc(2027, 5, 3, 9, 0);
        foreach (var month in (BillingMonth[])[World.September, World.October, November])
        {
            await world.Ran("p-bob", month, 1, 10);
            await world.Close(month);
        }

        await (before?.Invoke(world) ?? Task.CompletedTask);
        await world.Journal.Execute(
            new ChangeIssuer(issuer => issuer with { HardCloseMonths = 1 }, new LocalDate(2026, 1, 1), "test"),
            world.Now, World.Ct);
        world.Profiles = BillingProfiles.Of(await PublishFacts.Read(world.Journal, World.Ct));
        return world;
    }

    private static async Task<(int Cents, bool? IsBilled)> Decide(World world, BillingMonth month, bool isBilled)
    {
        var late = await world.Journal.Execute(
            new DecideLate(world.Sources, month, isBilled, "because", "test"), world.Now, World.Ct);
        return ((int)late.Amount.Cents, late.IsBilled);
    }

    private static async Task<(int Cents, bool? IsBilled)> Waiting(World world, BillingMonth month)
    {
        var late = (await DecideLate.List(world.Sources, world.Now, World.Ct))
            .SingleOrDefault(one => one.Month == month);
        return ((int)(late?.Amount.Cents ?? 0), late?.IsBilled);
    }

    private static IEnumerable<(BillingMonth Month, long Cents)> Adjusted(ClosePlan plan) =>
        plan.Drafts.SelectMany(draft => draft.Lines).Where(line => line.Adjusts is not null)
            .GroupBy(line => line.Adjusts!.Value).Select(of => (of.Key, of.Sum(line => line.Amount.Cents)))
            .Where(of => of.Item2 != 0);
}
