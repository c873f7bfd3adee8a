using System.Net;
using System.Text.RegularExpressions;
using Exchange.Portal.Keys;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Version 2 of the API writes amounts with their currency beside them; version 1 stays as it was.</summary>
public sealed partial class TheApiInTwoVersions
{
    /// <summary>744 SU-hours at $0.013 are $9.67: in version 2 no amount is a text with its currency in it.</summary>
    [Fact]
    public async Task Amounts_quantities_and_rates_are_objects_where_version_2_is_asked_for()
    {
        await using var serving = await Filled.Start();
        using var reader = await serving.WithKey(KeyScope.Read, null);
        foreach (var path in (string[])[
            "/v1/charges?month=2026-10", "/v1/costs?from=2026-10-01&to=2026-11-01&group_by=sku",
            "/v1/projects/p-ada/spend?month=2026-10"])
        {
            var first = await Get(reader, path, "*/*");
            Assert.Contains("USD\"", first.Body, StringComparison.Ordinal);
            Assert.Equal(first.Body, (await Get(reader, path, "application/json;v=1")).Body);
            var second = await Get(reader, path, "application/json;v=2");
            Assert.Equal("application/json; v=2; charset=utf-8", second.Type);
            Assert.DoesNotMatch(OldAmount(), second.Body);
            Assert.Matches(NewAmount(), second.Body);
            Assert.Matches(NewQuantity(), second.Body);
        }

        var unknown = await Get(reader, "/v1/charges?month=2026-10", "application/json;v=3");
        Assert.Equal(HttpStatusCode.NotAcceptable, unknown.Status);
        Assert.Contains("request/no-such-version", unknown.Body, StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, string? Type, string Body)> Get(
        HttpClient client, string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await client.SendAsync(request, Serving.Ct);
        return (answer.StatusCode, answer.Content.Headers.TryGetValues("Content-Type", out var types)
            ? types.Single() : null, await answer.Content.ReadAsStringAsync(Serving.Ct));
    }

    [GeneratedRegex("\"-?[0-9.]+ (USD|SU-hour)\"")]
    private static partial Regex OldAmount();

    [GeneratedRegex("{\"amount\":\"-?[0-9]+\\.[0-9]{2}\",\"currency\":\"USD\"}")]
    private static partial Regex NewAmount();

    [GeneratedRegex("{\"amount\":\"[0-9]+\",\"unit\":\"SU-hour\"}")]
    private static partial Regex NewQuantity();
}
