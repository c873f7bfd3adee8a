using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Explaining;
using Exchange.Invoicing.Exports;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// An invoice that is taken back is issued again at once when asked, to whoever owes it by what is known now. Exports of
/// the closed month stay as they were; what was taken back and what was issued are told in the month of the act.
/// </summary>
public partial class VoidAndReissue
{
    /// <summary>
    /// Bob's 5.20 of September are void on October 5: he has PI-2026-0002 of October at once, September's export does
    /// not change by a byte, October's has −5.20 and 5.20, and closing October finds nothing of it.
    /// </summary>
    [Fact]
    public async Task A_void_invoice_has_its_successor_at_once_and_the_closed_month_stays()
    {
        await using var world = await InOctober();
        await world.Ran("p-bob", World.September, 1, 100);
        await world.Close(World.September);
        var before = await Exported(world, World.September);

        Assert.Equal(["PI-2026-0002"], await VoidAgain(world, "PI-2026-0001"));

        Assert.Equal(before, await Exported(world, World.September));
        Assert.Equal(
            [("PI-2026-0001", -520L), ("PI-2026-0002", 520L)], await Charges(world, World.October));
        var again = (await InvoiceList.Run(world.Database, new(Number: "PI-2026-0002"), World.Ct)).Single();
        Assert.Equal((World.October, "issued", 520L), (again.Month, again.Status, again.Owed.Cents));
        Assert.Equal(
            [("payable:landlord:nerc", -520L), ("receivable:pi:bob@elsewhere.edu", 520L)],
            (await CorrectingInvoices.Balances(world)).Where(a => !a.Balance.IsZero)
                .Select(a => (a.Account, a.Balance.Cents)));
        Assert.Equal(["PI-2026-0002"], await world.Journal.Execute(
            new ReissueInvoice(world.Sources, "PI-2026-0001"), world.Now, World.Ct));
        foreach (var number in (string[])["PI-2026-0001#1", "PI-2026-0002#1"])
        {
            var explained = Assert.IsType<ExplainedNumber.OfCharges>(
                await ExplainNumber.Run(world.Sources, number, World.Ct));
            Assert.Equal(520, explained.Charges.Single().Amount.Cents);
            Assert.NotEmpty(explained.Charges.Single().Parts.SelectMany(part => part.Readings));
        }

        world.Now = World.Later;
        Assert.Empty((await world.Close(World.October)).Plan!.Drafts);
        await world.HoldBooks();
        Assert.Equal(before, await Exported(world, World.September));
    }

    /// <summary>
    /// Ada's 191.10 turn out to be Eve's: Eve has the invoice at once, the subsidy pays for her and no more for Ada, and
    /// the payer is told of both by the next close.
    /// </summary>
    [Fact]
    public async Task Whoever_owns_the_usage_now_gets_the_invoice()
    {
        await using var world = await InOctober();
        world.Programmes.RemoveAll(programme => programme.Id == "new-pi");
        await world.Ran("p-ada", World.September, 1, 100, gpu: true);
        await world.Ran("p-bob", World.September, 1, 100);
        await world.Close(World.September);
        await world.Told("cluster,project,name,pi,from\nstack,p-ada,Ada's genomes,eve@bu.edu,2026-01");

        Assert.Equal(["PI-2026-0003"], await VoidAgain(world, "PI-2026-0001"));

        var again = (await InvoiceList.Run(world.Database, new(Number: "PI-2026-0003"), World.Ct)).Single();
        Assert.Equal(("eve@bu.edu", 18_030L, 8_030L), (again.Account.Name, again.Total.Cents, again.Owed.Cents));
        world.Now = World.Later;
        var close = await world.Close(World.October);
        Assert.Empty(close.Plan!.Drafts);
        Assert.Equal(
            [("ada@bu.edu", -10_000L), ("eve@bu.edu", 10_000L)],
            close.Parties.Single().Draft.Lines.Select(line => (line.Pi.Value, line.Amount.Cents)));
        await world.HoldBooks();
    }

