using Xunit;

namespace Exchange.Simulation.Tests;

/// <summary>
/// What finance does to invoices after a close, each walked at the command line with amounts worked out by hand
/// beforehand: payments over reissues, credit, write-offs, prepaid money, institutions and payers.
/// </summary>
public class WalksOfCash
{
    /// <summary>100.00 are paid in three parts, and the invoice is taken back and issued again between them.</summary>
    [Fact]
    public async Task Part_payments_go_on_over_two_reissues()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Owner("bob", "bob@elsewhere.edu");
        await walk.Used("bob", "2026-01-05", 100, 10);
        await walk.Close("2026-01");
        await walk.Type("invoices pay PI-2026-0001 --reference w1 --amount \"40.00 USD\"");
        await walk.Type("invoices void PI-2026-0001 --reissue --because first");
        await walk.Later();
        await walk.Type("accounts apply bob@elsewhere.edu");
        Assert.Equal(
            [
                "PI-2026-0001 bob@elsewhere.edu 100.00 100.00 100.00 void",
                "PI-2026-0002 bob@elsewhere.edu 100.00 100.00 60.00 issued",
            ], await walk.Invoices());
        await walk.Type("payments record bob@elsewhere.edu --reference w2 --amount \"30.00 USD\"");
        await walk.Type("invoices void PI-2026-0002 --reissue --because second");
        await walk.Type("accounts apply bob@elsewhere.edu");
        Assert.Equal("PI-2026-0003 bob@elsewhere.edu 100.00 100.00 30.00 issued", (await walk.Invoices())[^1]);
        await walk.Type("invoices pay PI-2026-0003 --reference w3 --amount \"35.00 USD\"");
        Assert.Equal("-5.00 USD", await walk.Owes("bob@elsewhere.edu"));
        await walk.Used("bob", "2026-02-05", 10, 10);
        await walk.Close("2026-02");
        Assert.Equal("PI-2026-0004 bob@elsewhere.edu 10.00 10.00 5.00 issued", (await walk.Invoices())[^1]);
        await walk.Holds();
    }

    /// <summary>
    /// A credit note of 100.00 pays 60.00 of March: neither can be taken back then, and 40.00 are paid out.
    /// </summary>
    [Fact]
    public async Task What_credit_was_used_for_is_not_taken_back()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Owner("x", "bob@elsewhere.edu");
        await walk.Owner("bob", "bob@elsewhere.edu");
        await walk.Used("x", "2026-01-05", 100, 10);
        await walk.Close("2026-01");
        await walk.Type("invoices pay PI-2026-0001 --reference w1 --amount \"100.00 USD\"");
        await walk.Owner("x", "cat@elsewhere.edu");
        await walk.Close("2026-02");
        await walk.Used("bob", "2026-03-05", 60, 10);
        await walk.Close("2026-03");
        string[] stands =
        [
            "CN-2026-0001 bob@elsewhere.edu -100.00 -100.00 -40.00 paid",
            "PI-2026-0001 bob@elsewhere.edu 100.00 100.00 0.00 paid",
            "PI-2026-0002 cat@elsewhere.edu 100.00 100.00 100.00 issued",
            "PI-2026-0003 bob@elsewhere.edu 60.00 60.00 0.00 paid",
        ];
        Assert.Equal(stands, await walk.Invoices());
        await walk.Refused("invoice/settled", "invoices void PI-2026-0003 --because late");
        await walk.Refused("invoice/settled", "invoices void CN-2026-0001 --because late");
        Assert.Equal(stands, await walk.Invoices());
        await walk.Refused(
            "account/refund-too-much", "accounts refund bob@elsewhere.edu --reference b1 --amount \"40.01 USD\"");
        await walk.Type("accounts refund bob@elsewhere.edu --reference b1 --amount \"40.00 USD\"");
        Assert.Equal("0.00 USD", await walk.Owes("bob@elsewhere.edu"));
        await walk.Holds();
    }

    /// <summary>100.00 were written off; they come after all, and pay 70.00 of February and what follows.</summary>
    [Fact]
    public async Task What_comes_after_a_write_off_pays_what_is_billed_next()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Owner("bob", "bob@elsewhere.edu");
        await walk.Used("bob", "2026-01-05", 100, 10);
        await walk.Close("2026-01");
        await walk.Type("invoices write-off PI-2026-0001 --because gone");
        await walk.Later();
        await walk.Type("payments import " + await walk.Exchange.File(
            "date,amount,reference,text\n2026-02-03,100.00,B-1,for PI-2026-0001\n", "csv") + " --commit");
        Assert.Equal("-100.00 USD", await walk.Owes("bob@elsewhere.edu"));
        await walk.Used("bob", "2026-02-05", 70, 10);
        await walk.Close("2026-02");
        Assert.Equal("PI-2026-0002 bob@elsewhere.edu 70.00 70.00 0.00 paid", (await walk.Invoices())[^1]);
        Assert.Equal(
            ["cash 100.00", "written-off:exchange 100.00"],
            [.. await walk.Ledger("cash"), .. await walk.Ledger("written-off")]);
        Assert.Equal(["unapplied:pi:bob@elsewhere.edu -30.00"], await walk.Ledger("unapplied"));
        await walk.Holds();
    }

    /// <summary>
    /// Q: a group's 100.00 pay 70.00 of gil and 30.00 of gus, who owes 30.00. Gil's is taken back: 70.00 are the group's
    /// again and pay the same when it is issued again. Taken back once more, the next close gives gil the 70.00 and gus,
    /// of whom 20.00 come late, nothing: what was spent stays where it was spent.
    /// </summary>
    [Fact]
    public async Task Prepaid_money_comes_back_with_a_void_invoice_and_pays_the_same_again()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Owner("gil", "gil@elsewhere.edu");
        await walk.Owner("gus", "gus@elsewhere.edu");
        await walk.Type("prepaid open G --contact gus@elsewhere.edu");
        await walk.Type("prepaid cover G --project gus --from 2026-01");
        await walk.Type("prepaid cover G --project gil --from 2026-01");
        await walk.Type("prepaid pay G --amount \"100.00 USD\" --reference p1 --from 2026-01");
        await walk.Used("gil", "2026-01-05", 70, 10);
        await walk.Used("gus", "2026-01-05", 60, 10);
        await walk.Close("2026-01");
        Assert.Equal(
            [
                "PG-2026-0001 G 0.00 0.00 paid", "PI-2026-0001 gil@elsewhere.edu 70.00 0.00 0.00 paid",
                "PI-2026-0002 gus@elsewhere.edu 60.00 30.00 30.00 issued",
            ], await walk.Invoices());
        await walk.Type("invoices void PI-2026-0001 --because wrong");
        Assert.Equal(["prepaid:G -70.00"], await walk.Ledger("prepaid"));
        await walk.Type("invoices void PI-2026-0001 --reissue --because wrong");
        Assert.Equal("PI-2026-0003 gil@elsewhere.edu 70.00 0.00 0.00 paid", (await walk.Invoices())[^1]);
        Assert.Empty(await walk.Ledger("prepaid"));
        await walk.Later();
        await walk.Type("invoices void PI-2026-0003 --because again");
        await walk.Used("gus", "2026-01-20", 20, 10);
        await walk.Used("gil", "2026-02-05", 10, 10);
        await walk.Close("2026-02");
        Assert.Equal(
            [
                "PI-2026-0004 gil@elsewhere.edu 80.00 10.00 10.00 issued",
                "PI-2026-0005 gus@elsewhere.edu 20.00 20.00 20.00 issued",
            ], (await walk.Invoices())[^2..]);
        Assert.Empty(await walk.Ledger("prepaid"));
        await walk.Holds();
    }

    /// <summary>
    /// T: Harvard owes 100.00 for hal (80.00) and hue (20.00), pays 60.00, and its invoice is taken back: hal and hue owe
    /// again, and 60.00 are Harvard's. Hal's is taken back and issued again, so is Harvard's: 80.00 and 20.00.
    /// </summary>
    [Fact]
    public async Task An_institution_that_paid_a_part_pays_the_rest_of_what_is_issued_again()
    {
        await using var walk = await TypedWalk.Start("hal@harvard.edu", "hue@harvard.edu");
        await walk.Owner("hal", "hal@harvard.edu", code: "111");
        await walk.Owner("hue", "hue@harvard.edu", code: "222");
        await walk.Used("hal", "2026-01-05", 80, 10);
        await walk.Used("hue", "2026-01-05", 20, 10);
        await walk.Close("2026-01");
        await walk.Type(
            "payments record \"institution:Harvard University\" --reference w1 --amount \"60.00 USD\"");
        Assert.Equal("40.00 USD", await walk.Owes("institution:Harvard University"));
        await walk.Type("invoices void IN-2026-0001 --because \"wrong codes\"");
        Assert.Equal("-60.00 USD", await walk.Owes("institution:Harvard University"));
        Assert.Equal("80.00 USD", await walk.Owes("hal@harvard.edu"));
        await walk.Later();
        await walk.Type("invoices void PI-2026-0001 --reissue --because \"wrong codes\"");
        await walk.Type("invoices void IN-2026-0001 --reissue --because \"wrong codes\"");
        await walk.Type("accounts apply \"institution:Harvard University\"");
        Assert.Equal(
            [
                "IN-2026-0001 Harvard University 100.00 100.00 void",
                "IN-2026-0002 Harvard University 80.00 20.00 issued",
                "IN-2026-0003 Harvard University 20.00 20.00 issued",
                "PI-2026-0001 hal@harvard.edu 80.00 80.00 80.00 void",
                "PI-2026-0002 hue@harvard.edu 20.00 20.00 20.00 taken",
                "PI-2026-0003 hal@harvard.edu 80.00 80.00 80.00 taken",
            ], await walk.Invoices());
        Assert.Equal("0.00 USD", await walk.Owes("hal@harvard.edu"));
        await walk.Type("payments record \"institution:Harvard University\" --reference w2 --amount \"40.00 USD\"");
        Assert.Equal("0.00 USD", await walk.Owes("institution:Harvard University"));
        await walk.Close("2026-02");
        await walk.Holds();
    }

    /// <summary>The same of a payer: 30.00 of ann, paid, taken back, and told again when 10.00 more came.</summary>
    [Fact]
    public async Task A_payer_that_paid_pays_nothing_twice()
    {
        await using var walk = await TypedWalk.Start("ann@bu.edu");
        await walk.Owner("ann", "ann@bu.edu");
        await walk.Used("ann", "2026-01-05", 30, 10);
        await walk.Close("2026-01");
        await walk.Type("payments record payer:bu-it --reference w1 --amount \"30.00 USD\"");
        await walk.Type("invoices void PY-2026-0001 --because \"no PO number\"");
        Assert.Equal("0.00 USD", await walk.Owes("payer:bu-it"));
        await walk.Type("invoices void PY-2026-0001 --reissue --because \"no PO number\"");
        await walk.Used("ann", "2026-01-20", 10, 10);
        await walk.Close("2026-02");
        Assert.Equal(
            [
                "PI-2026-0001 ann@bu.edu 30.00 0.00 0.00 paid", "PI-2026-0002 ann@bu.edu 10.00 0.00 0.00 paid",
                "PY-2026-0001 bu-it 30.00 30.00 void", "PY-2026-0002 bu-it 30.00 0.00 paid",
                "PY-2026-0003 bu-it 10.00 10.00 issued",
            ], await walk.Invoices());
        Assert.Equal("10.00 USD", await walk.Owes("payer:bu-it"));
        await walk.Holds();
    }

    /// <summary>
    /// Bob's credit of 100.00 is one account with robert's 60.00 since they were merged: nothing is asked for, 40.00 are
    /// left, and the statement of either shows both.
    /// </summary>
    [Fact]
    public async Task Credit_of_a_merged_address_pays_what_the_other_owes()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Owner("x", "bob@elsewhere.edu");
        await walk.Owner("rob", "robert@elsewhere.edu");
        await walk.Used("x", "2026-01-05", 100, 10);
        await walk.Close("2026-01");
        await walk.Type("invoices pay PI-2026-0001 --reference w1 --amount \"100.00 USD\"");
        await walk.Owner("x", "cat@elsewhere.edu");
        await walk.Close("2026-02");
        await walk.Type("projects merge robert@elsewhere.edu bob@elsewhere.edu");
        await walk.Used("rob", "2026-03-05", 60, 10);
        await walk.Close("2026-03");
        Assert.Equal(
            [
                "CN-2026-0001 bob@elsewhere.edu -100.00 -100.00 -40.00 paid",
                "PI-2026-0001 bob@elsewhere.edu 100.00 100.00 0.00 paid",
                "PI-2026-0002 cat@elsewhere.edu 100.00 100.00 100.00 issued",
                "PI-2026-0003 robert@elsewhere.edu 60.00 60.00 0.00 paid",
            ], await walk.Invoices());
        Assert.Equal("-40.00 USD", await walk.Owes("bob@elsewhere.edu"));
        Assert.Equal("-40.00 USD", await walk.Owes("robert@elsewhere.edu"));
        Assert.Contains("PI-2026-0003", await walk.Type("accounts show bob@elsewhere.edu"), StringComparison.Ordinal);
        await walk.Holds();
    }
}
