using System.Net;
using Exchange.Portal.Keys;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Operators decide on quarantine, landlords publish sheets, payers decide on subsidies: on their pages.
/// </summary>
public class RolesDoTheirWork
{
    [Fact]
    public async Task An_operator_corrects_and_releases_a_reading_and_discards_another_with_a_reason()
    {
        await using var serving = await UsedMonth.Start();
        await SetAside(serving, "one");
        await SetAside(serving, "two");
        using var opal = await serving.As("operator");
        var names = (await serving.Exchange.Meter.Quarantine("waiting", 9, Serving.Ct)).ToDictionary(
            s => s.Misfit.Id, s => s.Name);
        var page = $"/operator/quarantine/{Uri.EscapeDataString(names["one"])}";
        using var stillWrong = await UsedMonth.Submit(opal, page, page, ("do", "release"));
        Assert.Equal(HttpStatusCode.BadRequest, stillWrong.StatusCode);
        Assert.Contains("dreaming", await stillWrong.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        var right = UsedMonth.Event("one", "p-ada", 2);
        using var released = await UsedMonth.Submit(opal, page, page, ("do", "release"), ("text", right));
        Assert.Equal("/operator/quarantine", released.Headers.Location?.ToString());
        var other = $"/operator/quarantine/{Uri.EscapeDataString(names["two"])}";
        using var noReason = await UsedMonth.Submit(opal, other, other, ("do", "discard"), ("because", " "));
        Assert.Equal(HttpStatusCode.BadRequest, noReason.StatusCode);
        using var discarded = await UsedMonth.Submit(opal, other, other, ("do", "discard"), ("because", "a test"));
        Assert.Equal(HttpStatusCode.Redirect, discarded.StatusCode);
        Assert.Empty(await serving.Exchange.Meter.Quarantine("waiting", 9, Serving.Ct));
    }

    [Fact]
    public async Task A_landlord_sees_what_a_sheet_would_have_done_before_it_is_published()
    {
        await using var serving = await UsedMonth.Start();
        using var nerc = await serving.As("nerc");
        const string Page = "/landlord/sheets/new";
        var yaml = PublishingOverHttp.Later();
        using var tried = await UsedMonth.Submit(nerc, Page, Page, ("yaml", yaml), ("month", "2026-10"));
        var html = await tried.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal(HttpStatusCode.OK, tried.StatusCode);
        Assert.Contains("Effect on Oct 2026", html, StringComparison.Ordinal);
        using var unseen = await UsedMonth.Submit(
            nerc, Page, Page, ("yaml", yaml), ("month", "2026-10"), ("do", "publish"));
        Assert.Equal(HttpStatusCode.BadRequest, unseen.StatusCode);
        var seen = new Exchange.Rating.PricingText("sheet.yaml", yaml.ReplaceLineEndings("\n")).Sha256;
        using var published = await UsedMonth.Submit(
            nerc, Page, Page, ("yaml", yaml), ("month", "2026-10"), ("do", "publish"), ("seen", seen));
        Assert.Equal("/landlord/sheets", published.Headers.Location?.ToString());
        var sheets = await nerc.GetStringAsync(new Uri("/landlord/sheets", UriKind.Relative), Serving.Ct);
        Assert.Contains("nerc/openstack/2027-01-01#1", sheets, StringComparison.Ordinal);
        using var sheet = await nerc.GetAsync(
            new Uri("/sheet?id=nerc%2Fopenstack%2F2027-01-01%231", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.OK, sheet.StatusCode);
    }

    [Theory]
    [InlineData("", "The sheet is missing")]
    [InlineData("landlord: [", "sheet.yaml")]
    [InlineData("</textarea><script>alert(1)</script>", "sheet.yaml")]
    public async Task A_sheet_that_is_not_right_comes_back_with_a_sentence_and_what_was_typed(string yaml,
        string sentence)
    {
        await using var serving = await UsedMonth.Start();
        using var nerc = await serving.As("nerc");
        const string Page = "/landlord/sheets/new";
        using var answer = await UsedMonth.Submit(nerc, Page, Page, ("yaml", yaml), ("month", "2026-10"));
        var html = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(sentence, html, StringComparison.Ordinal);
        Assert.Contains(WebUtility.HtmlEncode(yaml).Replace("&#39;", "'", StringComparison.Ordinal), html,
            StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_landlord_publishes_for_nobody_else()
    {
        await using var serving = await UsedMonth.Start();
        using var other = await serving.As("other");
        const string Page = "/landlord/sheets/new";
        using var answer = await UsedMonth.Submit(
            other, Page, Page, ("yaml", PublishingOverHttp.Later()), ("month", "2026-10"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(
            "you publish for", await answer.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payer_caps_and_suspends_PIs_and_the_next_close_keeps_to_it()
    {
        await using var serving = await UsedMonth.Start();
        using var bea = await serving.As("subsidy");
        const string Programme = "nerc-bu-subsidy";
        var page = await bea.GetStringAsync(new Uri("/subsidy?month=2026-10", UriKind.Relative), Serving.Ct);
        Assert.Contains("ada@bu.edu", page, StringComparison.Ordinal);
        Assert.DoesNotContain("ben@mit.edu", page, StringComparison.Ordinal);
        foreach (var caps in (string[])["", "ada@bu.edu", "ada@bu.edu,-5", "ada@bu.edu,1.234", "<script>,5",
            "ada@bu.edu,5\nx"])
        {
            using var wrong = await UsedMonth.Submit(
                bea, "/subsidy", "/subsidy/caps", ("programme", Programme), ("caps", caps));
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        }

        using var capped = await UsedMonth.Submit(
            bea, "/subsidy", "/subsidy/caps", ("programme", Programme), ("caps", "ada@bu.edu,5.00\nnew@bu.edu,7"));
        Assert.Equal("/subsidy", capped.Headers.Location?.ToString());
        using var suspended = await UsedMonth.Submit(
            bea, "/subsidy", "/subsidy/suspension", ("programme", Programme), ("pi", "new@bu.edu"), ("from", "2026-11"),
            ("do", "suspend"));
        Assert.Equal("/subsidy", suspended.Headers.Location?.ToString());
        page = await bea.GetStringAsync(new Uri("/subsidy", UriKind.Relative), Serving.Ct);
        Assert.Contains("capped", page, StringComparison.Ordinal);
        Assert.Contains("suspended", page, StringComparison.Ordinal);
        await UsedMonth.Close(serving);
        using var late = await UsedMonth.Submit(
            bea, "/subsidy", "/subsidy/suspension", ("programme", Programme), ("pi", "ada@bu.edu"), ("from", "2026-10"),
            ("do", "suspend"));
        Assert.Equal(HttpStatusCode.BadRequest, late.StatusCode);
        Assert.Contains("is closed", await late.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_sorts_searches_and_exports_by_links()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        var page = new Uri("/invoices?invoices.sort=6&invoices.down=1", UriKind.Relative);
        var html = await finance.GetStringAsync(page, Serving.Ct);
        Assert.True(
            html.IndexOf("PI-2026-0002", StringComparison.Ordinal) < html.IndexOf("PI-2026-0001",
                StringComparison.Ordinal));
        Assert.Contains("aria-sort=\"descending\"", html, StringComparison.Ordinal);
        var found = await finance.GetStringAsync(new Uri("/invoices?invoices.q=BEN@", UriKind.Relative), Serving.Ct);
        Assert.DoesNotContain("PI-2026-0001", found, StringComparison.Ordinal);
        var csv = await finance.GetStringAsync(new Uri("/invoices?csv=invoices", UriKind.Relative), Serving.Ct);
        Assert.Equal(3, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("Number,Month,Account,Institution,Status,Charges", csv, StringComparison.Ordinal);
        foreach (var odd in (string[])["invoices.sort=99999999999", "invoices.sort=-1", "invoices.page=7",
            "invoices.q=%00",
            "csv=%3Cscript%3E", "invoices.q=" + new string('x', 5_000)])
        {
            using var answer = await finance.GetAsync(new Uri($"/invoices?{odd}", UriKind.Relative), Serving.Ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        using var none = await finance.GetAsync(new Uri("/charge?id=a%00b", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
    }

    private static async Task SetAside(Serving serving, string id)
    {
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        var bad = UsedMonth.Event(id, "p-ada", 2).Replace("\"running\"", "\"dreaming\"", StringComparison.Ordinal);
        using var answer = await key.PostAsync(
            new Uri("/v1/usage", UriKind.Relative), Serving.Json(bad, "application/x-ndjson"), Serving.Ct);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }
}
