using System.Net;
using Exchange.Portal.Keys;
using Exchange.Rating;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A landlord declares its outages and takes them back, and touches nobody else's.</summary>
public class OutagesOfALandlord
{
    [Fact]
    public async Task Each_door_declares_and_withdraws_one_outage_of_ones_own()
    {
        await using var serving = await Serving.Start();
        using var mine = await serving.WithKey(KeyScope.Prices, Serving.Nerc);
        using var other = await serving.WithKey(KeyScope.Prices, new LandlordId("blockbank"));
        using var all = await serving.WithKey(KeyScope.Read, null);
        var before = await Names(serving);

        Assert.Equal(HttpStatusCode.OK, await Post(mine, "/v1/outages",
            """{"name":"power-7","clusters":["stack"],"from":"2026-10-20T02:00:00Z","reason":"a feed failed"}"""));
        Assert.Equal(HttpStatusCode.OK, await Post(mine, "/v1/outages",
            """{"name":"power-7","clusters":["stack"],"from":"2026-10-20T02:00:00Z","until":"2026-10-20T03:00:00Z"}"""));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await Post(mine, "/v1/outages",
            """{"name":"power-8","clusters":["stack"],"from":"2026-10-20T02:00:00Z","until":"2026-10-20T01:00:00Z"}"""));
        Assert.Equal(HttpStatusCode.BadRequest, await Post(mine, "/v1/outages", """{"name":"power-8"}"""));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await Post(other, "/v1/outages/withdraw", """{"name":"power-7"}"""));
        var after = await Names(serving);
        Assert.Equal([.. before, "nerc/power-7"], after);
        var listed = await TheApi.Json(all, "/v1/outages?landlord=nerc&limit=1");
        Assert.Equal("2026-10-20T03:00:00Z", listed.GetProperty("items")[0].GetProperty("until").GetString());

        Assert.Equal(HttpStatusCode.OK, await Post(mine, "/v1/outages/withdraw", """{"name":"power-7","reason":"none"}"""));
        Assert.Equal(before, await Names(serving));
    }

    private static async Task<string[]> Names(Serving serving) =>
        [.. (await LoadPriceBooks.Run(serving.Exchange.Journal, Serving.Ct)).Outages
            .Select(outage => $"{outage.Landlord}/{outage.Name}").Order(StringComparer.Ordinal)];

    private static async Task<HttpStatusCode> Post(HttpClient client, string path, string body)
    {
        using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), Serving.Json(body, "application/json"), Serving.Ct);
        return answer.StatusCode;
    }
}
