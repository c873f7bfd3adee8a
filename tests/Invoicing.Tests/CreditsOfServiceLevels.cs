using System.Text.Json;
using Exchange.Invoicing.Explaining;
using Exchange.Invoicing.Exports;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Payouts;
using Exchange.Invoicing.Reading;
using Exchange.Invoicing.Settlements;
using Exchange.Invoicing.Tests.Exports;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// A landlord that promised a level credits a month in which it did not keep it: lines of its customers' invoices that
/// its own settlement bears, and nobody else's.
/// </summary>
public class CreditsOfServiceLevels
{
    private const string Levels = """
        levels:
          - landlord: nerc
            service: openstack
            from: 2026-01
            ladder: [{below: "99.9", credit: "10"}, {below: "99", credit: "25"}, {below: "95", credit: "100"}]
            maintenance: {notice_days: 7, hours: "8"}
        """;

    [Fact]
    public async Task Nine_hours_out_in_October_credit_a_quarter_on_the_invoice_and_in_that_landlords_settlement_alone()
    {
        await using var quiet = await October(isOut: false);
        await using var world = await October(isOut: true);

        // Bob: 4 SU for 744 hours less 9 at 0.013 is 38.22, of which a quarter is 9.555.
        Assert.Equal(
            ["OpenStack CPU 38.22", "service-credit, 25 % of OpenStack CPU -9.56"], await Lines(world, "bob@elsewhere.edu"));
        Assert.Equal(["OpenStack CPU 38.69"], await Lines(quiet, "bob@elsewhere.edu"));
        Assert.Equal(await Stored(quiet, "blockbank"), await Stored(world, "blockbank"));

        var nerc = (await Settled(world)).Single(one => one.Landlord.Value == "nerc");
        Assert.Equal(new Money(-956 - 956), Money.Sum(nerc.Lines.Where(line => line.Sku == ServiceCredits.Sku)
            .Select(line => line.Amount)));
        Assert.Equal(new Money(2 * (3_822 - 956)), nerc.Gross);
        await world.HoldBooks();

        var focus = await Focus(world, World.October);
        Assert.Empty(FocusRules.Broken(focus));
        Assert.Equal(2, focus.Split('\n').Count(row => row.Contains(",Credit,", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_exchange_keeps_its_share_and_owners_of_hardware_their_hours()
    {
        await using var world = await October(isOut: true, new Landlord(
            new("nerc"), "NERC", false, [new(new(2020, 1), 0.10m)], [new("lenovo", "*", 0.001m, new(2020, 1))]));
        var nerc = (await Settled(world)).Single(one => one.Landlord.Value == "nerc");
        Assert.Equal(new Money(764), nerc.Share); // Ten percent of 76.44, whatever was credited.
        Assert.Equal(5_880m, Assert.Single(nerc.Hardware).Hours.Amount); // 2 x 4 SU x 735 hours.
        Assert.Equal(nerc.Gross - nerc.Share - nerc.Hardware[0].Amount, nerc.Payable);

        var statement = await PayeeStatement.Read(
            world.Journal, world.Database, new("landlord", "nerc"), World.October, World.Ct);
        Assert.Contains(statement.Lines, line => line.What == "openstack stack service-credit" &&
            line.Amount == new Money(-1_912));
        Assert.Equal(nerc.Payable, statement.Total);
    }

    [Fact]
    public async Task Funds_pay_what_is_left_after_the_credit_and_nobody_earns_by_it()
    {
        await using var world = await October(isOut: true);
        var lines = await Billed(world, "ada@bu.edu");
        var (charge, credit) = (lines.Single(line => line.Sku.Value == "OpenStack CPU"), lines.Single(l => l.IsCredit));
        Assert.Equal(charge.Amount + credit.Amount, Money.Sum(charge.Funds.Select(share => share.Amount)));
        Assert.Empty(credit.Funds);
        Assert.Equal(Money.Zero, charge.PiBalance + credit.PiBalance);
        Assert.Equal(Money.Zero, Money.Sum(lines.Select(line => line.PiBalance)));
    }

    [Fact]
    public async Task An_outage_that_is_told_after_the_close_becomes_adjustments_and_one_that_is_taken_back_too()
    {
        await using var world = await October(isOut: false);
        Assert.Equal("outages/closed-month", (await Assert.ThrowsAsync<RefusedException>(() => Declare(world, false)))
            .Refusal.Code);
        await Declare(world, isCorrection: true);
        world.Now = Instant.FromUtc(2026, 12, 3, 9, 0);
        await world.Close(new(2026, 11), "charges/none");

        Assert.Equal(
            ["OpenStack CPU -0.47", "service-credit, 25 % of OpenStack CPU -9.56"],
            await Lines(world, "bob@elsewhere.edu", new(2026, 11)));
        await world.HoldBooks();

        await world.Journal.Decide(
            ExchangeLists.Fold, ExchangeLists.Id, lists => DeclareOutage.Withdraw(
                lists, new(new("nerc"), "power-7", "it was the neighbor's", "finance", world.Now),
                new HashSet<BillingMonth> { World.October }, isCorrection: true), World.Ct);
        world.Now = Instant.FromUtc(2027, 1, 3, 9, 0);
        await world.Close(new(2026, 12), "charges/none");
        Assert.Equal(
            ["OpenStack CPU 0.47", "service-credit, 25 % of OpenStack CPU 9.56"],
            await Lines(world, "bob@elsewhere.edu", new(2026, 12)));
        await world.HoldBooks();
        Assert.Empty(FocusRules.Broken(await Focus(world, new(2026, 11))));
        Assert.Empty(FocusRules.Broken(await Focus(world, new(2026, 12))));
    }

    [Fact]
    public async Task A_credit_is_explained_for_ever_by_what_was_out_and_what_was_charged()
    {
        await using var world = await October(isOut: true);
        var credit = (await Billed(world, "bob@elsewhere.edu")).Single(line => line.IsCredit);
        var explained = Assert.Single(await Explain.Run(world.Sources, credit.ChargeId, World.Ct));
        Assert.Equal("-38.22 USD × 0.25 USD/USD = -9.555, rounded half up to -9.56 USD", explained.Arithmetic);
        var part = Assert.Single(explained.Parts);
        Assert.Equal(
            "out of service; 2026-10 was 98.79 %, so 25 % of what was charged is credited", part.Arithmetic);
        Assert.Equal((new Period(At(14, 12), At(14, 21)), "nerc/stack/service/openstack"), (part.Period, part.Resource));
    }

    [Fact]
    public async Task Maintenance_that_was_announced_in_time_is_not_charged_and_not_credited()
    {
        await using var world = await Start();
        await world.Ran("p-bob", World.October, 1, 744);
        world.Now = At(1);
        await Declare(world, false, OutageKind.Maintenance, hours: 8);
        world.Now = World.Later;
        await world.Close(World.October);
        Assert.Equal(["OpenStack CPU 38.27"], await Lines(world, "bob@elsewhere.edu"));
    }

    private static async Task<World> Start()
    {
        var world = await World.Start();
        var published = await PublishPrices.Run(
            world.Journal, [new("levels.yaml", Levels)], PricePublishContext.Nothing, "nerc", At(1), World.Ct);
        Assert.Empty(published.Refusals);
        Assert.Equal(1, published.Published);
        return world;
    }

    /// <summary>Ada and Bob each have a server all month, and Ada a disk with another landlord.</summary>
    private static async Task<World> October(bool isOut, Landlord? terms = null)
    {
        var world = await Start();
        if (terms is not null)
        {
            world.Landlords = new([.. world.Landlords.All.Where(one => one.Id != terms.Id), terms]);
        }

        await world.Ran("p-ada", World.October, 1, 744);
        await world.Ran("p-bob", World.October, 1, 744);
        await world.Stored("v-ada", World.October, 500);
        if (isOut)
        {
            await Declare(world, false, hours: 9);
        }

        await world.Close(World.October);
        return world;
    }

    private static async Task Declare(
        World world, bool isCorrection, OutageKind kind = OutageKind.Failure, int hours = 9)
    {
        var months = await world.Journal.State(Months.Fold, Months.Id, World.Ct);
        var outage = new Outage(
            "power-7", new("nerc"), [new("stack")], At(14, 12), At(14, 12 + hours), Outage.KnownToAll)
        {
            Kind = kind,
        };
        (await world.Journal.Decide(
            ExchangeLists.Fold, ExchangeLists.Id, lists => DeclareOutage.Declare(
                lists, outage, "nerc", world.Now, months.Closed.Keys.ToHashSet(), isCorrection), World.Ct)).OrThrow();
    }

    private static Instant At(int day, int hour = 0) =>
        World.October.Start + Duration.FromDays(day - 1) + Duration.FromHours(hour);

    private static async Task<IReadOnlyList<InvoiceLine>> Billed(World world, string pi, BillingMonth? month = null) =>
        [.. (await BilledLines.InvoicedIn(world.Database, month ?? World.October, World.Ct))[new(new PiId(pi))]];

    private static async Task<string[]> Lines(World world, string pi, BillingMonth? month = null) =>
        [.. (await Billed(world, pi, month)).Select(line => $"{line.Title} {line.Amount.Amount}")
            .Order(StringComparer.Ordinal)];

    private static Task<IReadOnlyList<Settlement>> Settled(World world) =>
        SettledIn.Run(world.Journal, world.Database, World.October, null, World.Ct);

    private static async Task<string> Stored(World world, string landlord) => JsonSerializer.Serialize(
        await world.Journal.Read<SettlementEvent>(
            Settle.StreamOf(new(landlord), World.October), World.Ct), Text.Json);

    private static async Task<string> Focus(World world, BillingMonth month)
    {
        await using var text = new StringWriter();
        await FocusExport.Write(world.Sources, new(month), text, World.Ct);
        return text.ToString();
    }
}
