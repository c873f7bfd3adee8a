using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Mail;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Finance sees all that is to be paid, whoever owes it, by when it was due. Seen to fail with a first page that left out
/// institutions and payers, and with reminders for what a credit note covers.
/// </summary>
public class EverythingReceivable
{
    [Fact]
    public async Task The_first_page_and_the_list_hold_PIs_institutions_and_payers_alike()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.UseMuch(serving);
        await UsedMonth.Close(serving);
        var all = await Receivables.Run(await serving.Connection(), Serving.Ct);
        Assert.Equal(["institution", "payer", "pi"], all.Select(one => one.Kind).Distinct().Order());
        var sum = Web.Show.Of(Money.Sum(all.Select(one => one.BalanceDue)));
        using var finance = await serving.As("finance");

        foreach (var page in (string[])["/finance", "/finance/receivables"])
        {
            Assert.Contains(sum, await finance.GetStringAsync(new Uri(page, UriKind.Relative), Serving.Ct),
                StringComparison.Ordinal);
        }

        await serving.Exchange.Database.Execute("update invoicing.invoice set due = '2026-11-01'", [], Serving.Ct);
        var invoices = await finance.GetStringAsync(new Uri("/invoices", UriKind.Relative), Serving.Ct);
        Assert.Contains("Past due", invoices, StringComparison.Ordinal);
        Assert.Contains("Billed to institution", invoices, StringComparison.Ordinal);
        Assert.DoesNotContain(">issued<", invoices, StringComparison.Ordinal);
        var aged = await finance.GetStringAsync(new Uri("/finance/receivables", UriKind.Relative), Serving.Ct);
        Assert.Contains("1 to 30 days past due", aged, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("issued", 100, 5, PaymentStatus.Open)]
    [InlineData("issued", 100, 4, PaymentStatus.PastDue)]
    [InlineData("issued", 0, 4, PaymentStatus.Paid)]
    [InlineData("issued", -100, 4, PaymentStatus.Paid)]
    [InlineData("paid", 0, 4, PaymentStatus.Paid)]
    [InlineData("taken", 100, 4, PaymentStatus.BilledToInstitution)]
    [InlineData("void", 100, 4, PaymentStatus.Void)]
    public void A_status_says_what_is_to_be_done(string status, int open, int due, PaymentStatus expected) => Assert.Equal(
        expected, PaymentStatuses.Of(status, new(open), new LocalDate(2026, 11, due), new LocalDate(2026, 11, 5)));

    [Fact]
    public async Task Nobody_is_reminded_of_what_a_credit_of_theirs_covers()
    {
        await using var serving = await UsedMonth.Start(Instant.FromUtc(2026, 12, 20, 12, 0));
        await UsedMonth.Close(serving);
        await serving.Exchange.Projections.CatchUp(Serving.Ct);
        var ben = Assert.Single(await InvoiceList.Run(
            serving.Exchange.Database, new(UsedMonth.Month, Serving.Ben), Serving.Ct));
        await serving.Exchange.Database.Execute("""
            update invoicing.invoice set due = '2026-12-01' where number = $1
            """, [ben.Number!], Serving.Ct);
        Assert.Equal(1, await Remind(serving));
        await serving.Exchange.Database.Execute("delete from exchange.outbox", [], Serving.Ct);

        // A credit note of a later month, as large as the invoice but for one dollar, and then as large as it.
        await serving.Exchange.Database.Execute("""
            insert into invoicing.invoice (
              id, month, account, number, status, lines, total, balance, owed, paid, due, issued_at)
            select '2026-11:ben', '2026-11', account, 'CN-2026-0009', status, lines, total, balance, 100 - owed, 0,
                   '2027-01-01', issued_at
            from invoicing.invoice where number = $1
            """, [ben.Number!], Serving.Ct);
        Assert.Equal(1, await Remind(serving));
        await using (var command = serving.Exchange.Database.Statement("select body from exchange.outbox", []))
        {
            Assert.Contains("1.00 USD of invoice", (string)(await command.ExecuteScalarAsync(Serving.Ct))!,
                StringComparison.Ordinal);
        }

        await serving.Exchange.Database.Execute("delete from exchange.outbox", [], Serving.Ct);
        await serving.Exchange.Database.Execute(
            "update invoicing.invoice set owed = owed - 100 where number = 'CN-2026-0009'", [], Serving.Ct);
        Assert.Equal(0, await Remind(serving));

        // The same where the credit is money that pays no invoice yet.
        await serving.Exchange.Database.Execute(
            "delete from invoicing.invoice where number = 'CN-2026-0009'", [], Serving.Ct);
        await Unapplied(serving, -ben.Owed.Cents);
        Assert.Equal(0, await Remind(serving));
        await Unapplied(serving, ben.Owed.Cents);

        // Each stage once, and of stages that passed at once the last alone.
        foreach (var (due, stage, queued) in ((string, string, int)[])[
            ("2026-12-19", "reminder:PI-2026-0002:0", 1), ("2026-12-18", "", 0), ("2026-11-01", "reminder:PI-2026-0002:3", 1),
            ("2026-11-01", "", 0)])
        {
            await serving.Exchange.Database.Execute(
                "update invoicing.invoice set due = $1::date where number = $2", [due, ben.Number!], Serving.Ct);
            Assert.Equal(queued, await Remind(serving));
            await using var command = serving.Exchange.Database.Statement(
                "select count(*) from exchange.outbox where id = $1", [stage]);
            Assert.Equal((long)queued, await command.ExecuteScalarAsync(Serving.Ct));
        }

        Assert.Equal(0, await Remind(serving, "&reminders=50,90"));
    }

    [Theory, InlineData("&reminders="), InlineData("&reminders=5,5"), InlineData("&reminders=0"), InlineData("&cc=a@b.org")]
    public void Stages_of_reminders_are_days_that_grow(string stages) => Assert.Equal(
        "mail/settings",
        Assert.Throws<RefusedException>(() => MailSettings.Parse(Server + stages)).Refusal.Code);

    private static Task<int> Unapplied(Serving serving, long cents) => serving.Exchange.Database.Execute("""
        insert into invoicing.posting (position, account, cents, reference, what, at, month)
        select coalesce(max(position), 0) + 1, 'unapplied:pi:ben@mit.edu', $1, 'cash', 'cash', now(), '2026-12'
        from invoicing.posting
        """, [cents], Serving.Ct);

    private const string Server = "smtp://localhost?from=billing@example.org";

    private static Task<int> Remind(Serving serving, string stages = "") =>
        QueueReminders.Run(serving.Exchange, MailSettings.Parse(Server + stages), Serving.Ct);
}
