using System.IO.Compression;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Explaining;
using Exchange.Invoicing.Exports;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Rating;
using Exchange.Testing;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// Invoices to institutions with an agreement, and to payers. Seen to fail when the PI still owed what the institution
/// took, and when a payer was not told of a void invoice.
/// </summary>
public class BillingParties
{
    internal static readonly Institutions Agreed = Institutions.Parse("""
        institutions:
          - name: Boston University
            domains: [bu.edu]
          - name: Harvard University
            domains: [harvard.edu]
            invoiced_since: 2026-09
        """, "institutions.yaml");

    [Fact]
    public async Task An_institution_takes_what_its_PIs_owe_by_project_and_customer_code()
    {
        await using var world = await Used();
        var closed = await world.Close(World.September);

        var (number, draft) = closed.Parties.Single(of => of.Draft.Party.Kind == PartyKind.Institution);
        Assert.Equal(("IN-2026-0001", "Harvard University", 1_560L), (number, draft.Party.Name, draft.Owed.Cents));
        Assert.Equal(
            [("dee@harvard.edu", "Dee's", "370-123", 520L), ("fay@harvard.edu", "Fay's", (string?)null, 1_040L)],
            draft.Lines.Select(line => (line.Pi.Value, line.What, line.Code, line.Amount.Cents)));
        Golden.Match("party-invoice.txt", (await FindInvoice.DocumentOf(
            world.Journal, world.Database, number, World.Ct)).AsText());
        Assert.NotEmpty(InvoicePdf.Draw(await FindInvoice.DocumentOf(
            world.Journal, world.Database, number, World.Ct)));

        Assert.Equal(
            ["issued", "taken", "taken"],
            (await InvoiceList.Run(world.Database, new(), World.Ct)).Select(row => row.Status));
        Assert.Equal(
            [("receivable:institution:Harvard University", 1_560L), ("receivable:payer:bu-research-it", 10_000L),
             ("receivable:pi:ada@bu.edu", 3_000L)],
            await Receivable(world));
        Assert.Equal("invoice/taken", await RefusalOf(() => world.Journal.Execute(
                new PayInvoice(world.Database, "PI-2026-0002", "wire", new(520)), world.Now, World.Ct)));
        Assert.Equal("invoice/taken", (await Assert.ThrowsAsync<RefusedException>(() => world.Journal.Execute(
                new VoidInvoice(world.Sources, "PI-2026-0002", "wrong"), world.Now, World.Ct))).Refusal.Code);

        Assert.True(await world.Journal.Execute(
                new PayInvoice(world.Database, number, "wire-1", new(1_560)), world.Now, World.Ct));
        Assert.False(await world.Journal.Execute(
                new PayInvoice(world.Database, number, "wire-1", new(1_560)), world.Now, World.Ct));
        await world.CatchUp();
        Assert.Equal(
            [("IN-2026-0001", "paid"), ("PY-2026-0001", "issued")],
            (await Parties(world)).Select(row => (row.Number, row.Status)));
        Assert.DoesNotContain(
            await Receivable(world), a => a.Account.Contains("institution", StringComparison.Ordinal));
        await CorrectingInvoices.KeepsWhatIsOwed(world);
        await Adds(world);
    }

    [Fact]
    public async Task Their_PDFs_are_kept_by_hash_and_go_out_with_those_of_PIs()
    {
        await using var world = await Used();
        await world.Close(World.September);
        using var directory = new Scratch();

        await InvoicesZip.Run(world.Sources, new(World.September), directory.Path, World.Ct);

        await using (var zip = await ZipFile.OpenReadAsync(
            Path.Combine(directory.Path, "invoices-2026-09.zip"), World.Ct))
        {
            Assert.Equal(
                [
                    "IN-2026-0001.pdf", "PI-2026-0001.pdf", "PI-2026-0002.pdf", "PI-2026-0003.pdf",
                    "PY-2026-0001.pdf",
                ], zip.Entries.Select(entry => entry.Name));
        }

        var first = await KeepPartyDocuments.Pdf(world.Sources, "IN-2026-0001", world.Now, World.Ct);
        var again = await KeepPartyDocuments.Pdf(
            world.Sources, "IN-2026-0001", world.Now + NodaTime.Duration.FromDays(9), World.Ct);
        Assert.Equal(first, again);
        await world.Journal.Execute(
                new VoidInvoice(world.Sources, "IN-2026-0001", "no agreement"), world.Now, World.Ct);
        Assert.NotEqual(first, await KeepPartyDocuments.Pdf(world.Sources, "IN-2026-0001", world.Now, World.Ct));
        await world.CatchUp();
        Assert.Empty(await KeepDocuments.Verify(world.Database, World.Ct));
        await world.Database.Execute(
            "update invoicing.document set pdf = 'x' where number = 'PY-2026-0001'", [], World.Ct);
        Assert.Equal(["PY-2026-0001: its PDF was changed"], await KeepDocuments.Verify(world.Database, World.Ct));
        Assert.Equal("invoice/document-changed", (await Assert.ThrowsAsync<RefusedException>(() =>
            KeepPartyDocuments.Pdf(world.Sources, "PY-2026-0001", world.Now, World.Ct))).Refusal.Code);
    }

