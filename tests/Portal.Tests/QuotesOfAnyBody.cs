using System.Net;
using Exchange.Portal.Keys;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Whatever stands in the body of a quote, it is priced or refused, by sixty bodies drawn from numbers, times and
/// names that somebody once forgot.
/// </summary>
public class QuotesOfAnyBody
{
    private static readonly string[] Values =
    [
        "-4", "0", "-0", "1", "4", "1.5", "730", "8784", "8785", "1e-28", "0.0000000000000000000000000001", "1e27",
        "79228162514264337593543950335", "-79228162514264337593543950335", "1e999", "-1e999", "2147483648",
        "\"-4\"", "\"4\"", "\"1e999\"", "\"\"", "\" \"", "\"\\u200b\"", "\"\\ud800\"", "\"\\u0000\"", "\"NaN\"", "null",
        "true", "[]", "{}", "[[-4]]",
    ];

    private static readonly string[] Times =
    [
        "null", "5", "\"\\u200b\"", "\"9999-12-31T23:59:59Z\"", "\"-9998-01-01T00:00:00Z\"", "\"0001-01-01T00:00:00Z\"",
        "\"2026-10-01T00:00:00Z\"", "\"2026-10-01\"",
    ];

    private static readonly string[] Names = ["\"nerc\"", "\"\\u200b\"", "\"\\u3164\"", "\"\"", "null", "7", "\"x/y\""];

    [Fact]
    public async Task Are_answered_or_refused_and_never_a_fault()
    {
        await using var serving = await UsedMonth.Start();
        using var key = await serving.WithKey(KeyScope.Read, null);
        var (random, priced) = (new Random(22), 0);
        for (var n = 0; n < 60; n++)
        {
            var sent = Body(random);
            using var body = Serving.Json(sent, "application/json");
            using var answer = await key.PostAsync(new Uri("/v1/quotes", UriKind.Relative), body, Serving.Ct);
            var told = await answer.Content.ReadAsStringAsync(Serving.Ct);
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest or
                HttpStatusCode.UnprocessableEntity, $"{sent}\n{told}");
            Assert.True(answer.StatusCode == HttpStatusCode.OK || told.Contains("\"code\":", StringComparison.Ordinal),
                $"{sent}\n{told}");
            Assert.True(answer.StatusCode != HttpStatusCode.OK || !HasBlankName(sent), sent);
            priced += answer.StatusCode == HttpStatusCode.OK ? 1 : 0;
        }

        Assert.InRange(priced, 3, 57);
    }

    private static bool HasBlankName(string sent) =>
        ((string[])["landlord", "cluster", "project", "kind"]).Any(member =>
            sent.Contains($"\"{member}\":\"\\u200b\"", StringComparison.Ordinal) ||
            sent.Contains($"\"{member}\":\"\\u3164\"", StringComparison.Ordinal));

    private static string Body(Random random)
    {
        List<string> usage = ["\"kind\":\"vm\""], whole = [];
        foreach (var member in (string[])["hours", "count", "quantity", "state", "meter"])
        {
            Maybe(usage, member, Values, 9);
        }

        List<string> shape = [];
        foreach (var member in (string[])["vcpu", "ram_mib", "gpu", "gpu_model", "storage_gib", "\\u200b", "anything"])
        {
            Maybe(shape, member, Values, 8);
        }

        usage.Add($"\"shape\":{{{string.Join(',', shape)}}}");
        Maybe(usage, "kind", Names, 20);
        foreach (var member in (string[])["landlord", "cluster", "project"])
        {
            Maybe(whole, member, Names, 9);
        }

        Maybe(whole, "at", Times, 6);
        whole.Add($"\"usage\":[{{{string.Join(',', usage.DistinctBy(one => one.Split(':')[0]))}}}]");
        return $"{{{string.Join(',', whole)}}}";

        void Maybe(List<string> into, string member, string[] values, int oneOf)
        {
            if (random.Next(oneOf) == 0)
            {
                into.Insert(0, $"\"{member}\":{values[random.Next(values.Length)]}");
            }
        }
    }
}
