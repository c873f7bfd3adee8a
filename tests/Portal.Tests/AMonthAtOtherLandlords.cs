using System.Net;
using Exchange.Portal.Keys;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>What October would have cost elsewhere: a PI sees their own projects, a key of the exchange all of them.</summary>
public class AMonthAtOtherLandlords
{
    private const string Cheaper = """
        landlord: other
        service: compute
        clusters: [o1]
        from: 2026-01
        skus:
          - {name: CPU, unit: SU-hour, rate: "0.01", counts: bundle, bundle: {vcpu: "1", ram_mib: "4096"}, per: hour, match: {kind: vm, gpu: none}}
        examples:
          - {name: a server, usage: [{kind: vm, hours: "100", shape: {vcpu: "1", ram_mib: "4096"}}], total: "1.00"}
        """;

    [Fact]
    public async Task A_PI_compares_their_own_month_and_nobody_elses()
    {
        await using var serving = await UsedMonth.Start();
        Assert.Empty((await Rating.PublishPrices.Run(
            serving.Exchange.Journal, [new("other.yaml", Cheaper)], Rating.PricePublishContext.Nothing, "test",
            NodaTime.Instant.FromUtc(2026, 1, 1, 0, 0), Serving.Ct)).Refusals);

        // Ada's server of 4 SU ran for 240 h: 12.48 at 0.013, and 9.60 at 0.01; Ben's of 800 SU 2,496.00 and 1,920.00.
        using var ada = await serving.As("ada");
        var page = await Text(ada, "/pi/elsewhere?month=2026-10");
        Assert.Contains("$12.48", page, StringComparison.Ordinal);
        Assert.Contains("$9.60", page, StringComparison.Ordinal);
        Assert.Contains("−$2.88", page, StringComparison.Ordinal);
        Assert.Contains("as of Nov 1, 2026 00:00 UTC", page, StringComparison.Ordinal);
        Assert.DoesNotContain("1,920.00", page, StringComparison.Ordinal);
        Assert.DoesNotContain("$9.60", await Text(ada, "/pi/elsewhere"), StringComparison.Ordinal);

        // Who has the project from the last day on did not use what was used before: October stays Ada's, as its bill.
        await Rating.ImportProjects.Run(
            serving.Exchange.Journal, "cluster,project,name,pi,from\nstack,p-ada,Ada,ada@bu.edu,2026-01-01T00:00:00Z\n" +
            "stack,p-ada,Ada,ben@mit.edu,2026-10-31T12:00:00Z\n", "p.csv", "test",
            NodaTime.Instant.FromUtc(2026, 11, 1, 0, 0), Serving.Ct);
        Assert.Contains("$9.60", await Text(ada, "/pi/elsewhere?month=2026-10"), StringComparison.Ordinal);
        using var ben = await serving.As("ben");
        Assert.Contains("$1,920.00", await Text(ben, "/pi/elsewhere?month=2026-10"), StringComparison.Ordinal);

        using var all = await serving.WithKey(KeyScope.Read, null);
        Assert.Equal(("2508.48 USD", "1929.60 USD"), await Asked(all, ""));
        Assert.Equal(("2496.00 USD", "1920.00 USD"), await Asked(all, "&project=p-ben"));

        // Ben is new and of a partner: 1,000.00 of either are the credit's.
        var told = await TheApi.Json(all, "/v1/quotes/elsewhere?month=2026-10&project=p-ben");
        Assert.Equal("1496.00 USD", told.GetProperty("hereAfterFunds").GetString());
        Assert.Equal("920.00 USD", told.GetProperty("places").EnumerateArray()
            .Single(place => place.GetProperty("cluster").GetString() == "o1")
            .GetProperty("costAfterFunds").GetString());
        Assert.Contains("$920.00", await Text(ben, "/pi/elsewhere?month=2026-10"), StringComparison.Ordinal);
        using var nerc = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var refused = await nerc.GetAsync(
            new Uri("/v1/quotes/elsewhere?month=2026-10", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    /// <summary>
    /// What is offered to Ben's project only is no price for Ada: not on her page, nor for her project in the API; whoever
    /// reads for the whole exchange sees it.
    /// </summary>
    [Fact]
    public async Task What_is_offered_to_others_only_is_no_price_elsewhere()
    {
        await using var serving = await UsedMonth.Start();
        Assert.Empty((await Rating.PublishPrices.Run(
            serving.Exchange.Journal, [new("other.yaml", Cheaper)], Rating.PricePublishContext.Nothing, "test",
            NodaTime.Instant.FromUtc(2026, 1, 1, 0, 0), Serving.Ct)).Refusals);
        using var other = await serving.As("other");
        const string Offer = "/landlord/offer?service=compute&sku=CPU";
        using var drafted = await UsedMonth.Submit(
            other, Offer, "/landlord/offer", ("projects", "p-ben"), ("institutions", ""), ("notice", "0"),
            ("capacity", ""), ("level", ""), ("approval", ""), ("do", "draft"));
        using var published = await UsedMonth.Submit(other, Offer, "/landlord/offer", ("do", "publish"));
        using var ada = await serving.As("ada");
        using var ben = await serving.As("ben");
        Assert.DoesNotContain("$9.60", await Text(ada, "/pi/elsewhere?month=2026-10"), StringComparison.Ordinal);
        Assert.Contains("$1,920.00", await Text(ben, "/pi/elsewhere?month=2026-10"), StringComparison.Ordinal);
        const string Plan = "/quotes?machines=1&form=vm&vcpu=4&ram=16&hours=240";
        Assert.DoesNotContain("$9.60", await Text(ada, Plan), StringComparison.Ordinal);
        Assert.Contains("$9.60", await Text(ben, Plan), StringComparison.Ordinal);

        using var all = await serving.WithKey(KeyScope.Read, null);
        Assert.Equal(("2496.00 USD", "1920.00 USD"), await Asked(all, "&project=p-ben"));
        Assert.Equal(("2508.48 USD", "1929.60 USD"), await Asked(all, ""));
        var adas = await TheApi.Json(all, "/v1/quotes/elsewhere?month=2026-10&project=p-ada");
        Assert.DoesNotContain("o1", adas.GetProperty("places").EnumerateArray().Select(
            place => place.GetProperty("cluster").GetString()));
    }

    private static async Task<(string? Here, string? There)> Asked(HttpClient key, string narrowed)
    {
        var told = await TheApi.Json(key, $"/v1/quotes/elsewhere?month=2026-10{narrowed}");
        return (told.GetProperty("here").GetString(), told.GetProperty("places").EnumerateArray()
            .Single(place => place.GetProperty("cluster").GetString() == "o1").GetProperty("cost").GetString());
    }

    private static async Task<string> Text(HttpClient client, string page) =>
        WebUtility.HtmlDecode(await client.GetStringAsync(new Uri(page, UriKind.Relative), Serving.Ct));
}
