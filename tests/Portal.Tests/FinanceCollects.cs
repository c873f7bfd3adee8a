using System.Net;
using System.Text.RegularExpressions;
using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Finance on its pages: accounts and their statements, payments over several invoices, the bank's file, credit, and
/// payouts that landlords accept or dispute.
/// </summary>
public partial class FinanceCollects
{
    private const string Ada = "/finance/customers/pi%3Aada%40bu.edu";
    private const string Ben = "/finance/customers/pi%3Aben%40mit.edu";

    /// <summary>99,999.00 on an invoice of less: what is more is kept on the account, and nothing is lost.</summary>
    [Fact]
    public async Task An_overpayment_is_kept_on_the_account()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        var row = await Row(serving, "PI-2026-0002");
        const string Page = "/invoices/PI-2026-0002";
        using var paid = await UsedMonth.Submit(
            finance, Page, $"{Page}/payments", ("reference", "wire-1"), ("amount", "99999"));
        Assert.Equal(Page, paid.Headers.Location?.ToString());

        var account = row.Account.Name == "ada@bu.edu" ? Ada : Ben;
        var html = await Get(finance, account);
        var kept = new Money(99_999_00) - row.Owed;
        Assert.Contains($"{kept.Amount:#,##0.00}", html, StringComparison.Ordinal);
        Assert.Equal(kept, (await AccountList.Run(serving.Exchange.Database, Serving.Ct))
            .Single(one => one.Account.Name == row.Account.Name).Unapplied);
        Assert.Contains("Unapplied cash", await Get(finance, "/finance/customers"), StringComparison.Ordinal);

