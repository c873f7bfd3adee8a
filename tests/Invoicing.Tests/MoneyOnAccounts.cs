using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// Accounts hold credit and unapplied cash: a payment may pay several invoices, more than is open, or nothing yet; a
/// credit note is used, kept or refunded. Before, each payment was one invoice's, what was more was refused, and a credit
/// note stayed open beside the invoice that was dunned.
/// </summary>
public class MoneyOnAccounts
{
    private static readonly AccountName Bob = AccountName.Of(new PiId("bob@elsewhere.edu"));

    public static TheoryData<int> Seeds => new(Draws.Seeds(few: 2, many: 20));

    /// <summary>9.75 of September and 13.00 of October are open; 100 come: 77.25 are left for whatever is billed next.</summary>
    [Fact]
    public async Task A_payment_pays_the_oldest_first_and_what_is_left_pays_the_next_invoice()
    {
        await using var world = await Billed();
        var done = await Record(world, "wire-1", 10_000);

        Assert.Equal(
            [new("PI-2026-0001", new Money(975)), new("PI-2026-0002", new Money(1_300))], done.Paid.AsEnumerable());
        Assert.Equal(new Money(7_725), done.Unapplied);
        Assert.Equal(["paid", "paid"], await Statuses(world));

        world.Now += Duration.FromDays(31);
        await world.Ran("p-bob", World.October.Next, 1, 100, vcpu: 5);
        await world.Close(World.October.Next);
        await UseCredit.Run(world.Journal, world.Database, world.CatchUp, world.Now, World.Ct);

        Assert.Equal(["paid", "paid", "paid"], await Statuses(world));
        Assert.Equal(new Money(-7_075), (await Statement(world)).Closing);
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    [Fact]
    public async Task A_payment_pays_the_invoices_that_are_told_and_counts_once()
    {
        await using var world = await Billed();
        var payment = new PaymentToRecord(
            Bob, "wire-1", new(1_500), new LocalDate(2026, 11, 1), [new("PI-2026-0002", null), new("PI-2026-0001", null)]);
        var done = await world.Journal.Execute(new RecordPayment(world.Database, payment), world.Now, World.Ct);
        Assert.Equal(
            [new("PI-2026-0002", new Money(1_300)), new("PI-2026-0001", new Money(200))], done.Paid.AsEnumerable());

        await world.CatchUp();
        Assert.False((await world.Journal.Execute(
            new RecordPayment(world.Database, payment), world.Now, World.Ct)).IsNew);
        Assert.Equal("invoice/payment-differs", await RefusalOf(() => Record(world, "wire-1", 1_501)));
        Assert.Equal([775L], (await OpenInvoices.Run(world.Database, Bob, World.Ct)).Select(one => one.Open.Cents));
        var cash = await world.Journal.State(CashAccount.Fold, Bob, World.Ct);
        Assert.Equal(new LocalDate(2026, 11, 1), cash.Payments["wire-1"].ValueDate);
    }

    [Theory]
    [InlineData(0, "invoice/payment-not-positive")]
    [InlineData(-5, "invoice/payment-not-positive")]
    public async Task What_is_no_payment_is_refused(long cents, string code)
    {
        await using var world = await Billed();
        Assert.Equal(code, await RefusalOf(() => Record(world, "wire-1", cents)));
    }

    [Fact]
    public async Task An_invoice_of_somebody_else_and_more_than_is_open_are_refused_when_told()
    {
        await using var world = await Billed();
        Assert.Equal("payment/other-account", await RefusalOf(() => world.Journal.Execute(
            new RecordPayment(world.Database, new(
                AccountName.Of(new PiId("ada@bu.edu")), "w", new(100), null, [new("PI-2026-0001", null)])),
            world.Now, World.Ct)));
        Assert.Equal("invoice/overpaid", await RefusalOf(() => Record(
            world, "w", 2_000, new InvoiceToPay("PI-2026-0001", new Money(976)))));
        Assert.Equal("payment/applied-too-much", await RefusalOf(() => Record(
            world, "w", 100, new InvoiceToPay("PI-2026-0001", new Money(101)))));
        Assert.Empty((await world.Journal.State(CashAccount.Fold, Bob, World.Ct)).Payments);
    }

    /// <summary>The figures of the report: a credit note of 31.20, then an invoice of 96.72; 65.52 are to be paid.</summary>
    [Fact]
    public async Task A_credit_note_is_used_for_the_next_invoice_and_nobody_is_asked_for_what_it_covers()
    {
        await using var world = await WithCreditNote();
        await UseCredit.Run(world.Journal, world.Database, world.CatchUp, world.Now, World.Ct);

        Assert.Equal([("PI-2026-0003", 6_552L)],
            (await OpenInvoices.Run(world.Database, Bob, World.Ct)).Select(one => (one.Number, one.Open.Cents)));
        await using var connection = await world.Database.OpenConnectionAsync(World.Ct);
        Assert.Equal(new(6_552), Money.Sum((await BilledMonths.Run(connection, World.Ct)).Select(month => month.Open)));
        await CorrectingInvoices.TellsOneTruthOfWhatIsOpen(connection);
        await world.Journal.Execute(
            new PayInvoice(world.Database, "PI-2026-0003", "wire-2", new(6_552)), world.Now, World.Ct);
        await world.CatchUp();
        Assert.Empty(await OpenInvoices.Run(world.Database, Bob, World.Ct));
        Assert.Equal(Money.Zero, (await Statement(world)).Closing);
        await UseCredit.Run(world.Journal, world.Database, world.CatchUp, world.Now, World.Ct);
        Assert.Empty(await OpenInvoices.Run(world.Database, Bob, World.Ct));
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    [Fact]
    public async Task Credit_that_is_to_be_kept_is_kept_until_it_is_applied_by_hand()
    {
        await using var world = await WithCreditNote();
        await world.Journal.Execute(new KeepCredit(world.Database, Bob, keep: true, "fin"), world.Now, World.Ct);
        await UseCredit.Run(world.Journal, world.Database, world.CatchUp, world.Now, World.Ct);
        Assert.Equal([-3_120L, 9_672L],
            (await OpenInvoices.Run(world.Database, Bob, World.Ct)).Select(one => one.Open.Cents).Order());

        var used = await world.Journal.Execute(
            new ApplyCredit(world.Database, Bob, ["PI-2026-0003"]), world.Now, World.Ct);
        Assert.Equal([new CreditUsed("CN-2026-0001", "PI-2026-0003", new(3_120))], used);
    }

    [Fact]
    public async Task Credit_is_refunded_cash_first_and_no_more_than_there_is()
    {
        await using var world = await WithCreditNote();
        await world.Journal.Execute(new RecordPayment(world.Database, new(
            Bob, "wire-9", new(10_672), null, [new("PI-2026-0003", null)])), world.Now, World.Ct);
        await world.CatchUp();

        Assert.Equal("account/refund-too-much", await RefusalOf(() => world.Journal.Execute(
            new RefundCredit(world.Database, Bob, "back-1", new(4_121), null), world.Now, World.Ct)));
        var used = await world.Journal.Execute(
            new RefundCredit(world.Database, Bob, "back-1", new(4_120), null), world.Now, World.Ct);
        Assert.Equal(
            [new CreditUsed("wire-9", "back-1", new(1_000)), new("CN-2026-0001", "back-1", new(3_120))], used);
        await world.CatchUp();
        Assert.Empty(await OpenInvoices.Run(world.Database, Bob, World.Ct));
        Assert.Equal(Money.Zero, (await Statement(world)).Closing);
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    [Fact]
    public async Task What_will_not_be_paid_is_written_off_and_what_comes_later_is_kept()
    {
        await using var world = await Billed();
        Assert.Equal("invoice/no-reason", await RefusalOf(() => world.Journal.Execute(
            new WriteOffInvoice(world.Database, "PI-2026-0001", null, " "), world.Now, World.Ct)));
        Assert.Equal(new Money(975), await world.Journal.Execute(
            new WriteOffInvoice(world.Database, "PI-2026-0001", null, "left"), world.Now, World.Ct));
        await world.CatchUp();
        Assert.Equal("invoice/settled", await RefusalOf(() => world.Journal.Execute(
            new VoidInvoice(world.Sources, "PI-2026-0001", "wrong"), world.Now, World.Ct)));
        await world.Journal.Execute(
            new PayInvoice(world.Database, "PI-2026-0001", "late", new(975)), world.Now, World.Ct);
        await world.CatchUp();

        Assert.Equal(new Money(975), (await world.Journal.State(CashAccount.Fold, Bob, World.Ct)).Unapplied);
        Assert.Equal(new Money(1_300 - 975), (await Statement(world)).Closing);
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    /// <summary>
    /// Whatever is done in whatever order, what the statement says is what the general ledger says, what is open and
    /// what is unapplied come to it, and no money is made.
    /// </summary>
    [Theory, MemberData(nameof(Seeds))]
    public async Task Accounts_add_up_whatever_is_done_to_them(int seed)
    {
        await using var world = await WithCreditNote();
        var random = new Random(seed);
        for (var i = 0; i < 25; i++)
        {
            try
            {
                await Draw(world, random, i);
            }
            catch (RefusedException)
            {
                // Some of what is drawn cannot be; then nothing may have changed.
            }

            await world.CatchUp();
            var cash = await world.Journal.State(CashAccount.Fold, Bob, World.Ct);
            var open = await OpenInvoices.Run(world.Database, Bob, World.Ct);
            Assert.Equal((await Statement(world)).Closing, Money.Sum(open.Select(one => one.Open)) - cash.Unapplied);
            Assert.True(cash.Unapplied >= Money.Zero);
        }

        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    private static Task Draw(World world, Random random, int number)
    {
        var amount = new Money(random.Next(1, 8_000));
        var invoice = random.Next(2) == 0 ? "PI-2026-0003" : "PI-2026-0001";
        return random.Next(6) switch
        {
            0 => Record(world, $"wire-{random.Next(number + 1)}", amount.Cents),
            1 => world.Journal.Execute(
                new PayInvoice(world.Database, invoice, $"pay-{number}", amount), world.Now, World.Ct),
            2 => world.Journal.Execute(new ApplyCredit(world.Database, Bob, []), world.Now, World.Ct),
            3 => world.Journal.Execute(
                new RefundCredit(world.Database, Bob, $"back-{number}", amount, null), world.Now, World.Ct),
            4 => world.Journal.Execute(
                new CreditInvoice(world.Database, invoice, new(random.Next(1, 500)), "why"), world.Now, World.Ct),
            _ => world.Journal.Execute(
                new WriteOffInvoice(world.Database, invoice, new(random.Next(1, 300)), "why"), world.Now, World.Ct),
        };
    }

    /// <summary>Bob owes 9.75 for September and 13.00 for October.</summary>
    private static async Task<World> Billed()
    {
        var world = await World.Start();
        await world.Ran("p-bob", World.September, 1, 150, vcpu: 5);
        await world.Close(World.September);
        await world.Ran("p-bob", World.October, 1, 200, vcpu: 5);
        await world.Close(World.October);
        await world.CatchUp();
        return world;
    }

    /// <summary>
    /// September of 31.20 was paid and turned out to be Ada's, so October brings a credit note; November is 96.72.
    /// </summary>
    private static async Task<World> WithCreditNote()
    {
        var world = await World.Start();
        await world.Ran("p-bob", World.September, 1, 480, vcpu: 5);
        await world.Close(World.September);
        await world.CatchUp();
        await world.Journal.Execute(
            new PayInvoice(world.Database, "PI-2026-0001", "wire-1", new(3_120)), world.Now, World.Ct);
        await world.Told("""
            cluster,project,name,pi,from
            stack,p-bob,Bob & co,ada@bu.edu,2026-01
            stack,p-new,Bob again,bob@elsewhere.edu,2026-01
            """);
        await world.Close(World.October);
        world.Now += Duration.FromDays(31);
        await world.Ran("p-new", World.October.Next, 1, 720, vcpu: 10);
        await world.Ran("p-new", World.October.Next, 1, 24, vcpu: 10);
        await world.Close(World.October.Next);
        await world.CatchUp();
        return world;
    }

    private static Task<PaymentRecorded> Record(World world, string reference, long cents, params InvoiceToPay[] invoices) =>
        Caught(world, new RecordPayment(world.Database, new(Bob, reference, new(cents), null, [.. invoices])));

    private static async Task<PaymentRecorded> Caught(World world, RecordPayment payment)
    {
        var done = await world.Journal.Execute(payment, world.Now, World.Ct);
        await world.CatchUp();
        return done;
    }

    private static async Task<string[]> Statuses(World world) =>
        [.. (await InvoiceList.Run(world.Database, new(), World.Ct)).Select(row => row.Status)];

    private static Task<AccountStatement> Statement(World world) =>
        AccountStatement.Read(world.Database, Bob, new(2000, 1, 1), new(2030, 1, 1), World.Ct);

    private static async Task<string> RefusalOf(Func<Task> act) =>
        (await Assert.ThrowsAsync<RefusedException>(act)).Refusal.Code;
}