    [Fact]
    public async Task An_institution_gets_a_new_invoice_with_the_codes_of_today()
    {
        await using var world = await WithAgreement();
        await world.Close(World.September);
        await world.Told("cluster,project,name,pi,code,from\nstack,p-dee,Dee's,dee@harvard.edu,370-999,2026-01");

        Assert.Equal(["IN-2026-0002"], await VoidAgain(world, "IN-2026-0001"));

        var state = await world.Journal.State(PartyInvoice.Fold, "IN-2026-0002", World.Ct);
        var again = Assert.IsType<PartyInvoice.Issued>(state).Content;
        Assert.Equal(
            [("dee@harvard.edu", "370-999", 520L), ("fay@harvard.edu", null, 1_040L)],
            again.Lines.Select(line => (line.Pi.Value, line.Code is { Length: > 0 } code ? code : null,
                line.Amount.Cents)));
        Assert.Equal(("IN-2026-0001", World.October), (again.Replaces, again.Month));
        Assert.Equal(
            1_560, (await CorrectingInvoices.Balances(world)).Single(
                a => a.Account == "receivable:institution:Harvard University").Balance.Cents);
        foreach (var number in (string[])["IN-2026-0001", "IN-2026-0002"])
        {
            var explained = Assert.IsType<ExplainedNumber.OfParty>(
                await ExplainNumber.Run(world.Sources, number, World.Ct));
            Assert.All(explained.Lines, line => Assert.Equal(line.Amount, line.Comes));
        }

        Assert.Equal(["IN-2026-0003"], await VoidAgain(world, "IN-2026-0002"));
        await world.HoldBooks();
    }

    [Fact]
    public async Task A_payer_gets_a_new_invoice_of_what_its_subsidy_paid()
    {
        await using var world = await WithAgreement();
        await world.Close(World.September);

        Assert.Equal(["PY-2026-0002"], await VoidAgain(world, "PY-2026-0001"));

        var explained = Assert.IsType<ExplainedNumber.OfParty>(
            await ExplainNumber.Run(world.Sources, "PY-2026-0002", World.Ct));
        Assert.Equal((10_000L, 10_000L), (explained.Owed.Cents, explained.Lines.Single().Comes.Cents));
        world.Now = World.Later;
        Assert.Empty((await world.Close(World.October)).Parties);
        await world.HoldBooks();
    }

    /// <summary>What Dee's institution takes by agreement, it takes of the new invoice too.</summary>
    [Fact]
    public async Task An_invoice_that_an_institution_takes_is_taken_again()
    {
        await using var world = await WithAgreement();
        await world.Close(World.September);
        await Void(world, "IN-2026-0001");

        var (dee, fay) = ("PI-2026-0002", "PI-2026-0003");
        Assert.Equal(["PI-2026-0004"], await VoidAgain(world, dee));
        Assert.Equal("taken", (await InvoiceList.Run(world.Database, new(Number: "PI-2026-0004"), World.Ct))
            .Single().Status);
        Assert.Equal(["IN-2026-0003"], await Again(world, "IN-2026-0001"));

        var rest = Assert.IsType<PartyInvoice.Issued>(
            await world.Journal.State(PartyInvoice.Fold, "IN-2026-0003", World.Ct)).Content;
        Assert.Equal(["fay@harvard.edu"], rest.Lines.Select(line => line.Pi.Value));
        Assert.Equal("taken", (await InvoiceList.Run(world.Database, new(Number: fay), World.Ct)).Single().Status);
        await world.HoldBooks();
    }

