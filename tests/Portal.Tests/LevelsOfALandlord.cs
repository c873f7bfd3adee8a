using System.Net;
using Exchange.Portal.Keys;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A landlord promises a level of its own services by any door; the month in which it was out is credited.</summary>
public class LevelsOfALandlord
{
    private const string Level = """
        {"service":"openstack","from":"2026-11","ladder":[{"below":"99.9","credit":"10"},{"below":"99","credit":"25"}],
         "cap":"50","maintenance":{"noticeDays":3},"excludes":["customer"]}
        """;

    [Fact]
    public async Task A_level_is_published_by_its_landlords_key_and_read_by_month()
    {
        await using var serving = await UsedMonth.Start();
        using var mine = await serving.WithKey(KeyScope.Prices, Serving.Nerc);
        using var other = await serving.WithKey(KeyScope.Prices, new LandlordId("blockbank"));
        using var all = await serving.WithKey(KeyScope.Read, null);

        Assert.Equal(HttpStatusCode.OK, await Post(mine, Level));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await Post(other, Level)); // It sells no such service.
        Assert.Equal(HttpStatusCode.BadRequest, await Post(mine, """{"service":"openstack"}"""));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await Post(
            mine, """{"service":"openstack","from":"2026-11","ladder":[{"below":"99","credit":"5"}]}"""));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await Post(mine, """
            {"service":"openstack","from":"2026-11","ladder":[{"below":"99","credit":"5"}],"excludes":["weather"]}
            """));

        var listed = await TheApi.Json(all, "/v1/levels?landlord=nerc&month=2026-12");
        var row = Assert.Single(listed.GetProperty("items").EnumerateArray(), one =>
            one.GetProperty("cluster").GetString() == "stack");
        Assert.Equal(
            "below 99.9 % credit 10 %, below 99 % credit 25 %, at most 50 %, without maintenance announced 3 days " +
            "before, without customer", row.GetProperty("promised").GetString());
        Assert.Equal(("100", "0"), (row.GetProperty("availability").GetString(), row.GetProperty("credit").GetString()));
    }

    [Fact]
    public async Task The_page_says_what_is_promised_and_publishes_it_and_an_outage_of_a_kind()
    {
        await using var serving = await UsedMonth.Start();
        using var nerc = await serving.As("nerc");
        const string Page = "/landlord/levels";
        using (var published = await UsedMonth.Submit(
            nerc, Page, Page, ("service", "openstack"), ("month", "2026-11"), ("ladder", "99.9=10\n99=25\n95=100"),
            ("cap", "100"), ("notice", ""), ("hours", ""), ("excludes", "customer")))
        {
            Assert.Equal(Page, published.Headers.Location?.ToString());
        }

        using (var down = await UsedMonth.Submit(
            nerc, Page, "/landlord/outages", ("name", "power-7"), ("clusters", "stack"), ("kind", "failure"),
            ("from", "2026-11-02T00:00:00Z"), ("until", "2026-11-02T09:00:00Z"), ("reason", "a feed failed")))
        {
            Assert.Equal(Page, down.Headers.Location?.ToString());
        }

        var text = await nerc.GetStringAsync(new Uri(Page, UriKind.Relative), Serving.Ct);
        Assert.Contains("98.75 %", text, StringComparison.Ordinal);
        Assert.Contains("25 %", text, StringComparison.Ordinal);
        Assert.Contains("below 99.9 % credit 10 %", text, StringComparison.Ordinal);

        using var weaker = await UsedMonth.Submit(
            nerc, Page, Page, ("service", "openstack"), ("month", "2026-11"), ("ladder", "99=25"), ("cap", "100"));
        Assert.Contains(
            "would promise less than now", await weaker.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> Post(HttpClient client, string body)
    {
        using var answer = await client.PostAsync(
            new Uri("/v1/levels", UriKind.Relative), Serving.Json(body, "application/json"), Serving.Ct);
        return answer.StatusCode;
    }
}
