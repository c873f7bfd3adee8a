using Exchange.Facts;
using Exchange.Invoicing.Profiles;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests.Closing;

/// <summary>Months beyond the horizon change when finance says so, and by nothing else.</summary>
public class ClosedForGood
{
    private static readonly BillingMonth December = new(2026, 12);

    /// <summary>
    /// One month back is soft. 5.20 of September that come when December is closed are billed to nobody until January's
    /// close accepts them; 2.60 of October are left for good; 1.30 of November are adjusted as ever.
    /// </summary>
    [Fact]
    public async Task What_comes_beyond_the_horizon_waits_for_a_decision()
    {
        await using var world = await World.Start();
        world.Now = Instant.FromUtc(2027, 3, 3, 9, 0);
        foreach (var month in Months(World.September, 3))
        {
            await world.Ran("p-bob", month, 1, 10);
            await world.Close(month);
        }

        await world.Journal.Execute(
            new ChangeIssuer(issuer => issuer with { HardCloseMonths = 1 }, new LocalDate(2026, 1, 1), "test"),
            world.Now, World.Ct);
        world.Profiles = BillingProfiles.Of(await Facts.PublishFacts.Read(world.Journal, World.Ct));
        await RefuseCorrections(world);
        await world.Ran("p-bob", World.September, 5, 100);
        await world.Ran("p-bob", World.October, 5, 50);
        await world.Ran("p-bob", World.October.Next, 5, 25);

        Assert.Equal("close/decided-twice", (await Assert.ThrowsAsync<RefusedException>(() => world.Close(
            December, "close/left:2026-10", "close/hard-closed:2026-10"))).Refusal.Code);
        var december = (await world.Close(December, "close/left:2026-10")).Plan!;

        Assert.Equal([(World.October.Next, 130L)], Adjusted(december));
        var check = december.Checks.Single(one => one.Code == "close/hard-closed");
        Assert.Equal((false, "close/hard-closed:2026-09=5.20"), (check.Blocks, check.Accept));
        Assert.Contains("1 accounts would be billed 5.20 USD", check.Message, StringComparison.Ordinal);
        Assert.Equal("invoice/hard-closed", (await Assert.ThrowsAsync<RefusedException>(() => world.Journal.Execute(
            new VoidInvoice(world.Sources, "PI-2027-0001", "wrong"), world.Now, World.Ct))).Refusal.Code);

        Assert.Equal([], Adjusted((await world.Close(December.Next)).Plan!));
        await RefuseOtherAmounts(world);
        var february = (await world.Close(December.Plus(2), "close/hard-closed:2026-09=5.25")).Plan!;
        Assert.Equal([(World.September, 525L)], Adjusted(february));
        Assert.DoesNotContain(february.Checks, one => one.Code == "close/hard-closed");
        await world.HoldBooks();
    }

    /// <summary>
    /// What is billed for good is named. Seen to fail: whatever had come until the close was billed by a word that was
    /// given of less.
    /// </summary>
    private static async Task RefuseOtherAmounts(World world)
    {
        foreach (var named in (string[])["", "=", "=5.2", "=520", "=5.21", "=5.20 USD", "=5.20+0.00", "=-5.20"])
        {
            var refusal = (await Assert.ThrowsAsync<RefusedException>(() => world.Close(
                December.Plus(2), $"close/hard-closed:2026-09{named}"))).Refusal;
            Assert.Equal(("close/other-amount", "2026-09"), (refusal.Code, refusal.Where));
            Assert.Contains("'close/hard-closed:2026-09=5.20'", refusal.Message, StringComparison.Ordinal);
        }

        await world.Ran("p-bob", World.September, 9, 1);
        Assert.Equal("close/other-amount", (await Assert.ThrowsAsync<RefusedException>(() => world.Close(
            December.Plus(2), "close/hard-closed:2026-09=5.20"))).Refusal.Code);
    }

    /// <summary>October's terms and outages are refused, whoever asks; those of November are taken.</summary>
    private static async Task RefuseCorrections(World world)
    {
        static Landlord Terms(decimal share) => new(new("nerc"), "NERC", false, [new(new(2020, 1), share)]);
        var before = new DatedFacts().With(Publish.Versions(
            new(), Landlord.Facts, [Terms(0.02m)], null, new([], "test", world.Now)).Events);
        var context = await PublishedFacts.Context(
            world.Journal, "test", world.Now, acceptsCorrection: true, World.Ct);
        Decision<FactEvent> From(BillingMonth month) =>
            Publish.Versions(before, Landlord.Facts, [Terms(0.10m)], new(month.Year, month.Month, 1), context);
        Assert.Equal("facts/hard-closed", From(World.October).Refusal?.Code);
        Assert.Contains("'--from 2026-11'", From(World.October).Refusal!.Message, StringComparison.Ordinal);
        Assert.True(((FactEvent.Published)From(World.October.Next).Events.Single()).IsCorrection);

        Task<bool> Declare(BillingMonth month) => world.Journal.Execute(
            ChangeOutage.Declare(
                new($"of {month}", new("nerc"), [new("idle")], month.Start, month.Start + Duration.FromHours(1),
                    Outage.KnownToAll), "test", "outages", isCorrection: true), world.Now, World.Ct);
        Assert.Equal("outages/hard-closed", (await Assert.ThrowsAsync<RefusedException>(
            () => Declare(World.October))).Refusal.Code);
        Assert.True(await Declare(World.October.Next));
    }

    [Theory, InlineData(0), InlineData(-1), InlineData(121)]
    public void A_horizon_is_a_number_of_months(int months) => Assert.Equal(
        "settings/hard-close", IssuerProfile.Checked(new("MOC") { HardCloseMonths = months })?.Code);

    private static IEnumerable<BillingMonth> Months(BillingMonth first, int count) =>
        Enumerable.Range(0, count).Select(first.Plus);

    private static IEnumerable<(BillingMonth, long)> Adjusted(Invoicing.Closing.ClosePlan plan) =>
        plan.Drafts.SelectMany(draft => draft.Lines).Where(line => line.Adjusts is not null)
            .Select(line => (line.Adjusts!.Value, line.Amount.Cents));
}