        using var back = await UsedMonth.Submit(finance, account, $"{account}/credit",
            ("do", "refund"), ("back_reference", "back-1"), ("back", $"{kept.Amount}"), ("back_date", "2026-11-04"));
        Assert.Equal(HttpStatusCode.Redirect, back.StatusCode);
        Assert.True((await AccountList.Run(serving.Exchange.Database, Serving.Ct))
            .Single(one => one.Account.Name == row.Account.Name).Unapplied.IsZero);
    }

    [Fact]
    public async Task A_payment_is_recorded_with_its_value_date_for_the_invoices_that_are_checked()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        var row = (await Row(serving, "PI-2026-0001")) is { Account.Name: "ben@mit.edu" } ben
            ? ben : await Row(serving, "PI-2026-0002");
        using var paid = await UsedMonth.Submit(finance, Ben, $"{Ben}/payments",
            ("reference", "wire-1"), ("amount", "3.00"), ("date", "2026-11-02"), ("pay", row.Number!),
            ($"part-{row.Number}", "2.00"));
        Assert.Equal(HttpStatusCode.Redirect, paid.StatusCode);
        var html = await Get(finance, Ben);
        Assert.Contains("Payment <span class=\"id\">wire-1</span> of ", html, StringComparison.Ordinal);
        Assert.Equal(new Money(200), (await Row(serving, row.Number!)).Paid);

        using var wrong = await UsedMonth.Submit(finance, Ben, $"{Ben}/payments",
            ("reference", "wire-2"), ("amount", "1.00"), ("date", "yesterday"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains(
            "id=\"date-wrong\"", await wrong.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        using var applied = await UsedMonth.Submit(finance, Ben, $"{Ben}/credit", ("do", "apply"));
        Assert.Equal(HttpStatusCode.Redirect, applied.StatusCode);
        Assert.Equal(new Money(300), (await Row(serving, row.Number!)).Paid);

        var csv = await Get(finance, $"{Ben}/statement.csv?from=2026-11-01&until=2026-11-30");
        Assert.StartsWith("day,document,what,amount,balance\n", csv, StringComparison.Ordinal);
        Assert.Contains("Payment wire-1", csv, StringComparison.Ordinal);
        using var pdf = await finance.GetAsync(new Uri($"{Ben}/statement.pdf", UriKind.Relative), Serving.Ct);
        Assert.Equal("application/pdf", pdf.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.NotFound, (await finance.GetAsync(
            new Uri("/finance/customers/pi%3Anobody%40bu.edu", UriKind.Relative), Serving.Ct)).StatusCode);
    }

    [Fact]
    public async Task A_bank_file_is_looked_at_before_anything_is_recorded()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        var list = "date,amount,reference,text\n2026-11-02,1.00,B-1,for PI-2026-0002\n" +
            "2026-11-02,7.00,B-2,thanks\n2026-11-02,2.00,B-3,for PI-2026-0001\n";
        const string Page = "/finance/payments";
        using var review = await UsedMonth.Submit(finance, Page, Page, ("list", list), ("do", "review"));
        var html = await review.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal(2, Checked().Count(html));
        Assert.True((await Row(serving, "PI-2026-0002")).Paid.IsZero);

        using var wrong = await UsedMonth.RecordList(
            finance, list, ("take", "1"), ("take", "2"), ("account-2", "nobody"));
        html = await wrong.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Contains("Nothing was done", html, StringComparison.Ordinal);
        Assert.Contains("Give the account of payment B-2", html, StringComparison.Ordinal);
        Assert.True((await Row(serving, "PI-2026-0002")).Paid.IsZero);
        using var unseen = await UsedMonth.Submit(
            finance, Page, Page, ("list", list), ("do", "record"), ("take", "1"));
        Assert.Equal(HttpStatusCode.BadRequest, unseen.StatusCode);
        Assert.True((await Row(serving, "PI-2026-0002")).Paid.IsZero);
        var other = (await Row(serving, "PI-2026-0001")).Account.Name;
        using var done = await UsedMonth.RecordList(
            finance, list, ("take", "1"), ("take", "2"), ("account-2", other));
        html = await done.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Contains("Payments recorded", html, StringComparison.Ordinal);
        Assert.Equal(new Money(100), (await Row(serving, "PI-2026-0002")).Paid);
        Assert.Equal(new Money(700), (await serving.Exchange.Journal.State(
            CashAccount.Fold, $"pi:{other}", Serving.Ct)).Payments["B-2"].Amount);
        using var again = await UsedMonth.Submit(finance, Page, Page, ("list", list), ("do", "review"));
        html = await again.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Contains("recorded before", html, StringComparison.Ordinal);
        Assert.Equal(1, Checked().Count(html));

        using var none = await UsedMonth.Submit(finance, Page, Page,
            ("list", "<!DOCTYPE x><x/>"), ("do", "review"));
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
    }

    [Fact]
    public async Task A_landlord_disputes_a_line_and_is_paid_once_that_is_resolved()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        using var nerc = await serving.As("nerc");
        Assert.Contains("/landlord/statements/landlord/2026-10", await Get(nerc, "/landlord/statements"),
            StringComparison.Ordinal);
        const string Mine = "/landlord/statements/landlord/2026-10";
        using var unsaid = await UsedMonth.Submit(nerc, Mine, Mine, ("do", "dispute"), ("line", "1"));
        Assert.Equal(HttpStatusCode.BadRequest, unsaid.StatusCode);
        foreach (var (act, line) in ((string, string)[])[("dispute", "99"), ("dispute", "x"), ("no", "1")])
        {
            using var unclear = await UsedMonth.Submit(
                nerc, Mine, Mine, ("do", act), ("line", line), ("because", "fewer hours"));
            Assert.Equal(HttpStatusCode.BadRequest, unclear.StatusCode);
        }

        Assert.DoesNotContain("disputed", await Get(nerc, Mine), StringComparison.Ordinal);
        using var disputed = await UsedMonth.Submit(
            nerc, Mine, Mine, ("do", "dispute"), ("line", "1"), ("because", "fewer hours"));
        Assert.Equal(HttpStatusCode.Redirect, disputed.StatusCode);

        const string Payee = "/finance/payouts/landlord%3Anerc";
        using var early = await UsedMonth.Submit(finance, Payee, Payee,
            ("reference", "out-1"), ("amount", "1.00"), ("month", "2026-10"));
        Assert.Equal(HttpStatusCode.BadRequest, early.StatusCode);
        using var resolved = await UsedMonth.Submit(finance, $"{Payee}/2026-10", $"{Payee}/2026-10",
            ("do", "resolve"), ("line", "1"), ("because", "hours are right"));
        Assert.Equal(HttpStatusCode.Redirect, resolved.StatusCode);
        using var accepted = await UsedMonth.Submit(nerc, Mine, Mine, ("do", "accept"));
        Assert.Contains("accepted", await Get(nerc, Mine), StringComparison.Ordinal);
        using var paid = await UsedMonth.Submit(finance, Payee, Payee,
            ("reference", "out-1"), ("amount", "1.00"), ("date", "2026-11-03"), ("month", "2026-10"));
        Assert.Equal(HttpStatusCode.Redirect, paid.StatusCode);
        Assert.Contains("out-1", await Get(finance, Payee), StringComparison.Ordinal);
        using var other = await nerc.GetAsync(
            new Uri("/finance/payouts/landlord%3Anerc/2026-10", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
    }

    [Fact]
    public async Task What_will_not_be_paid_is_written_off_with_a_reason()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        const string Page = "/invoices/PI-2026-0002";
        using var unsaid = await UsedMonth.Submit(finance, Page, $"{Page}/corrections", ("do", "write-off"));
        Assert.Equal(HttpStatusCode.BadRequest, unsaid.StatusCode);
        using var done = await UsedMonth.Submit(
            finance, Page, $"{Page}/corrections", ("do", "write-off"), ("because", "the group has left"));
        Assert.Equal(HttpStatusCode.Redirect, done.StatusCode);
        Assert.True((await Row(serving, "PI-2026-0002")).BalanceDue.IsZero);
    }

    private static async Task<InvoiceRow> Row(Serving serving, string number) =>
        (await InvoiceList.Run(serving.Exchange.Database, new(Number: number), Serving.Ct)).Single();

    private static Task<string> Get(HttpClient client, string page) =>
        client.GetStringAsync(new Uri(page, UriKind.Relative), Serving.Ct);

    [GeneratedRegex("name=\"take\"[^>]*checked")]
    private static partial Regex Checked();
}
