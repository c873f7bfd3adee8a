using System.Net;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Pages;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Webhooks;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Landlords see what a sheet changes line by line, take back one that has not begun, and see how their services did.
/// </summary>
public class LandlordsOnPages
{
    private const string Sheets = "/landlord/sheets";
    internal const string Later = "nerc/openstack/2027-01-01#1";

    [Fact]
    public async Task A_sheet_is_compared_line_by_line_published_and_withdrawn_before_it_begins()
    {
        await using var serving = await UsedMonth.Start();
        using var nerc = await serving.As("nerc");
        await serving.Exchange.Do(new RegisterWebhook(
                serving.Exchange.Database, "https://nerc.example.org/told", Serving.Nerc, [], false, "test"));
        await serving.Exchange.Do(new RegisterWebhook(
                serving.Exchange.Database, "https://other.example.org/told", Serving.Other, [], false, "test"));
        await Publish(nerc);
        using var other = await serving.As("other");
        var withdraw = $"{Sheets}/withdraw?id={Uri.EscapeDataString(Later)}";
        using var notTheirs = await other.GetAsync(new Uri(withdraw, UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, notTheirs.StatusCode);
        using var unconfirmed = await UsedMonth.Submit(
            nerc, withdraw, $"{Sheets}/withdraw", ("id", Later), ("confirm", "yes"));
        Assert.Equal(HttpStatusCode.BadRequest, unconfirmed.StatusCode);
        using var withdrawn = await UsedMonth.Submit(
            nerc, withdraw, $"{Sheets}/withdraw", ("id", Later), ("confirm", Later));
        Assert.Equal(Sheets, withdrawn.Headers.Location?.ToString());
        Assert.DoesNotContain(
            Later, await nerc.GetStringAsync(new Uri(Sheets, UriKind.Relative), Serving.Ct), StringComparison.Ordinal);
        Assert.Contains(
            "It was withdrawn on",
            await nerc.GetStringAsync(new Uri($"/sheet?id={Uri.EscapeDataString(Later)}", UriKind.Relative),
                Serving.Ct),
            StringComparison.Ordinal);
        using var told = await serving.WithKey(Keys.KeyScope.Read, Serving.Nerc);
        Assert.Equal(["price-withdrawn", "price-published"], await Told(told)); // The newest first.
        using var others = await serving.WithKey(Keys.KeyScope.Read, Serving.Other);
        Assert.Empty(await Told(others));
        await Publish(nerc); // The same text may come again, as a version of its own.
        var books = await LoadPriceBooks.Run(serving.Exchange.Journal, Serving.Ct);
        Assert.Contains("nerc/openstack/2027-01-01#2", books.List().Select(sheet => sheet.Published.Id));

        // The same on the command line.
        var (database, clock) = (serving.Exchange.Place.Database!, new StoppedClock(UsedMonth.Now));
        await Typed.Done("prices withdraw nerc/openstack/2027-01-01#2", database, clock: clock);
        Assert.Equal(["price-withdrawn", "price-published", "price-withdrawn", "price-published"], await Told(told));
        var unknown = await Typed.Line("prices withdraw nerc/openstack/2027-01-01#9", database, clock: clock);
        Assert.Equal(1, unknown.Exit);
        Assert.Contains("There is no sheet", unknown.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sheet_that_holds_is_not_withdrawn_whatever_is_sent()
    {
        await using var serving = await UsedMonth.Start();
        using var nerc = await serving.As("nerc");
        var books = await LoadPriceBooks.Run(serving.Exchange.Journal, Serving.Ct);
        var holds = books.List().First(sheet => sheet.Sheet.BookName == "nerc/openstack").Published;
        var page = await nerc.GetStringAsync(
            new Uri(WithdrawPage.Href(holds.Id), UriKind.Relative), Serving.Ct);
        Assert.Contains("so it stays", page, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<RefusedException>(async () => await serving.Exchange.Commands.Execute(
            new WithdrawSheet(
                holds, await PriceStanding.Of(serving.Exchange.Sources, holds, UsedMonth.Now, Serving.Ct), "person:nerc",
                Permissions.PublishSheets), Actors.Local("person:nerc"), Serving.Ct));
        Assert.Equal("prices/has-begun", refused.Refusal.Code);
    }

    [Fact]
    public void Lines_that_changed_stand_beside_each_other_and_the_others_are_met_again()
    {
        var rows = LineDifference.Between(["a", "b", "c", "d", "e"], ["a", "x", "c", "e", "f"]);
        Assert.Equal(
            ["a|a", "b|x", "c|c", "d|", "e|e", "|f"], rows.Select(row => $"{row.Old}|{row.New}"));
        Assert.Equal([1, 2, 3, null, 4, 5], rows.Select(row => row.NewNumber));
        Assert.All(LineDifference.Between([], []), row => Assert.True(row.IsSame));
        Assert.Equal(["|a"], LineDifference.Between([], ["a"]).Select(row => $"{row.Old}|{row.New}"));
    }

    [Fact]
    public void Outages_that_overlap_count_once_and_a_month_that_is_not_over_is_as_long_as_what_passed()
    {
        var cluster = new ClusterId("stack");
        Outage Out(int from, int? until) => new(
            $"o-{from}", Serving.Nerc, [cluster], Instant.FromUtc(2026, 10, from, 0, 0),
            until is { } day ? Instant.FromUtc(2026, 10, day, 0, 0) : null, ["corrected"]);
        var month = new BillingMonth(2026, 10);
        var half = LevelsPage.Of(
            [Out(1, 3), Out(2, 4), Out(20, null)], cluster, month, Instant.FromUtc(2026, 10, 31, 0, 0));
        Assert.Equal(Duration.FromDays(14), half.Out);
        Assert.Equal(53.333m, half.Percent);
        Assert.Equal(100m, LevelsPage.Of([Out(1, 3)], new("other"), month, UsedMonth.Now).Percent);
        Assert.Equal(100m, LevelsPage.Of([], cluster, new(2027, 1), UsedMonth.Now).Percent);
    }

    [Fact]
    public async Task A_landlord_sees_its_own_collectors_alone()
    {
        await using var serving = await UsedMonth.Start();
        await serving.Exchange.Database.Execute("""
            insert into metering.collector (name, kind, landlord, cluster, failures, why)
            values ('mine', 'prometheus', 'nerc', 'stack', 2, '<b>no route</b>'),
                ('theirs', 'files', 'other', null, 0, '')
            """, [], Serving.Ct);
        using var nerc = await serving.As("nerc");
        var html = await nerc.GetStringAsync(new Uri("/landlord/levels", UriKind.Relative), Serving.Ct);
        Assert.Contains("failed 2 times", html, StringComparison.Ordinal);
        Assert.Contains("100.000 %", html, StringComparison.Ordinal);
        Assert.DoesNotContain("theirs", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>no route", html, StringComparison.Ordinal);
    }

    private static async Task<List<string>> Told(HttpClient key) =>
    [
        .. (await TheApi.Json(key, "/v1/webhook-deliveries")).GetProperty("items").EnumerateArray()
            .Select(delivery => delivery.GetProperty("event").GetString()!),
    ];

    internal static async Task Publish(HttpClient nerc)
    {
        var yaml = PublishingOverHttp.Later();
        const string Page = $"{Sheets}/new";
        using var tried = await UsedMonth.Submit(nerc, Page, Page, ("yaml", yaml), ("month", "2026-10"));
        var html = await tried.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Contains("<h2>Changes</h2>", html, StringComparison.Ordinal);
        Assert.Contains("class=\"changed\"", html, StringComparison.Ordinal);
        var seen = new PricingText("sheet.yaml", yaml.ReplaceLineEndings("\n")).Sha256;
        using var published = await UsedMonth.Submit(
            nerc, Page, Page, ("yaml", yaml), ("month", "2026-10"), ("do", "publish"), ("seen", seen));
        Assert.Equal(Sheets, published.Headers.Location?.ToString());
    }
}
