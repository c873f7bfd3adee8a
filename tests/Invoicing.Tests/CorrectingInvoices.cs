using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Invoicing.Tests;

public class CorrectingInvoices
{
    private static readonly InvoiceEvent[] Issued = [Sample.Drafted(Sample.Lines), Sample.Issued];

    [Fact]
    public void A_credit_note_lowers_what_is_open() => Given.Events(Invoice.Fold, Issued)
        .When(invoice => Invoice.Credit(invoice, new("CN-2026-0001", new(100), "goodwill", Sample.Noon)))
        .Then(new InvoiceEvent.Credited("CN-2026-0001", new(100), "goodwill", Sample.Noon));

    [Theory]
    [InlineData(16_048, "why", "invoice/over-credited")]
    [InlineData(0, "why", "invoice/credit-not-positive")]
    [InlineData(5, " ", "invoice/no-reason")]
    public void A_credit_that_cannot_be_is_refused(long cents, string reason, string code) => Given
        .Events(Invoice.Fold, Issued)
        .When(invoice => Invoice.Credit(invoice, new("CN-2026-0001", new(cents), reason, Sample.Noon)))
        .ThenRefused(code);

    [Fact]
    public void What_was_credited_is_not_voided() => Given
        .Events(Invoice.Fold, [.. Issued, new InvoiceEvent.Credited("CN-2026-0001", new(1), "why", Sample.Noon)])
        .When(invoice => Invoice.Void(invoice, "wrong PI", Sample.Noon))
        .ThenRefused("invoice/credited");

    [Fact]
    public void More_than_was_paid_does_not_go_back() => Given
        .Events(Invoice.Fold, [.. Issued, new InvoiceEvent.Paid("wire-1", new(5), Sample.Noon)])
        .When(invoice => Invoice.Refund(invoice, "wire-2", new(6), Sample.Noon))
        .ThenRefused("invoice/refund-too-much");

    [Fact]
    public void Once_everything_that_was_paid_went_back_it_can_be_voided() => Given
        .Events(Invoice.Fold,
        [
            .. Issued, new InvoiceEvent.Paid("wire-1", new(5), Sample.Noon),
            new InvoiceEvent.Refunded("wire-2", new(5), Sample.Noon),
        ])
        .When(invoice => Invoice.Void(invoice, "wrong PI", Sample.Noon))
        .Then(new InvoiceEvent.Voided("wrong PI", Sample.Noon));

    /// <summary>
    /// Seen to fail when settlements were not corrected (the landlord was settled twice), and when funds kept their
    /// uses (the subsidy of the month was gone).
    /// </summary>
    [Fact]
    public async Task A_void_invoice_is_as_if_it_had_never_been_and_its_usage_is_billed_once_more()
    {
        await using var world = await World.Start();
        await world.Ran("p-ada", World.September, 1, 100, gpu: true);
        await world.Stored("v-ada", World.September, 500);
        await world.Close(World.September);
        await world.CatchUp();

        Assert.True(await world.Journal.Execute(
                new VoidInvoice(world.Sources, "PI-2026-0001", "wrong PI"), world.Now, World.Ct));
        await world.CatchUp();
        Assert.All(await Balances(world), account => Assert.True(account.Balance.IsZero));
        var subsidy = await world.Journal.State(Fund.Fold, "bu-subsidy", World.Ct);
        Assert.True(subsidy.Used(new("ada@bu.edu"), World.September).IsZero);
        Assert.False(await world.Journal.Execute(
                new VoidInvoice(world.Sources, "PI-2026-0001", "wrong PI"), world.Now, World.Ct));

        var again = (await world.Close(World.October)).Plan!.Drafts.Single();
        Assert.All(again.Lines, line => Assert.Equal(World.September, line.Adjusts));
        Assert.Equal(new Money(19_110), Money.Sum(again.Lines.Select(line => line.Amount)));
        Assert.Equal(new Money(10_000), Money.Sum(
            again.Lines.SelectMany(line => line.Funds).Where(f => f.IsSubsidy).Select(f => f.Amount)));
        await KeepsWhatIsOwed(world);
    }

    [Fact]
    public async Task A_credit_note_has_a_number_a_document_and_an_entry()
    {
        await using var world = await World.Start();
        await world.Ran("p-bob", World.September, 1, 100);
        await world.Close(World.September);

        var (number, _) = await world.Journal.Execute(
                new CreditInvoice(world.Database, "PI-2026-0001", new Money(100), "A node was slow."), world.Now, World.Ct);
        await world.Journal.Execute(
                new CreditInvoice(world.Database, "PI-2026-0001", null, "All of it."), world.Now, World.Ct);
        await world.CatchUp();

        var row = (await InvoiceList.Run(world.Database, new(Number: "PI-2026-0001"), World.Ct)).Single();
        Assert.Equal(("CN-2026-0001", "paid"), (number, row.Status));
        Assert.Equal(
            [("credits:exchange", 520L), ("payable:landlord:nerc", -520L)],
            (await Balances(world)).Where(a => !a.Balance.IsZero).Select(a => (a.Account, a.Balance.Cents)));
        Golden.Match("credit-note.txt", (await FindInvoice.DocumentOf(
            world.Journal, world.Database, number, World.Ct)).AsText());
    }

