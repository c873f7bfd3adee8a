using System.Net;
using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Portal.Funds;
using Exchange.Portal.Keys;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A payer of subsidies enrols many at once, reads what it is liable for, and tries out another rule.
/// </summary>
public class SubsidyOnPages
{
    private const string Programme = "nerc-bu-subsidy";
    private const string Page = "/subsidy/enrol";

    [Fact]
    public async Task A_list_is_shown_line_by_line_and_then_taken_as_a_whole()
    {
        await using var serving = await UsedMonth.Start();
        using var bea = await serving.As("subsidy");
        const string List = "PI,amount\r\nADA@bu.edu,150.00\r\n\r\nben@mit.edu\r\n";
        using var looked = await UsedMonth.Submit(
            bea, Page, Page, ("programme", Programme), ("from", "2026-11"), ("list", List), ("do", "look"));
        var html = await looked.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal(HttpStatusCode.OK, looked.StatusCode);
        Assert.Contains("will be enrolled with $150.00 a month", html, StringComparison.Ordinal);
        Assert.Empty((await Fund(serving)).Enrolments);
        using var taken = await UsedMonth.Submit(
            bea, Page, Page, ("programme", Programme), ("from", "2026-11"), ("list", List), ("do", "commit"));
        Assert.Equal("/subsidy?month=2026-11", taken.Headers.Location?.ToString());
        var fund = await Fund(serving);
        Assert.Equal([Serving.Ada, Serving.Ben], fund.Enrolments.Keys.OrderBy(pi => pi.Value));
        Assert.Equal(Money.Round(150), fund.CapOf(Serving.Ada, new(2026, 11)));
        Assert.Null(fund.CapOf(Serving.Ben, new(2026, 11)));
        using var again = await UsedMonth.Submit(
            bea, Page, Page, ("programme", Programme), ("from", "2026-11"), ("list", List), ("do", "look"));
        Assert.Contains("is so already", await again.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ada@bu.edu\nnobody", "&#x27;nobody&#x27; is not an address")]
    [InlineData("ada@bu.edu\nada@BU.edu,5", "Line 1 names")]
    [InlineData("ada@bu.edu,1,000.00", "without thousands marks")]
    [InlineData("ada@bu.edu,-1", "is not dollars and cents")]
    [InlineData("ada@bu.edu,1.005", "is not dollars and cents")]
    [InlineData("ada@bu.edu\n<script>alert(1)</script>@x", "is not an address")]
    [InlineData("", "Give 1 to")]
    public async Task One_wrong_line_keeps_all_of_them_out_and_is_named(string list, string sentence)
    {
        await using var serving = await UsedMonth.Start();
        using var bea = await serving.As("subsidy");
        using var answer = await UsedMonth.Submit(
            bea, Page, Page, ("programme", Programme), ("from", "2026-11"), ("list", list), ("do", "commit"));
        var html = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(sentence.Replace("&#x27;", "", StringComparison.Ordinal).Trim('\''),
            WebUtility.HtmlDecode(html).Replace("'", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Empty((await Fund(serving)).Enrolments);
    }

    [Fact]
    public async Task A_file_is_read_like_what_is_typed_and_another_s_programme_and_a_closed_month_are_refused()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var bea = await serving.As("subsidy");
        var page = await bea.GetStringAsync(new Uri(Page, UriKind.Relative), Serving.Ct);
        string Hidden(string field) => page.Split($"name=\"{field}\" value=\"")[1].Split('"')[0];
        using var sent = new MultipartFormDataContent
        {
            { new StringContent(Hidden("form-token")), "form-token" },
            { new StringContent(Hidden("version")), "version" },
            { new StringContent(Programme), "programme" },
            { new StringContent("2026-11"), "from" },
            { new StringContent("cy@bu.edu,20\n"), "file", "pis.csv" },
        };
        using var answer = await bea.PostAsync(new Uri(Page, UriKind.Relative), sent, Serving.Ct);
        Assert.Contains(
            "will be enrolled with $20.00", await answer.Content.ReadAsStringAsync(Serving.Ct),
                StringComparison.Ordinal);
        foreach (var (programme, from) in ((string, string)[])[
            ("nerc-new-pi-credit", "2026-11"), (Programme, "2026-10"), (Programme, "soon")])
        {
            using var wrong = await UsedMonth.Submit(bea, Page, Page,
                ("programme", programme), ("from", from), ("list", "ada@bu.edu"), ("do", "commit"));
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        }

        Assert.Empty((await Fund(serving)).Enrolments);
    }

    [Fact]
    public async Task The_report_says_what_was_committed_and_used_as_of_a_day_and_is_a_PDF_and_CSV_too()
    {
        await using var serving = await MuchUsed();
        using var bea = await serving.As("subsidy");
        var open = await bea.GetStringAsync(
            new Uri("/subsidy/report?from=2026-10&to=2026-10", UriKind.Relative), Serving.Ct);
        Assert.Contains("ada@bu.edu", open, StringComparison.Ordinal);
        Assert.DoesNotContain("ben@mit.edu", open, StringComparison.Ordinal);
        await UsedMonth.Close(serving);
        Assert.Equal(Money.Round(73.28m), (await Fund(serving)).Used(Serving.Ada, UsedMonth.Month));
        const string Report = "/subsidy/report?from=2026-10&to=2026-10";
        var csv = await bea.GetStringAsync(new Uri($"{Report}&csv=liability", UriKind.Relative), Serving.Ct);
        Assert.Equal(
            "2026-10,ada@bu.edu,Boston University,closed,100,73.28,26.72,73.28", csv.Split("\r\n")[1]);
        var before = await bea.GetStringAsync(
            new Uri($"{Report}&asOf=2026-11-04&csv=liability", UriKind.Relative), Serving.Ct);
        Assert.Single(before.Split("\r\n", StringSplitOptions.RemoveEmptyEntries));
        using var pdf = await bea.GetAsync(
            new Uri("/subsidy/report.pdf?from=2026-10&to=2026-10", UriKind.Relative), Serving.Ct);
        Assert.Equal("%PDF"u8.ToArray(), (await pdf.Content.ReadAsByteArrayAsync(Serving.Ct))[..4]);

        // What could not be read was as if it was not asked: a report of other months than those that were meant.
        foreach (var odd in (string[])["from=x", "to=2026-13", "asOf=31.10.2026", "from=2026-10&to=2026-09"])
        {
            using var refused = await bea.GetAsync(new Uri($"/subsidy/report?{odd}", UriKind.Relative), Serving.Ct);
            Assert.Equal((odd, HttpStatusCode.BadRequest), (odd, refused.StatusCode));
        }

        using var foreign = await bea.GetAsync(
            new Uri("/subsidy/report?programme=nerc-new-pi-credit", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
    }

    [Fact]
    public async Task A_rule_is_tried_on_a_closed_month_and_changes_nothing()
    {
        await using var serving = await MuchUsed();
        await UsedMonth.Close(serving);
        using var bea = await serving.As("subsidy");
        const string Ask = "/subsidy/simulate?programme=nerc-bu-subsidy&month=2026-10&caps=keep";
        var html = await bea.GetStringAsync(new Uri($"{Ask}&amount=1.00&csv=simulated", UriKind.Relative), Serving.Ct);
        Assert.Contains("ada@bu.edu,Boston University,73.28,1,-72.28", html, StringComparison.Ordinal);
        Assert.DoesNotContain("ben@mit.edu", html, StringComparison.Ordinal);
        foreach (var wrong in (string[])["amount=", "amount=-1", "amount=5&most=x", "amount=5&month=2026-12",
            "amount=5&programme=nerc-new-pi-credit", "amount=5&caps=<script>"])
        {
            using var answer = await bea.GetAsync(new Uri($"{Ask}&{wrong}", UriKind.Relative), Serving.Ct);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
    }

    [Fact]
    public void A_limit_for_all_is_shared_in_proportion_and_credits_before_the_subsidy_stay()
    {
        var month = new BillingMonth(2026, 10);
        var subsidy = Of("subsidy", ProgrammeKind.Subsidy, 2);
        var credit = Of("credit", ProgrammeKind.Promotion, 1);
        var billed = new[]
        {
            (new Account(new PiId("a@bu.edu")), Line("c1", "CPU", 300, new FundShare("credit", "x", new(100), false))),
            (new Account(new PiId("a@bu.edu")), Line("c2", "GPU", 500)),
            (new Account(new PiId("b@bu.edu")), Line("c3", "CPU", 600, new FundShare("subsidy", "bu", new(600), true))),
        }.ToLookup(line => line.Item1, line => line.Item2);
        IReadOnlyList<SimulatedPi> Try(SubsidyRule rule) => SimulateSubsidy.Run(
            month, billed, new(subsidy, Exchange.Invoicing.Funds.Fund.Fold.Initial), ([credit, subsidy], Rating.Institutions.None),
            rule, (_, _) => null);
        Assert.Equal(
            [("b@bu.edu", 600L, 400L), ("a@bu.edu", 0L, 400L)],
            Try(new(new(400), null, [], true)).Select(r => (r.Pi.Value, r.Before.Cents, r.After.Cents)));
        Assert.Equal(
            [200L, 600L], Try(new(new(9_900), null, ["G*"], true)).Select(r => r.After.Cents).Order());
        Assert.Equal(
            [100L, 100L], Try(new(new(400), new Money(200), [], true)).Select(r => r.After.Cents));
    }

    [Theory]
    [InlineData(100, 50, "2026-10-21T00:00:00Z")]
    [InlineData(100, 30, null)]
    [InlineData(100, 0, null)]
    [InlineData(100, 100, "2026-10-11T00:00:00Z")]
    public void A_promise_runs_out_when_the_pace_of_the_month_says(long committed, long used, string? expected) =>
        Assert.Equal(expected, Liability.RunsOut(
            new(2026, 10), new(committed), new(used), Instant.FromUtc(2026, 10, 11, 0, 0))?.ToString());

    /// <summary>The credit of a new PI is used up, so that the subsidy pays the rest.</summary>
    private static async Task<Serving> MuchUsed()
    {
        var serving = await UsedMonth.Start();
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        using var answer = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
            UsedMonth.Event("vm-much", "p-ada", 340), "application/x-ndjson"), Serving.Ct);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return serving;
    }

    private static Task<Fund> Fund(Serving serving) =>
        serving.Exchange.Journal.State(Exchange.Invoicing.Funds.Fund.Fold, Programme, Serving.Ct);

    private static Programme Of(string id, ProgrammeKind kind, int order) => new(
        id, kind, null, "bu", order, true,
        [new(new(2026, 1), null, new(1_000), 12, false, [], [], ProgrammeShare.InOrder, [])]);

    private static InvoiceLine Line(string id, string sku, long cents, params FundShare[] funds) => new()
    {
        ChargeId = id,
        ServicePeriod = new BillingMonth(2026, 10).Period,
        Landlord = new("nerc"),
        Service = "s",
        Cluster = new("c"),
        Project = new("p"),
        ProjectName = "p",
        Sku = new(sku),
        Quantity = new(1, new("h")),
        Rate = new(1, new("h")),
        Amount = new(cents),
        Sheet = "s#1",
        Funds = [.. funds],
    };
}