    /// <summary>
    /// Bob paid 2.00 of 5.20 when the invoice is taken back: the money is his account's, and pays what is issued
    /// instead. Before, whoever had paid a part was refused.
    /// </summary>
    [Fact]
    public async Task What_was_paid_on_a_void_invoice_pays_the_one_that_is_issued_instead()
    {
        await using var world = await InOctober();
        await world.Ran("p-bob", World.September, 1, 100);
        await world.Close(World.September);
        var bob = AccountName.Of(new PiId("bob@elsewhere.edu"));
        await Pay(world, bob, "wire-1", 200);

        Assert.Equal(["PI-2026-0002"], await VoidAgain(world, "PI-2026-0001"));

        Assert.Equal(200, (await world.Journal.State(CashAccount.Fold, bob, World.Ct)).Unapplied.Cents);
        Assert.Equal(("void", 0L), Of(await Listed(world, "PI-2026-0001")));
        await world.HoldBooks();
        await UseCredit.Run(world.Journal, world.Database, world.CatchUp, world.Now, World.Ct);
        Assert.Equal(("issued", 200L), Of(await Listed(world, "PI-2026-0002")));
        Assert.Equal(320, (await AccountStatement.Read(
            world.Database, bob, new(2000, 1, 1), new(2026, 10, 6), World.Ct)).Closing.Cents);
        await Pay(world, bob, "wire-2", 320);
        Assert.Equal(("paid", 520L), Of(await Listed(world, "PI-2026-0002")));
        await world.HoldBooks();
        static (string, long) Of(InvoiceRow row) => (row.Status, row.Paid.Cents);
    }

    [Fact]
    public async Task What_stands_is_not_issued_again_and_what_a_close_billed_again_is_due_no_more()
    {
        await using var world = await InOctober();
        await world.Ran("p-bob", World.September, 1, 100);
        await world.Close(World.September);
        Assert.Equal("invoice/not-void", (await Assert.ThrowsAsync<RefusedException>(
            () => Again(world, "PI-2026-0001"))).Refusal.Code);

        await Void(world, "PI-2026-0001");
        world.Now = World.Later;
        Assert.Single((await world.Close(World.October)).Plan!.Drafts);

        Assert.Empty(await Again(world, "PI-2026-0001"));
        await world.HoldBooks();
    }

    private static async Task<World> InOctober()
    {
        var world = await World.Start();
        world.Now = Instant.FromUtc(2026, 10, 5, 9, 0);
        return world;
    }

    private static async Task<World> WithAgreement()
    {
        var world = await InOctober();
        world.Institutions = BillingParties.Agreed;
        world.Programmes.RemoveAll(programme => programme.Id == "new-pi");
        await world.Told("""
            cluster,project,name,pi,code
            stack,p-dee,Dee's,dee@harvard.edu,370-123
            stack,p-fay,Fay's,fay@harvard.edu,
            """);
        await world.Ran("p-ada", World.September, 1, 500, vcpu: 20);
        await world.Ran("p-dee", World.September, 1, 100);
        await world.Ran("p-fay", World.September, 1, 200);
        return world;
    }

    private static async Task Pay(World world, AccountName account, string reference, long cents)
    {
        var payment = new PaymentToRecord(account, reference, new(cents), null, []);
        await world.Journal.Execute(new RecordPayment(world.Database, payment), world.Now, World.Ct);
        await world.CatchUp();
    }

    private static async Task<InvoiceRow> Listed(World world, string number) =>
        (await InvoiceList.Run(world.Database, new(Number: number), World.Ct)).Single();

    private static async Task Void(World world, string number)
    {
        await world.Journal.Execute(new VoidInvoice(world.Sources, number, "wrong"), world.Now, World.Ct);
        await world.CatchUp();
    }

    private static async Task<IEnumerable<string>> Again(World world, string number)
    {
        var numbers = await world.Journal.Execute(new ReissueInvoice(world.Sources, number), world.Now, World.Ct);
        await world.CatchUp();
        return numbers;
    }

    private static async Task<IEnumerable<string>> VoidAgain(World world, string number)
    {
        await Void(world, number);
        return await Again(world, number);
    }

    private static async Task<string> Exported(World world, BillingMonth month)
    {
        await using var text = new StringWriter();
        await ChargesExport.Write(world.Sources, new(month), text, World.Ct);
        await FocusExport.Write(world.Sources, new(month), text, World.Ct);
        await FocusExport.Write(world.Sources, new(month) { Focus = FocusVersion.V13 }, text, World.Ct);
        using var directory = new Exchange.Testing.Scratch();
        foreach (var file in (await SettlementExport.Run(world.Sources, new(month), directory.Path, World.Ct)).Files)
        {
            text.WriteLine(await File.ReadAllTextAsync(Path.Combine(directory.Path, file), World.Ct));
        }

        return text.ToString();
    }
}
