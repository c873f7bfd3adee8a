using System.Net;
using System.Text.Json;
using Exchange.Portal.Keys;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Finance's programs see what came late, and decide exactly what they saw, as the page does.</summary>
public class LateAdjustmentsOverHttp
{
    [Fact]
    public async Task What_came_late_is_listed_and_decided_of_what_was_seen()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var key = await serving.WithKey(KeyScope.Finance, null);
        Assert.Equal(0, (await TheApi.Json(key, "/v1/adjustments")).GetProperty("items").GetArrayLength());
        using var unreadable = await key.GetAsync(
            new Uri("/v1/adjustments?month=2026-13", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, unreadable.StatusCode);
        var seen = await UsedMonth.CameLate(serving);

        var late = Assert.Single((await TheApi.Json(key, "/v1/adjustments")).GetProperty("items").EnumerateArray());
        Assert.Equal(
            ("2026-09", "12.48 USD", "0.00 USD", seen, false, "ada@bu.edu"),
            (late.GetProperty("month").GetString(), late.GetProperty("amount").GetString(),
                late.GetProperty("funds").GetString(), late.GetProperty("seen").GetString(),
                late.TryGetProperty("isBilled", out _),
                Assert.Single(late.GetProperty("accounts").EnumerateArray()).GetProperty("account").GetString()));

        await UsedMonth.Use(serving, "2026-09", ("p-ben", 8));
        var (status, told) = await Post(key, "accept", new { month = "2026-09", seen });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("adjustments/changed", told, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await Post(key, "accept", new { month = "2026-09" })).Status);

        var now = (await TheApi.Json(key, "/v1/adjustments")).GetProperty("items")[0];
        Assert.Equal("37.44 USD", now.GetProperty("amount").GetString());
        seen = now.GetProperty("seen").GetString()!;
        Assert.Equal(HttpStatusCode.BadRequest, (await Post(key, "decline", new { month = "2026-09", seen })).Status);
        Assert.Equal(
            HttpStatusCode.OK, (await Post(key, "decline", new { month = "2026-09", seen, reason = "paid" })).Status);
        (status, told) = await Post(key, "accept", new { month = "2026-09", seen });
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("\"isBilled\":true", told, StringComparison.Ordinal);
        using var finance = await serving.As("finance");
        var page = await finance.GetStringAsync(new Uri("/finance/adjustments", UriKind.Relative), Serving.Ct);
        Assert.Contains("billed by the next close", page, StringComparison.Ordinal);

        using var reader = await serving.WithKey(KeyScope.Read, null);
        Assert.Equal(HttpStatusCode.Forbidden, (await Post(reader, "accept", new { month = "2026-09", seen })).Status);
    }

    private static async Task<(HttpStatusCode Status, string Told)> Post(HttpClient client, string act, object body)
    {
        using var answer = await client.PostAsync(
            new Uri($"/v1/adjustments/{act}", UriKind.Relative),
            Serving.Json(JsonSerializer.Serialize(body), "application/json"), Serving.Ct);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Serving.Ct));
    }
}