    [Fact]
    public async Task A_void_invoice_of_an_institution_lets_its_PIs_owe_again()
    {
        await using var world = await Used();
        await world.Close(World.September);

        Assert.True(await world.Journal.Execute(
                new VoidInvoice(world.Sources, "IN-2026-0001", "no agreement"), world.Now, World.Ct));
        Assert.False(await world.Journal.Execute(
                new VoidInvoice(world.Sources, "IN-2026-0001", "no agreement"), world.Now, World.Ct));
        await world.CatchUp();

        Assert.Equal(
            [("receivable:payer:bu-research-it", 10_000L), ("receivable:pi:ada@bu.edu", 3_000L),
             ("receivable:pi:dee@harvard.edu", 520L), ("receivable:pi:fay@harvard.edu", 1_040L)],
            await Receivable(world));
        Assert.True(await world.Journal.Execute(
                new PayInvoice(world.Database, "PI-2026-0002", "wire", new(520)), world.Now, World.Ct));
        await CorrectingInvoices.KeepsWhatIsOwed(world);
        await Adds(world);
    }

    [Fact]
    public async Task A_payer_is_billed_what_its_subsidy_paid_and_later_only_what_changed()
    {
        await using var world = await Used();
        var first = (await world.Close(World.September)).Parties.Single(of => of.Draft.Party.Kind == PartyKind.Payer);
        await world.Journal.Execute(
                new VoidInvoice(world.Sources, "PI-2026-0001", "wrong PI"), world.Now, World.Ct);
        await world.Told("cluster,project,name,pi,from\nstack,p-ada,Ada's genomes,eve@bu.edu,2026-01");
        var next = (await world.Close(World.October)).Parties.Single(of => of.Draft.Party.Kind == PartyKind.Payer);

        Assert.Equal(("PY-2026-0001", 10_000L), (first.Number, first.Draft.Owed.Cents));
        Assert.Equal(
            [("ada@bu.edu", World.September, -10_000L), ("eve@bu.edu", World.September, 10_000L)],
            next.Draft.Lines.Select(line => (line.Pi.Value, line.Month, line.Amount.Cents)));
        Assert.Empty((await CloseMonth.Plan(
            world.Sources, World.October.Next, "corrected", world.Now, World.Ct)).Plan!.Parties);
        await Adds(world);
    }

    [Fact]
    public async Task A_void_invoice_to_a_payer_is_billed_again_by_the_next_close()
    {
        await using var world = await Used();
        await world.Close(World.September);
        await world.Journal.Execute(
                new VoidInvoice(world.Sources, "PY-2026-0001", "to the wrong office"), world.Now, World.Ct);

        var again = (await world.Close(World.October)).Parties.Single();

        Assert.Equal(("PY-2026-0002", 10_000L), (again.Number, again.Draft.Owed.Cents));
        await Adds(world);
    }

