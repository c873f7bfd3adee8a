using System.Text.Json;
using Xunit;

namespace Exchange.Simulation.Tests;

/// <summary>
/// Two things that happen to the same money, one upon the other, each walked at the command line with amounts worked out
/// by hand beforehand.
/// </summary>
public class WalksOfMixedCorrections
{
    /// <summary>
    /// Bob's 100.00 of January are paid, robert's 50.00 are not; they are one person. Bob's invoice is taken back and
    /// issued again to robert: the 100.00 that were paid pay it. With 20.00 more of January 70.00 are open.
    /// </summary>
    [Fact]
    public async Task An_invoice_of_an_address_that_was_merged_is_issued_again_to_the_person()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Owner("b", "bob@elsewhere.edu");
        await walk.Owner("r", "robert@elsewhere.edu");
        await walk.Used("b", "2026-01-05", 100, 10);
        await walk.Used("r", "2026-01-05", 50, 10);
        await walk.Close("2026-01");
        await walk.Type("invoices pay PI-2026-0001 --reference w1 --amount \"100.00 USD\"");
        await walk.Type("projects merge robert@elsewhere.edu bob@elsewhere.edu");
        await walk.Type("invoices void PI-2026-0001 --reissue --because \"one person\"");
        await walk.Type("accounts apply bob@elsewhere.edu --invoice PI-2026-0003");
        Assert.Equal(
            [
                "PI-2026-0001 bob@elsewhere.edu 100.00 100.00 100.00 void",
                "PI-2026-0002 robert@elsewhere.edu 50.00 50.00 50.00 issued",
                "PI-2026-0003 robert@elsewhere.edu 100.00 100.00 0.00 paid",
            ], await walk.Invoices());
        await walk.Used("r", "2026-01-20", 20, 10);
        await walk.Close("2026-02");
        Assert.Equal("PI-2026-0004 robert@elsewhere.edu 20.00 20.00 20.00 issued", (await walk.Invoices())[^1]);
        Assert.Equal("70.00 USD", await walk.Owes("bob@elsewhere.edu"));
        await walk.Holds();
    }

    /// <summary>
    /// Ann's January: 30.00 while at BU, capped at 40.00, and 30.00 while at Harvard since the 16th. 20.00 of BU's time
    /// come late: BU pays 40.00, Ann owes 10.00. The first 30.00 were wrong: BU pays 20.00, Ann nothing. Harvard's 30.00
    /// stay what they are.
    /// </summary>
    [Fact]
    public async Task A_cap_is_of_the_time_at_its_institution_whatever_comes_late()
    {
        await using var walk = await TypedWalk.Start("ann@bu.edu");
        await walk.Owner("ann", "ann@bu.edu");
        await walk.Type("programs cap nerc-bu-subsidy --pi ann@bu.edu --amount \"40.00 USD\" --from 2026-01");
        await walk.Type("directory affiliate ann@bu.edu --institution \"Harvard University\" --from 2026-01-16");
        await walk.Used("ann", "2026-01-05", 30, 10);
        await walk.Used("ann", "2026-01-20", 30, 10);
        await walk.Close("2026-01");
        await Owe("0.00 USD", "30.00 USD");
        await walk.Used("ann", "2026-01-07", 20, 10);
        await walk.Close("2026-02");
        await Owe("10.00 USD", "40.00 USD");
        await walk.Type("correct r1 --landlord acme --source urn:meter --reason wrong");
        await walk.Close("2026-03");
        await Owe("0.00 USD", "20.00 USD");
        await walk.Holds();

        async Task Owe(string ann, string bu)
        {
            Assert.Equal(ann, await walk.Owes("ann@bu.edu"));
            Assert.Equal(bu, await walk.Owes("payer:bu-it"));
            Assert.Equal("30.00 USD", await walk.Owes("institution:Harvard University"));
        }
    }

    /// <summary>
    /// 100.00 of January, of which a tenth is credited since nine hours of outage were told late: 90.00. 60.00 of them
    /// were wrong: 40.00 less 4.00. All were wrong: nothing is charged and nothing credited. 30.00 come after all, less
    /// 3.00; and the outage was none: 30.00.
    /// </summary>
    [Fact]
    public async Task A_credit_of_a_service_level_follows_what_it_is_a_credit_of()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Owner("bob", "bob@elsewhere.edu");
        await walk.Type("levels publish --landlord acme --service compute --from 2026-02 --step 99.9=10");
        await walk.Used("bob", "2026-02-05", 40, 10);
        await walk.Used("bob", "2026-02-10", 60, 10);
        await walk.Close("2026-02");
        await Stands("100.00");
        await walk.Type("outages add --landlord acme --name o1 --cluster a1 --from 2026-02-20T00:00:00Z " +
            "--until 2026-02-20T09:00:00Z --because power --correction");
        await walk.Close("2026-03");
        await Stands("90.00");
        await walk.Type("correct r2 --landlord acme --source urn:meter --reason wrong");
        await walk.Close("2026-04");
        await Stands("36.00");
        await walk.Type("correct r1 --landlord acme --source urn:meter --reason wrong");
        await walk.Close("2026-05");
        Assert.Empty(await walk.Ledger("payable"));
        await walk.Used("bob", "2026-02-15", 30, 10);
        await walk.Close("2026-06");
        await Stands("27.00");
        await walk.Type("outages withdraw --landlord acme --name o1 --because none --correction");
        await walk.Close("2026-07");
        await Stands("30.00");
        await walk.Holds();

        async Task Stands(string amount)
        {
            Assert.Equal($"{amount} USD", await walk.Owes("bob@elsewhere.edu"));
            Assert.Equal([$"payable:landlord:acme -{amount}"], await walk.Ledger("payable"));
        }
    }

    /// <summary>
    /// A group's 50.00 pay of gil's 80.00 of January; nothing is left for his 40.00 of February. 60.00 are paid in, dated
    /// back to January: 30.00 pay what January left, 30.00 of February, and March's 20.00 are gil's. 10.00 of January
    /// were wrong: they pay of February's 45.00, to which 5.00 came. Of 135.00 the group paid its 110.00.
    /// </summary>
    [Fact]
    public async Task Money_that_is_paid_in_for_an_earlier_month_pays_what_was_left_there_first()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Owner("gil", "gil@elsewhere.edu");
        await walk.Type("prepaid open G --contact gil@elsewhere.edu");
        await walk.Type("prepaid cover G --project gil --from 2026-01");
        await walk.Type("prepaid pay G --amount \"50.00 USD\" --reference p1 --from 2026-01");
        await walk.Used("gil", "2026-01-05", 70, 10);
        await walk.Used("gil", "2026-01-10", 10, 10);
        await walk.Close("2026-01");
        await walk.Used("gil", "2026-02-05", 40, 10);
        await walk.Close("2026-02");
        Assert.Equal("70.00 USD", await walk.Owes("gil@elsewhere.edu"));
        await walk.Type("prepaid pay G --amount \"60.00 USD\" --reference p2 --from 2026-01");
        await walk.Used("gil", "2026-03-05", 20, 10);
        await walk.Close("2026-03");
        Assert.Equal("30.00 USD", await walk.Owes("gil@elsewhere.edu"));
        Assert.Empty(await walk.Ledger("prepaid"));
        await walk.Type("correct r2 --landlord acme --source urn:meter --reason wrong");
        await walk.Used("gil", "2026-02-20", 5, 10);
        await walk.Close("2026-04");
        Assert.Equal("25.00 USD", await walk.Owes("gil@elsewhere.edu"));
        Assert.Empty(await walk.Ledger("prepaid"));
        await walk.Holds();
    }

    /// <summary>
    /// BU paid 50.00 of January, of which it sent 50.00. The dean pays since January: BU has 50.00 to get, which go back to
    /// it, and the dean owes 50.00. February's 10.00 are the dean's.
    /// </summary>
    [Fact]
    public async Task A_payer_that_was_another_all_along_is_asked_and_the_first_has_its_money_back()
    {
        await using var walk = await TypedWalk.Start("ann@bu.edu");
        await walk.Owner("ann", "ann@bu.edu");
        await walk.Used("ann", "2026-01-05", 60, 10);
        await walk.Close("2026-01");
        await walk.Type("payments record payer:bu-it --reference w1 --amount \"50.00 USD\"");
        await walk.Type($"programs publish {await walk.Exchange.File("""
            programme: nerc-bu-subsidy
            kind: subsidy
            payer: bu-dean
            order: 30
            terms:
              - {from: 2020-01, amount: "50", eligible: [Boston University], share: in-order}
            """, "yaml")} --accept-correction");
        await walk.Used("ann", "2026-02-05", 10, 10);
        await walk.Close("2026-02");
        Assert.Equal("-50.00 USD", await walk.Owes("payer:bu-it"));
        Assert.Equal("60.00 USD", await walk.Owes("payer:bu-dean"));
        Assert.Equal("10.00 USD", await walk.Owes("ann@bu.edu"));
        await walk.Type("accounts refund payer:bu-it --reference b1 --amount \"50.00 USD\"");
        Assert.Equal("0.00 USD", await walk.Owes("payer:bu-it"));
        await walk.Type("invoices void PI-2026-0001 --reissue --because again");
        Assert.Equal("10.00 USD", await walk.Owes("ann@bu.edu"));
        await walk.Close("2026-03");
        Assert.Equal("0.00 USD", await walk.Owes("payer:bu-it"));
        Assert.Equal("60.00 USD", await walk.Owes("payer:bu-dean"));
        await walk.Holds();
    }

    /// <summary>
    /// Ten vCPU are reserved at 0.05 for ten days of February, bob's until the 15th, cat's after it: 60.00 each. Bob uses
    /// ten more for ten hours, 10.00, and ten at list when it is cat's, 10.00. Late: five hours of ten more of bob's and
    /// of cat's, 5.00 each. Cat's taken back and issued again is the same.
    /// </summary>
    [Fact]
    public async Task A_reservation_that_changed_hands_covers_late_usage_of_whoever_held_it()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Owner("bob", "bob@elsewhere.edu");
        await walk.Owner("cat", "cat@elsewhere.edu");
        var id = JsonDocument.Parse(await walk.Type(
            "agreements reserve --landlord acme --cluster a1 --sku Use --project bob --count 10 --rate 0.05 " +
            "--from 2026-02-10T00:00:00Z --until 2026-02-20T00:00:00Z --for customer --json")).RootElement
            .GetProperty("id").GetString();
        await walk.Type($"agreements accept {id} --for landlord");
        await walk.Type($"agreements transfer {id} --for customer --project cat --from 2026-02-15T00:00:00Z");
        await walk.Type($"agreements accept {id} --for landlord");
        await walk.Used("bob", "2026-02-12", 10, 20);
        await walk.Used("bob", "2026-02-17", 10, 10);
        await walk.Used("cat", "2026-02-17", 10, 5);
        await walk.Close("2026-02");
        await Owe("80.00 USD", "60.00 USD");
        await walk.Used("bob", "2026-02-13", 5, 20);
        await walk.Used("cat", "2026-02-16", 5, 20);
        await walk.Close("2026-03");
        await Owe("85.00 USD", "65.00 USD");
        await walk.Type("invoices void PI-2026-0002 --reissue --because again");
        await Owe("85.00 USD", "65.00 USD");
        await walk.Type("correct r1 --landlord acme --source urn:meter --reason wrong");
        await walk.Close("2026-04");
        await Owe("75.00 USD", "65.00 USD");
        Assert.Equal(["payable:landlord:acme -140.00"], await walk.Ledger("payable"));
        await walk.Holds();

        async Task Owe(string bob, string cat) => Assert.Equal(
            [bob, cat], [await walk.Owes("bob@elsewhere.edu"), await walk.Owes("cat@elsewhere.edu")]);
    }

    /// <summary>
    /// 100.00 are paid, 30.00 of them go back: 30.00 are open. Taken back and issued again, the 70.00 that are still here
    /// pay of it; the 30.00 come, 5.00 too much; 20.00 turn out to be wrong, and 25.00 pay what is next, 10.00.
    /// </summary>
    [Fact]
    public async Task What_went_back_of_a_payment_pays_nothing_of_what_is_issued_again()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Owner("bob", "bob@elsewhere.edu");
        await walk.Used("bob", "2026-01-05", 80, 10);
        await walk.Used("bob", "2026-01-10", 20, 10);
        await walk.Close("2026-01");
        await walk.Type("invoices pay PI-2026-0001 --reference w1 --amount \"100.00 USD\"");
        await walk.Type("invoices refund PI-2026-0001 --reference b1 --amount \"30.00 USD\"");
        Assert.Equal("30.00 USD", await walk.Owes("bob@elsewhere.edu"));
        await walk.Type("invoices void PI-2026-0001 --reissue --because again");
        Assert.Equal(["unapplied:pi:bob@elsewhere.edu -70.00"], await walk.Ledger("unapplied"));
        await walk.Type("accounts apply bob@elsewhere.edu");
        Assert.Equal("PI-2026-0002 bob@elsewhere.edu 100.00 100.00 30.00 issued", (await walk.Invoices())[^1]);
        await walk.Type("payments record bob@elsewhere.edu --reference w2 --amount \"35.00 USD\"");
        await walk.Type("correct r2 --landlord acme --source urn:meter --reason wrong");
        await walk.Close("2026-02");
        Assert.Equal("-25.00 USD", await walk.Owes("bob@elsewhere.edu"));
        await walk.Used("bob", "2026-03-05", 10, 10);
        await walk.Close("2026-03");
        Assert.Equal("-15.00 USD", await walk.Owes("bob@elsewhere.edu"));
        Assert.Equal("PI-2026-0003 bob@elsewhere.edu 10.00 10.00 0.00 paid", (await walk.Invoices())[^1]);
        Assert.Equal(["cash 105.00"], await walk.Ledger("cash"));
        await walk.Holds();
    }
}
