using Exchange.Invoicing.Exports;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Testing;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// What owners of hardware get. Seen to fail when the terms of another month counted, and when a void invoice left it
/// standing.
/// </summary>
public class Settlements
{
    private static readonly Landlords Terms = Landlords.Parse("""
        landlords:
          - name: nerc
            title: New England Research Cloud
            hardware:
              - { owner: lenovo, sku: "Open* GPUA100", from: 2026-01, per_hour: "0.8" }
              - { owner: lenovo, sku: "Open* GPUA100", from: 2026-10, per_hour: "0.333" }
              - { owner: dell, sku: "OpenStack CPU", from: 2026-10, per_hour: "0.001" }
              - { owner: dell, sku: "OpenStack CPU", from: 2026-11, per_hour: "0" }
            terms:
              - from: 2026-01
                platform_share: "0.05"
        """, "landlords.yaml");

    [Fact]
    public async Task Hardware_is_paid_by_metered_hours_at_the_rate_of_their_month_whatever_the_customer_pays()
    {
        await using var world = await Used();
        await world.Close(World.September);
        await world.Ran("p-bob", World.September, 9, 5, gpu: true);
        var october = (await world.Close(World.October)).Plan!.Settlements.Single();

        Assert.Equal(
            [("lenovo", 10m, 800L)], Due((await Settled(world, World.September)).Hardware));
        Assert.Equal(
            [("dell", 400m, 40L), ("lenovo", 3m, 100L), ("lenovo", 5m, 400L)],
            Due(october.Hardware).Order());
        Assert.Equal(october.Gross, october.Payable + october.Share + new Money(540));
        await CorrectingInvoices.KeepsWhatIsOwed(world);
        Assert.Equal(
            [("payable:hardware:dell", -40L), ("payable:hardware:lenovo", -1_300L)],
            (await CorrectingInvoices.Balances(world))
                .Where(a => a.Account.Contains("hardware", StringComparison.Ordinal))
                .Select(a => (a.Account, a.Balance.Cents)));
    }

    [Fact]
    public async Task A_void_invoice_takes_its_hours_back()
    {
        await using var world = await Used();
        await world.Close(World.September);
        await world.Close(World.October);

        Assert.True(await world.Journal.Execute(
                new VoidInvoice(world.Sources, "PI-2026-0002", "wrong"), world.Now, World.Ct));
        await world.CatchUp();

        var settled = await Settled(world, World.October);
        Assert.Equal(0, Money.Sum(settled.Hardware.Select(due => due.Amount)).Cents);
        Assert.Equal(Money.Zero, settled.Payable);
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    [Fact]
    public async Task Owners_of_hardware_have_a_report_of_their_own()
    {
        await using var world = await Used();
        await world.Close(World.September);
        using var directory = new Scratch();

        var done = await SettlementExport.Run(world.Sources, new(World.September), directory.Path, World.Ct);

        Assert.Contains("settlement-2026-09-hardware.csv", done.Files);
        Assert.Equal(
            [
                "month,owner,landlord,sku,adjusts,hours,unit,per_hour,amount,currency",
                "2026-09,lenovo,nerc,OpenStack GPUA100,,10,SU-hour,0.8,8.00,USD",
            ],
            await File.ReadAllLinesAsync(Path.Combine(directory.Path, "settlement-2026-09-hardware.csv"), World.Ct));
    }

    [Fact]
    public void A_rate_below_nothing_is_refused() => Assert.Equal(
        ("yaml/bad-value", "landlords.yaml:5"),
        Assert.Throws<RefusedException>(() => Landlords.Parse("""
            landlords:
              - name: nerc
                title: New England Research Cloud
                hardware:
                  - { owner: lenovo, sku: "*", from: 2026-01, per_hour: "-1" }
                terms: []
            """, "landlords.yaml")).Refusal is var refused ? (refused.Code, refused.Where) : default);

    /// <summary>A PI whom the subsidy and the credit pay for, on GPUs in two months.</summary>
    private static async Task<World> Used()
    {
        var world = await World.Start();
        world.Landlords = Terms;
        await world.Ran("p-bob", World.September, 1, 10, gpu: true);
        await world.Ran("p-bob", World.October, 1, 3, gpu: true);
        await world.Ran("p-bob", World.October, 1, 100);
        return world;
    }

    private static IEnumerable<(string, decimal, long)> Due(IEnumerable<HardwareDue> hardware) =>
        hardware.Select(due => (due.Owner, due.Hours.Amount, due.Amount.Cents));

    private static Task<Settlement> Settled(World world, BillingMonth month) =>
        world.Journal.State(Settlement.Fold, $"{month}:nerc", World.Ct);
}
