using System.Text.Json;
using Xunit;

namespace Exchange.Simulation.Tests;

/// <summary>
/// What becomes known after a close, dated back, each walked at the command line with amounts worked out by hand
/// beforehand: late usage at the end of a promotion, prices under a cap, hardware, billability, leases, balances of
/// another system.
/// </summary>
public class WalksOfCorrections
{
    /// <summary>
    /// New in January: 100.00 until February, of which 40.00 and 30.00 are used. March is 60.00: BU pays 50.00. Late
    /// usage of February of 45.00: the promotion pays its last 30.00, BU 15.00. Late usage of March of 5.00 is Ann's.
    /// </summary>
    [Fact]
    public async Task Late_usage_of_a_promotions_last_month_takes_what_is_left_of_it()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Owner("ann", "ann@bu.edu");
        await walk.Used("ann", "2026-01-05", 40, 10);
        await walk.Close("2026-01");
        await walk.Used("ann", "2026-02-05", 30, 10);
        await walk.Close("2026-02");
        await walk.Used("ann", "2026-03-05", 60, 10);
        await walk.Close("2026-03");
        await walk.Used("ann", "2026-02-20", 45, 10);
        await walk.Used("ann", "2026-03-20", 5, 10);
        await walk.Close("2026-04");
        Assert.Equal(
            [
                "PI-2026-0001 ann@bu.edu 40.00 0.00 0.00 paid", "PI-2026-0002 ann@bu.edu 30.00 0.00 0.00 paid",
                "PI-2026-0003 ann@bu.edu 60.00 10.00 10.00 issued", "PI-2026-0004 ann@bu.edu 50.00 5.00 5.00 issued",
                "PY-2026-0001 bu-it 50.00 50.00 issued", "PY-2026-0002 bu-it 15.00 15.00 issued",
            ], await walk.Invoices());
        Assert.Equal(["promotion:mghpcc 100.00"], await walk.Ledger("promotion"));
        await walk.Holds();
    }

    /// <summary>
    /// Ann's January and February of 60.00 each: BU paid 50.00 of each. She worked for Harvard since January 16: the half
    /// of January after it and all of February are Harvard's, 90.00; BU pays 30.00 of January, 70.00 less; Ann's 20.00
    /// come back.
    /// </summary>
    [Fact]
    public async Task An_affiliation_dated_back_moves_what_was_used_since_then()
    {
        await using var walk = await TypedWalk.Start("ann@bu.edu");
        await walk.Owner("ann", "ann@bu.edu");
        await walk.Used("ann", "2026-01-05", 30, 10);
        await walk.Used("ann", "2026-01-20", 30, 10);
        await walk.Close("2026-01");
        await walk.Used("ann", "2026-02-05", 60, 10);
        await walk.Close("2026-02");
        Assert.Equal("20.00 USD", await walk.Owes("ann@bu.edu"));
        await walk.Refused(
            "directory/closed-month",
            "directory affiliate ann@bu.edu --institution \"Harvard University\" --from 2026-01-16");
        await walk.Type("directory affiliate ann@bu.edu --institution \"Harvard University\" --from 2026-01-16 " +
            "--accept-correction");
        await walk.Close("2026-03");
        Assert.Equal("0.00 USD", await walk.Owes("ann@bu.edu"));
        Assert.Equal("90.00 USD", await walk.Owes("institution:Harvard University"));
        Assert.Equal("30.00 USD", await walk.Owes("payer:bu-it"));

        // 10.00 are found of January 10, and are BU's: 40.00 of 50.00.
        await walk.Used("ann", "2026-01-10", 10, 10);
        await walk.Close("2026-04");
        Assert.Equal("0.00 USD", await walk.Owes("ann@bu.edu"));
        Assert.Equal("90.00 USD", await walk.Owes("institution:Harvard University"));
        Assert.Equal("40.00 USD", await walk.Owes("payer:bu-it"));
        await walk.Holds();
    }

    /// <summary>
    /// Nobody subsidizes Ann: 60.00 of January are asked of her. She worked for Harvard: they are asked of it, and she
    /// gets back hers. Then for BU after all: the other way around. In between closes have nothing to say.
    /// </summary>
    [Fact]
    public async Task What_a_person_was_asked_follows_for_whom_they_worked_there_and_back()
    {
        await using var walk = await TypedWalk.Start("ann@bu.edu");
        await walk.Owner("ann", "ann@bu.edu");
        await walk.Type("programs suspend nerc-bu-subsidy --pi ann@bu.edu --from 2026-01");
        await walk.Used("ann", "2026-01-05", 60, 10);
        await walk.Close("2026-01");
        await Asked("60.00 USD", "0.00 USD");
        await Works("Harvard University");
        await walk.Close("2026-02");
        await Asked("0.00 USD", "60.00 USD");
        await walk.Close("2026-03");
        await Asked("0.00 USD", "60.00 USD");
        await Works("Boston University");
        await walk.Close("2026-04");
        await Asked("60.00 USD", "0.00 USD");
        await walk.Close("2026-05");
        await Asked("60.00 USD", "0.00 USD");
        await walk.Holds();

        async Task Works(string institution) => await walk.Type(
            $"directory affiliate ann@bu.edu --institution \"{institution}\" --from 2026-01-01 --accept-correction");
        async Task Asked(string ofAnn, string ofHarvard)
        {
            Assert.Equal(ofAnn, await walk.Owes("ann@bu.edu"));
            Assert.Equal(ofHarvard, await walk.Owes("institution:Harvard University"));
        }
    }

    /// <summary>
    /// 60.00 of January under a cap of 40.00: Ann owes 20.00. The price should have been 0.05: 30.00, all of which BU
    /// pays, 10.00 less. Late usage of 300 hours, 15.00 now: BU pays up to its cap, 10.00, and Ann 5.00.
    /// </summary>
    [Fact]
    public async Task A_corrected_price_of_a_closed_month_is_paid_up_to_the_cap()
    {
        await using var walk = await TypedWalk.Start("ann@bu.edu");
        await walk.Owner("ann", "ann@bu.edu");
        await walk.Type("programs cap nerc-bu-subsidy --pi ann@bu.edu --amount \"40.00 USD\" --from 2026-01");
        await walk.Used("ann", "2026-01-05", 60, 10);
        await walk.Close("2026-01");
        Assert.Equal("20.00 USD", await walk.Owes("ann@bu.edu"));
        await walk.Type(
            $"prices correct {await walk.Exchange.File(TypedWalk.Sheet("0.05"), "yaml")} --because \"twice too much\"");
        var id = JsonDocument.Parse(await walk.Type("prices corrections --json")).RootElement.EnumerateArray().Single()
            .GetProperty("id").GetString();
        await walk.Type($"prices accept {id}");
        await walk.Close("2026-02");
        Assert.Equal("0.00 USD", await walk.Owes("ann@bu.edu"));
        Assert.Equal("30.00 USD", await walk.Owes("payer:bu-it"));
        await walk.Used("ann", "2026-01-20", 30, 10);
        await walk.Close("2026-03");
        Assert.Equal("5.00 USD", await walk.Owes("ann@bu.edu"));
        Assert.Equal("40.00 USD", await walk.Owes("payer:bu-it"));
        await walk.Holds();
    }

    /// <summary>
    /// 1,000 hours of January and 500 of February at 0.01 for iron: 10.00 and 5.00. The hardware was steel's, at 0.02,
    /// since January: iron gets 15.00 less, steel 20.00 and 10.00, acme 15.00 less; of 100 late hours steel gets 2.00.
    /// </summary>
    [Fact]
    public async Task Hardware_that_changed_hands_earlier_is_settled_with_whom_it_was()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Owner("bob", "bob@elsewhere.edu");
        await walk.Type($"landlords publish {await walk.Exchange.File(Hardware("iron", "0.01"), "yaml")}");
        await walk.Used("bob", "2026-01-05", 100, 10);
        await walk.Close("2026-01");
        await walk.Used("bob", "2026-02-05", 50, 10);
        await walk.Close("2026-02");
        Assert.Equal(
            ["payable:hardware:iron -15.00", "payable:landlord:acme -135.00"], await walk.Ledger("payable"));
        await walk.Type(
            $"landlords publish {await walk.Exchange.File(Hardware("steel", "0.02"), "yaml")} --accept-correction");
        await walk.Used("bob", "2026-01-20", 10, 10);
        await walk.Close("2026-03");
        Assert.Equal(
            ["payable:hardware:steel -32.00", "payable:landlord:acme -128.00"], await walk.Ledger("payable"));
        await walk.Type("invoices void PI-2026-0001 --reissue --because once");
        Assert.Equal(
            ["payable:hardware:steel -32.00", "payable:landlord:acme -128.00"], await walk.Ledger("payable"));
        await walk.Holds();
    }

    /// <summary>
    /// January to March of 60.00, 60.00 and 10.00. The project was not to be billed until March: what Ann and BU paid of
    /// January and February comes back, and so does what acme got.
    /// </summary>
    [Fact]
    public async Task What_was_not_to_be_billed_for_two_closed_months_comes_back()
    {
        await using var walk = await TypedWalk.Start("ann@bu.edu");
        await walk.Owner("ann", "ann@bu.edu");
        await walk.Used("ann", "2026-01-05", 60, 10);
        await walk.Close("2026-01");
        await walk.Type("invoices pay PI-2026-0001 --reference w1 --amount \"10.00 USD\"");
        await walk.Used("ann", "2026-02-05", 60, 10);
        await walk.Close("2026-02");
        await walk.Used("ann", "2026-03-05", 10, 10);
        await walk.Type("directory publish " + await walk.Exchange.File("""
            nonbillable:
              - {project: ann, from: 2026-01, until: 2026-03}
            """, "yaml") + " --accept-correction");
        await walk.Close("2026-03");
        Assert.Equal("-10.00 USD", await walk.Owes("ann@bu.edu")); // What was paid.
        Assert.Equal("10.00 USD", await walk.Owes("payer:bu-it"));
        Assert.Equal(["payable:landlord:acme -10.00"], await walk.Ledger("payable"));
        await walk.Holds();
    }

    /// <summary>
    /// NERC granted ann 100.00 in December and used 60.00; January uses 30.00 of the rest. 20.00 of December come after
    /// January is closed, and finance bills them: of 10.00 that are left the promotion pays 10.00, BU the rest.
    /// </summary>
    [Fact]
    public async Task Usage_of_before_takes_no_more_than_another_system_left()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Type("directory opening " + await walk.Exchange.File(
            "pi,first_billed,program,granted,used\nann@bu.edu,2025-12,nerc-new-pi-credit,100,60\n", "csv"));
        await walk.Owner("ann", "ann@bu.edu");
        await walk.Used("ann", "2026-01-05", 30, 10);
        await walk.Close("2026-01");
        await walk.Used("ann", "2025-12-20", 20, 10);
        await walk.Close("2026-02", " --accept close/before-first:2025-12=20.00");
        Assert.Equal(
            [
                "PI-2026-0001 ann@bu.edu 30.00 0.00 0.00 paid", "PI-2026-0002 ann@bu.edu 20.00 0.00 0.00 paid",
                "PY-2026-0001 bu-it 10.00 10.00 issued",
            ], await walk.Invoices());
        Assert.Equal(["promotion:mghpcc 40.00"], await walk.Ledger("promotion"));
        await walk.Holds();
    }

    /// <summary>
    /// P: MIT's mia leases N1 for January at 0.50, 744 hours, and sublets it to sue for ten days at 2.00, 240 hours: 372.00
    /// and 480.00, of which mia gets 480.00. An outage of ten hours within the sublease, told after the close, takes 5.00
    /// off mia's bill, 20.00 off sue's and off what mia gets. Taken back again, all of it is as before.
    /// </summary>
    [Fact]
    public async Task An_outage_that_is_told_late_is_taken_off_a_lease_and_what_is_sublet_of_it()
    {
        await using var walk = await TypedWalk.Start();
        const string Where = "--landlord esi --cluster e1";
        const string Outage = "outages add --landlord esi --name o1 --cluster e1 --from 2026-01-12T00:00:00Z " +
            "--until 2026-01-12T10:00:00Z --because power";
        await walk.Type($"prices publish {await walk.Exchange.File(Nodes, "yaml")}");
        await walk.Owner("p-mit", "mia@mit.edu", cluster: "e1");
        await walk.Owner("p-sub", "sue@elsewhere.edu", cluster: "e1");
        await walk.Type($"leases declare {Where} --node N1 --from 2026-01-01T00:00:00Z --until 2026-03-01T00:00:00Z");
        var lease = await Leased($"leases offer {Where} --node N1 --project p-mit --from 2026-01-01T00:00:00Z " +
            "--until 2026-02-01T00:00:00Z --per-hour 0.5 --notice-days 5 --for lessor");
        await Leased($"leases offer {Where} --node N1 --project p-sub --parent {lease} --from 2026-01-10T00:00:00Z " +
            "--until 2026-01-20T00:00:00Z --per-hour 2 --for lessor");
        await walk.Close("2026-01");
        Assert.Equal(
            [
                "PI-2026-0001 mia@mit.edu 372.00 372.00 372.00 issued",
                "PI-2026-0002 sue@elsewhere.edu 480.00 480.00 480.00 issued",
            ], await walk.Invoices());
        string[] paid = ["payable:landlord:esi -372.00", "payable:project:p-mit -480.00"];
        Assert.Equal(paid, await walk.Ledger("payable"));
        await walk.Type($"{Outage} --correction");
        await walk.Close("2026-02");
        Assert.Equal(["367.00 USD", "460.00 USD"], [
            await walk.Owes("mia@mit.edu"), await walk.Owes("sue@elsewhere.edu")]);
        Assert.Equal(
            ["payable:landlord:esi -367.00", "payable:project:p-mit -460.00"], await walk.Ledger("payable"));
        await walk.Type("outages withdraw --landlord esi --name o1 --because none --correction");
        await walk.Close("2026-03");
        Assert.Equal(["372.00 USD", "480.00 USD"], [
            await walk.Owes("mia@mit.edu"), await walk.Owes("sue@elsewhere.edu")]);
        Assert.Equal(paid, await walk.Ledger("payable"));
        await walk.Holds();

        async Task<string> Leased(string line)
        {
            var id = JsonDocument.Parse(await walk.Type($"{line} --json")).RootElement.GetProperty("lease")
                .GetProperty("id").GetString()!;
            await walk.Type($"leases accept {id} --for lessee");
            return id;
        }
    }

    private const string Nodes = """
        landlord: esi
        service: nodes
        clusters: [e1]
        from: 2025-12
        currency: USD
        skus:
          - {name: Node, unit: node-hour, rate: "1", counts: resource, per: hour, match: {kind: baremetal}}
        examples:
          - {name: ten hours, usage: [{kind: baremetal, hours: "10"}], total: "10.00"}
        """;

    private static string Hardware(string owner, string perHour) => $$"""
        landlords:
          - name: acme
            title: Acme
            terms: [{from: 2025-12, platform_share: "0"}]
            hardware: [{owner: {{owner}}, sku: Use, from: 2025-12, per_hour: "{{perHour}}"}]
        """;
}
