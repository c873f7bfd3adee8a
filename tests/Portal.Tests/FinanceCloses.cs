using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Exchange.Invoicing.Reading;
using Exchange.Portal.Keys;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Finance closes a month on its pages, and everyone reads the invoices that are theirs.</summary>
public partial class FinanceCloses
{
    [Fact]
    public async Task A_month_from_its_checklist_to_invoices_as_page_PDF_and_CSV()
    {
        await using var serving = await UsedMonth.Start();
        using var finance = await serving.As("finance");
        var plan = await Page(finance, "/finance/close?month=2026-10");
        Assert.Contains("Every check passes", plan, StringComparison.Ordinal);
        Assert.Equal(["check", "preview", "commit"], Headings().Matches(plan).Select(of => of.Groups[1].Value));
        Assert.Contains(StepAt("preview"), plan, StringComparison.Ordinal);
        Assert.DoesNotContain("#send", plan, StringComparison.Ordinal);
        Assert.Contains("ada@bu.edu", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>Ben</b>", plan, StringComparison.Ordinal);
        await UsedMonth.Close(serving);

        var month = await Page(finance, "/finance/month?month=2026-10");
        Assert.Contains("PI-2026-0001", month, StringComparison.Ordinal);
        Assert.Contains("PI-2026-0002", month, StringComparison.Ordinal);
        Assert.Contains(StepAt("send"), month, StringComparison.Ordinal);
        Assert.Contains("0 of 2 invoices", month, StringComparison.Ordinal);
        Assert.DoesNotContain("/jobs/mail/run", month, StringComparison.Ordinal); // No server is named.
        var months = await Page(finance, "/finance");
        Assert.Contains("Every month that is over is closed", months, StringComparison.Ordinal);

        using var ada = await serving.As("ada");
        var own = await Page(ada, "/invoices");
        Assert.Contains("PI-2026-0001", own, StringComparison.Ordinal);
        Assert.DoesNotContain("PI-2026-0002", own, StringComparison.Ordinal);
        var invoice = await Page(ada, "/invoices/PI-2026-0001");
        Assert.Contains("$12.48", invoice, StringComparison.Ordinal); // 4 vCPU and 16 GiB: 4 SU for 240 h at $0.013.
        var pdf = await ada.GetByteArrayAsync(new Uri("/invoices/PI-2026-0001.pdf", UriKind.Relative), Serving.Ct);
        Assert.Equal("%PDF-", Encoding.ASCII.GetString(pdf, 0, 5));
        Assert.Contains("OpenStack CPU", await Page(ada, "/invoices/PI-2026-0001.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_s_invoice_is_not_there_whatever_its_form()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var ada = await serving.As("ada");
        foreach (var form in (string[])["", ".pdf", ".csv"])
        {
            using var answer = await ada.GetAsync(new Uri($"/invoices/PI-2026-0002{form}", UriKind.Relative),
                Serving.Ct);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("", "Type 2026-10 to confirm")]
    [InlineData("2026-11", "Type 2026-10 to confirm")]
    [InlineData("<script>alert(1)</script>", "Type 2026-10 to confirm")]
    public async Task Nothing_is_issued_before_the_month_is_typed_and_what_was_typed_stays(string typed,
        string sentence)
    {
        await using var serving = await UsedMonth.Start();
        using var finance = await serving.As("finance");
        using var answer = await UsedMonth.Submit(
            finance, "/finance/close?month=2026-10", "/finance/close", ("policies", "corrected"), ("confirm", typed));
        var html = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(sentence, html, StringComparison.Ordinal);
        Assert.Contains($"value=\"{WebUtility.HtmlEncode(typed)}\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.Empty(await Issued(serving));
    }

    [Fact]
    public async Task What_changed_since_finance_looked_must_be_looked_at_again()
    {
        await using var serving = await UsedMonth.Start();
        using var finance = await serving.As("finance");
        using var answer = await UsedMonth.Submit(
            finance, "/finance/close?month=2026-10", "/finance/close", ("policies", "corrected"),
                ("confirm", "2026-10"),
            ("seen", "corrected:1:1:0.01 USD"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(
            "changed since you looked", await answer.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        Assert.Empty(await Issued(serving));
    }

    [Fact]
    public async Task A_month_that_is_not_over_cannot_be_closed()
    {
        await using var serving = await UsedMonth.Start(NodaTime.Instant.FromUtc(2026, 10, 20, 0, 0));
        using var finance = await serving.As("finance");
        var html = await Page(finance, "/finance/close?month=2026-10");
        Assert.DoesNotContain("Close and issue", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_was_billed_the_month_before_and_would_not_be_now_is_listed_too()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        var drafts = await Page(finance, "/finance/close?month=2026-11&csv=drafts");
        Assert.Contains("ada@bu.edu,Boston University,0,0,0,12.48,-12.48,0,0", drafts, StringComparison.Ordinal);
    }

    /// <summary>
    /// Given an account that grew a hundredfold, when finance ticks that it is right, then it sees what that comes to
    /// before anything is issued. Seen to fail when the page planned without what was ticked.
    /// </summary>
    [Fact]
    public async Task An_account_that_is_left_out_is_billed_once_finance_has_looked_at_it()
    {
        await using var serving = await UsedMonth.Start();
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        var september = UsedMonth.Event("vm-small", "p-ben", 1).Replace("2026-10", "2026-09", StringComparison.Ordinal)
            .Replace("2026-09-11", "2026-09-02", StringComparison.Ordinal);
        using var sent = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative),
            Serving.Json(september, "application/x-ndjson"), Serving.Ct);
        Assert.Equal(HttpStatusCode.Accepted, sent.StatusCode);
        using var finance = await serving.As("finance");
        const string Page = "/finance/close?month=2026-10";
        Assert.Contains(StepAt("check"), await FinanceCloses.Page(finance, Page), StringComparison.Ordinal);
        using var before = await UsedMonth.Submit(finance, "/finance/close?month=2026-09", "/finance/close",
            ("policies", "corrected"), ("confirm", "2026-09"));
        Assert.Equal(HttpStatusCode.Found, before.StatusCode);
        var plan = WebUtility.HtmlDecode(await FinanceCloses.Page(finance, Page));
        Assert.Contains("ben@mit.edu is left out", plan, StringComparison.Ordinal);
        Assert.Contains("+$12.17 (3,925.8 %) more than in Sep 2026", plan, StringComparison.Ordinal);

        (string, string)[] typed =
        [
            ("policies", "corrected"), ("confirm", "2026-10"), ("accept", "close/parked:ben@mit.edu"),
        ];
        using var looked = await UsedMonth.Submit(finance, Page, "/finance/close", typed);
        var again = await looked.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, looked.StatusCode);
        Assert.Contains("changed since you looked", again, StringComparison.Ordinal);
        Assert.Contains(StepAt("commit"), again, StringComparison.Ordinal);
        var seen = SeenIn().Match(again).Groups[1].Value;
        using var issued = await UsedMonth.Submit(finance, Page, "/finance/close", [.. typed, ("seen", seen)]);

        Assert.Equal(HttpStatusCode.Found, issued.StatusCode);
        var rows = await InvoiceList.Run(serving.Exchange.Database, new(UsedMonth.Month), Serving.Ct);
        Assert.Equal(["ada@bu.edu", "ben@mit.edu"], rows.Select(row => row.Account.Name).Order());
        await ShowsWhatIsForGood(finance);
    }

    /// <summary>September and October are closed; with a horizon of one month September is for good.</summary>
    private static async Task ShowsWhatIsForGood(HttpClient finance)
    {
        const string Settings = "/finance/settings/issuer";
        Assert.DoesNotContain("closed for good", await Page(finance, "/finance"), StringComparison.Ordinal);
        foreach (var (months, location) in ((string, string?)[])[("200", null), ("1", "/finance/settings")])
        {
            using var answer = await UsedMonth.Submit(
                finance, Settings, Settings, ("name", "MOC"), ("hard_close_months", months), ("from", ""));
            Assert.Equal(location, answer.Headers.Location?.ToString());
            Assert.True(location is not null || (await answer.Content.ReadAsStringAsync(Serving.Ct))
                .Contains("id=\"hard_close_months-wrong\"", StringComparison.Ordinal));
        }

        var listed = await Page(finance, "/finance?csv=months");
        Assert.Matches("(?m)^2026-10,closed,", listed);
        Assert.Matches("(?m)^2026-09,closed for good,", listed);
        Assert.Contains("closed for good: what comes", await Page(finance, "/finance/month?month=2026-09"),
            StringComparison.Ordinal);
        var october = WebUtility.HtmlDecode(await Page(finance, "/finance/month?month=2026-10"));
        Assert.DoesNotContain("for good", october, StringComparison.Ordinal);
        Assert.Contains("+$2,508.17 (809,087.1 %) more than in Sep 2026", october, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_who_close_at_once_one_issues_and_no_number_is_given_twice()
    {
        await using var serving = await UsedMonth.Start();
        using var one = await serving.As("finance");
        using var other = await serving.As("finance");
        var both = await Task.WhenAll(((HttpClient[])[one, other]).Select(client => UsedMonth.Submit(
            client, "/finance/close?month=2026-10", "/finance/close", ("policies", "corrected"),
                ("confirm", "2026-10"))));
        Assert.All(both, answer => Assert.True((int)answer.StatusCode < 500));
        Assert.Equal(["PI-2026-0001", "PI-2026-0002"], (await Issued(serving)).Select(r => r.Number));
        both.ToList().ForEach(answer => answer.Dispose());
    }

    [Theory]
    [InlineData("", "1", "The reference is missing.")]
    [InlineData("wire 7", "", "The amount is missing.")]
    [InlineData("wire 7", "-5", "is not an amount of dollars and cents")]
    [InlineData("wire 7", "1.234", "is not an amount of dollars and cents")]
    public async Task A_payment_that_is_not_right_is_not_noted_and_says_why(string reference, string amount, string why)
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        using var answer = await UsedMonth.Submit(
            finance, "/invoices/PI-2026-0002", "/invoices/PI-2026-0002/payments", ("reference", reference),
            ("amount", amount));
        var html = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(why, WebUtility.HtmlDecode(html), StringComparison.Ordinal);
        Assert.Contains($"value=\"{amount}\"", html, StringComparison.Ordinal);
    }

    private static string StepAt(string anchor) => $"<li aria-current=\"step\"><a href=\"#{anchor}\">";

    private static async Task<string> Page(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
        var text = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {text}");
        return text;
    }

    private static async Task<IReadOnlyList<InvoiceRow>> Issued(Serving serving)
    {
        await serving.Exchange.Projections.CatchUp(Serving.Ct);
        return await InvoiceList.Run(serving.Exchange.Database, new(), Serving.Ct);
    }

    [GeneratedRegex("<h2 id=\"([^\"]*)\">")]
    private static partial Regex Headings();

    [GeneratedRegex("name=\"seen\" value=\"([^\"]*)\"")]
    private static partial Regex SeenIn();
}