    /// <summary>
    /// An export that ran while a close drew the same invoices ended with "has moved on": whoever is overtaken takes
    /// what is kept by then.
    /// </summary>
    [Fact]
    public async Task Who_draws_a_month_while_another_draws_it_too_is_not_stopped()
    {
        await using var world = await World.Start();
        await world.Ran("p-bob", World.September, 1, 100);
        await world.Ran("p-cat", World.September, 1, 100);
        await world.Close(World.September);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => KeepDocuments.OfMonth(
            world.Sources, World.September, world.Now, (_, _) => { }, World.Ct), World.Ct)));

        await world.CatchUp();
        Assert.Empty(await KeepDocuments.Verify(world.Database, World.Ct));
    }

    [Fact]
    public async Task A_PDF_is_kept_with_its_hash_and_a_changed_byte_is_found()
    {
        await using var world = await World.Start();
        await world.Ran("p-bob", World.September, 1, 100);
        await world.Close(World.September);
        Assert.Equal(1, await KeepDocuments.OfMonth(
            world.Sources, World.September, world.Now, (_, _) => { }, World.Ct));
        await world.CatchUp();
        Assert.Equal(0, await KeepDocuments.OfMonth(
            world.Sources, World.September, world.Now, (_, _) => { }, World.Ct));

        var id = "2026-09:bob@elsewhere.edu";
        var kept = await KeepDocuments.Pdf(world.Sources, id, world.Now, World.Ct);
        var drawn = InvoicePdf.Draw(FindInvoice.Document(await world.Journal.State(Invoice.Fold, id, World.Ct)));
        Assert.Equal(drawn, kept);
        Assert.Empty(await KeepDocuments.Verify(world.Database, World.Ct));

        await Run(world.Database, "update invoicing.document set pdf = pdf || 'x'::bytea");
        Assert.Equal(["PI-2026-0001: its PDF was changed"], await KeepDocuments.Verify(world.Database, World.Ct));
        var refused = await Assert.ThrowsAsync<RefusedException>(
            () => KeepDocuments.Pdf(world.Sources, id, world.Now, World.Ct));
        Assert.Equal("invoice/document-changed", refused.Refusal.Code);
    }

    /// <summary>Debits are credits before any instant, and what landlords and the exchange get is what is owed.</summary>
    internal static async Task KeepsWhatIsOwed(World world)
    {
        await using var connection = await world.Database.OpenConnectionAsync(World.Ct);
        foreach (var at in await Instants(world.Database))
        {
            var accounts = await TrialBalance.Run(connection, at + Duration.FromMilliseconds(1), World.Ct);
            Assert.NotEmpty(accounts);
            Assert.True(Money.Sum(accounts.Select(account => account.Balance)).IsZero, $"at {at}");
        }

        var settled = await SettlementList.Run(connection, new(), World.Ct);
        var owed = (await InvoiceList.Run(world.Database, new(), World.Ct)).Where(row => row.Status != "void");
        Assert.Equal(
            Money.Sum(owed.Select(row => row.Total)),
            Money.Sum(settled.Select(row => row.Payable + row.Share + row.Hardware)));
        foreach (var row in settled)
        {
            var told = (await SettledIn.Run(world.Journal, world.Database, row.Month, null, World.Ct))
                .Single(one => one.Landlord == row.Landlord);
            Assert.Equal(row.Gross, Money.Sum(told.Lines.Select(line => line.Amount)));
            Assert.Equal(row.Payable, told.Payable);
        }

        await TellsOneTruthOfWhatIsOpen(connection);
    }

    /// <summary>What months, sums and the list of open invoices say is one thing.</summary>
    internal static async Task TellsOneTruthOfWhatIsOpen(NpgsqlConnection connection)
    {
        var today = new LocalDate(2026, 12, 15);
        var open = await Receivables.Run(connection, World.Ct);
        Assert.Equal(
            open.Where(one => one.Kind == "pi").GroupBy(one => one.Month)
                .ToDictionary(of => of.Key, of => Money.Sum(of.Select(one => one.BalanceDue))),
            (await BilledMonths.Run(connection, World.Ct)).Where(of => !of.Open.IsZero)
                .ToDictionary(of => of.Month, of => of.Open));
        var late = open.Where(one => one.DaysPastDue(today) > 0).ToList();
        Assert.Equal(
            new(Money.Sum(open.Select(one => one.BalanceDue)), open.Count,
                Money.Sum(late.Select(one => one.BalanceDue)), late.Count),
            await Receivables.Sums(connection, today, World.Ct));
    }

    internal static async Task<IReadOnlyList<AccountBalance>> Balances(World world)
    {
        await using var connection = await world.Database.OpenConnectionAsync(World.Ct);
        return await TrialBalance.Run(connection, world.Now + Duration.FromDays(1), World.Ct);
    }

    private static async Task<IReadOnlyList<Instant>> Instants(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("select distinct at from invoicing.posting order by at");
        await using var rows = await command.ExecuteReaderAsync(World.Ct);
        var at = new List<Instant>();
        while (await rows.ReadAsync(World.Ct))
        {
            at.Add(Instant.FromDateTimeUtc(rows.GetDateTime(0)));
        }

        return at;
    }

    private static async Task Run(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(World.Ct);
    }
}
