using System.Net;
using Exchange.Portal.Keys;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// An operator sees every key, from the navigation, and revokes one whose secret is known to others: there was no page.
/// </summary>
public class KeysOfEverybody
{
    private const string Page = "/operator/keys";

    [Fact]
    public async Task Are_listed_with_when_usage_last_came_and_revoked_at_once()
    {
        await using var serving = await UsedMonth.Start();
        using var opal = await serving.As("operator");
        Assert.Contains($"href=\"{Page}\"", await opal.GetStringAsync(
            new Uri("/operator", UriKind.Relative), Serving.Ct), StringComparison.Ordinal);
        var made = await serving.Exchange.Do(new CreateKey("of another", Serving.Other, KeyScope.Read, "test"));
        var rows = (await Csv(opal)).Select(row => row.Split(',')).ToDictionary(row => row[1]);
        Assert.Equal((made.Id, "other", "read", ""), (
            rows["of another"][0], rows["of another"][2], rows["of another"][3], rows["of another"][5]));
        Assert.Equal("2026-11-05T12:00:00Z", rows["test"][5]); // The key that brought the month, and when.

        using var leaked = serving.Anonymous();
        leaked.DefaultRequestHeaders.Authorization = new("Bearer", made.Key);
        Assert.Equal(HttpStatusCode.OK, await Status(leaked));
        using var revoked = await UsedMonth.Submit(opal, Page, $"{Page}/revoke", ("id", made.Id));
        Assert.Equal(Page, revoked.Headers.Location?.ToString());
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(leaked));
        Assert.Contains(await Csv(opal), row => row.StartsWith(made.Id, StringComparison.Ordinal) &&
            row.Contains("revoked 2026-11-05", StringComparison.Ordinal));
        using var nerc = await serving.As("nerc");
        using var kept = await nerc.GetAsync(new Uri(Page, UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.Forbidden, kept.StatusCode);
    }

    private static async Task<HttpStatusCode> Status(HttpClient client)
    {
        using var answer = await client.GetAsync(
            new Uri("/v1/charges?month=2026-10", UriKind.Relative), Serving.Ct);
        return answer.StatusCode;
    }

    private static async Task<string[]> Csv(HttpClient client) => (await client.GetStringAsync(
        new Uri($"{Page}?csv=keys", UriKind.Relative), Serving.Ct)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)[1..];
}