    [Fact]
    public async Task What_institutions_and_payers_owe_on_paper_is_what_the_ledger_says()
    {
        await using var world = await Used();
        await world.Close(World.September);
        await world.Ran("p-ada", World.September, 20, 100);
        await world.Ran("p-dee", World.September, 20, 7);
        await world.Close(World.October);

        Assert.Equal(
            (await Parties(world)).GroupBy(row => row.Party.Name).OrderBy(of => of.Key, StringComparer.Ordinal)
                .Select(of => (of.Key, Money.Sum(of.Select(row => row.Owed)).Cents)),
            (await Receivable(world)).Where(a => !a.Account.Contains(":pi:", StringComparison.Ordinal))
                .Select(a => (a.Account[(a.Account.LastIndexOf(':') + 1)..], a.Balance))
                .OrderBy(a => a.Item1, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Money_that_an_institution_paid_goes_back_once_and_then_the_invoice_can_be_taken_back()
    {
        await using var world = await Used();
        await world.Close(World.September);
        const string Number = "IN-2026-0001";
        await world.Journal.Execute(
                new PayInvoice(world.Database, Number, "wire-1", new(1_560)), world.Now, World.Ct);
        Assert.Equal("invoice/refund-too-much", await RefusalOf(() => world.Journal.Execute(
                new RefundInvoice(world.Database, Number, "back", new(1_561)), world.Now, World.Ct)));

        Assert.True(await world.Journal.Execute(
                new RefundInvoice(world.Database, Number, "back", new(1_000)), world.Now, World.Ct));
        Assert.False(await world.Journal.Execute(
                new RefundInvoice(world.Database, Number, "back", new(1_000)), world.Now, World.Ct));
        Assert.Equal("invoice/payment-differs", await RefusalOf(() => world.Journal.Execute(
                new RefundInvoice(world.Database, Number, "back", new(999)), world.Now, World.Ct)));
        await world.CatchUp();

        var row = (await Parties(world)).Single(one => one.Number == Number);
        Assert.Equal(("issued", 560L, 1_000L), (row.Status, row.Paid.Cents, row.Open.Cents));
        Assert.Contains(("receivable:institution:Harvard University", 1_000L), await Receivable(world));
        await world.Journal.Execute(
                new RefundInvoice(world.Database, Number, "rest", new(560)), world.Now, World.Ct);
        Assert.True(await world.Journal.Execute(
                new VoidInvoice(world.Sources, Number, "wrong"), world.Now, World.Ct));
        await world.CatchUp();
        Assert.DoesNotContain(
            await Receivable(world), a => a.Account.Contains("institution", StringComparison.Ordinal));
        await CorrectingInvoices.KeepsWhatIsOwed(world);
        await Adds(world);
    }

    [Fact]
    public async Task A_credit_note_bears_a_part_of_what_a_party_owes_and_never_more_than_all()
    {
        await using var world = await Used();
        await world.Close(World.September);

        var (note, credited) = await world.Journal.Execute(
                new CreditInvoice(world.Database, "IN-2026-0001", new(60), "an outage"), world.Now, World.Ct);
        await world.CatchUp();
        Assert.Equal(("CN-2026-0001", 60L), (note, credited.Cents));
        Golden.Match("party-credit-note.txt", (await FindInvoice.DocumentOf(
            world.Journal, world.Database, note, World.Ct)).AsText());
        Assert.Equal(
            await PdfOfNumber.Run(world.Sources, note, world.Now, World.Ct),
            await PdfOfNumber.Run(world.Sources, note, world.Now + NodaTime.Duration.FromDays(9), World.Ct));
        Assert.Equal("invoice/credited", await RefusalOf(() => world.Journal.Execute(
                new VoidInvoice(world.Sources, "IN-2026-0001", "wrong"), world.Now, World.Ct)));
        Assert.Equal("invoice/over-credited", await RefusalOf(() => world.Journal.Execute(
                new CreditInvoice(world.Database, "IN-2026-0001", new(1_501), "more"), world.Now, World.Ct)));

        await world.Journal.Execute(
                new PayInvoice(world.Database, "IN-2026-0001", "wire", new(1_500)), world.Now, World.Ct);
        Assert.Equal(10_000, (await world.Journal.Execute(
                new CreditInvoice(world.Database, "PY-2026-0001", null, "goodwill"), world.Now, World.Ct)).Amount.Cents);
        await world.CatchUp();
        Assert.Equal(
            [("IN-2026-0001", "paid", 60L, 0L), ("PY-2026-0001", "paid", 10_000L, 0L)],
            (await Parties(world)).Select(row => (row.Number, row.Status, row.Credited.Cents, row.Open.Cents)));
        Assert.Equal([("receivable:pi:ada@bu.edu", 3_000L)], await Receivable(world));

        // What was credited stays told: the next close asks the payer for nothing again.
        Assert.Empty((await CloseMonth.Plan(
            world.Sources, World.October, "corrected", world.Now, World.Ct)).Plan!.Parties);
        await CorrectingInvoices.KeepsWhatIsOwed(world);
        await Adds(world);
        await using var text = new StringWriter();
        await FocusExport.Write(world.Sources, new(BillingMonth.Of(world.Now)), text, World.Ct);
        Assert.Empty(Exports.FocusRules.Broken(text.ToString()));
        Assert.Contains(",-100,bu-research-it,bu-research-it,Payer,USD,", text.ToString(), StringComparison.Ordinal);
    }

    private static async Task<string> RefusalOf(Func<Task> act) =>
        (await Assert.ThrowsAsync<RefusedException>(act)).Refusal.Code;

    private static async Task<World> Used()
    {
        var world = await World.Start();
        world.Institutions = Agreed;
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

    private static async Task<IReadOnlyList<PartyRow>> Parties(World world)
    {
        await using var connection = await world.Database.OpenConnectionAsync(World.Ct);
        return await PartyList.Run(connection, null, World.Ct);
    }

    private static async Task<IReadOnlyList<(string Account, long Balance)>> Receivable(World world) =>
        [.. (await CorrectingInvoices.Balances(world)).Where(a =>
                !a.Balance.IsZero && a.Account.StartsWith("receivable:", StringComparison.Ordinal))
            .Select(a => (a.Account, a.Balance.Cents))];

    private static async Task Adds(World world)
    {
        var books = new VerifyBooks();
        foreach (var recorded in await world.Journal.ReadAll(0, 10_000, World.Ct))
        {
            books.Add(recorded);
        }

        Assert.Equal([], books.Finish());
    }
}
