using System.Net;
using System.Net.Http.Headers;
using Exchange.Invoicing;
using Exchange.Portal.Keys;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A landlord publishes its own sheets with its own key, and nobody else's.</summary>
public class PublishingOverHttp
{
    private static readonly string Sheet = File.ReadAllText(Newest());

    [Fact]
    public async Task A_landlord_publishes_its_own_sheet_once_and_nothing_in_a_dry_run()
    {
        await using var serving = await UsedMonth.Start();
        using var key = await serving.WithKey(KeyScope.Prices, Serving.Nerc);
        using var reader = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        var before = (await TheApi.Json(reader, "/v1/prices?limit=1000")).GetProperty("items").GetArrayLength();
        using var tried = await Send(key, Later(), "?dryRun=true");
        Assert.Equal(HttpStatusCode.OK, tried.StatusCode);
        Assert.Equal(
            before, (await TheApi.Json(reader, "/v1/prices?limit=1000")).GetProperty("items").GetArrayLength());
        using var published = await Send(key, Later());
        Assert.Equal(HttpStatusCode.Created, published.StatusCode);
        using var again = await Send(key, Later());
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(
            before + 1, (await TheApi.Json(reader, "/v1/prices?limit=1000")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Another_landlord_s_key_a_changed_version_and_a_closed_month_are_refused()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var nerc = await serving.WithKey(KeyScope.Prices, Serving.Nerc);
        using var other = await serving.WithKey(KeyScope.Prices, Serving.Other);
        using var foreign = await Send(other, Later());
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
        using var changed = await Send(nerc, Later(), ifMatch: "\"0123\"");
        Assert.Equal(HttpStatusCode.PreconditionFailed, changed.StatusCode);
        using var closed = await Send(nerc, From("2026-10-05"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, closed.StatusCode);
        Assert.Contains(
            "prices/closed-month", await closed.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", HttpStatusCode.UnprocessableEntity)]
    [InlineData("landlord: [", HttpStatusCode.UnprocessableEntity)]
    [InlineData("just text", HttpStatusCode.UnprocessableEntity)]
    [InlineData("landlord: nerc\n<script>alert(1)</script>: x\n", HttpStatusCode.UnprocessableEntity)]
    public async Task What_is_no_price_sheet_is_refused_with_its_line(string yaml, HttpStatusCode status)
    {
        await using var serving = await UsedMonth.Start();
        using var key = await serving.WithKey(KeyScope.Prices, Serving.Nerc);
        using var answer = await Send(key, yaml);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("sheet.yaml", await answer.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
    }

    /// <summary>29 bytes that ended the process, and a megabyte of brackets: refused, and the server goes on.</summary>
    [Fact]
    public async Task YAML_that_overflows_a_stack_is_refused_with_its_line_and_the_server_lives()
    {
        await using var serving = await UsedMonth.Start();
        using var prices = await serving.WithKey(KeyScope.Prices, Serving.Nerc);
        foreach (var hostile in (string[])
            ["? &a [*a]", "a: " + new string('[', 100_000), "a: " + new string('[', 1_000_000)])
        {
            using var answer = await Send(prices, hostile);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
            Assert.Contains("sheet.yaml:1", await answer.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        }

        using var alive = await prices.GetAsync(new Uri("/health/ready", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    /// <summary>
    /// Whoever asks for prices reads all that was ever published, so a landlord does not publish without an end.
    /// </summary>
    [Fact]
    public async Task What_a_landlord_ever_published_is_bounded_and_what_is_known_and_the_operator_s_are_not()
    {
        await using var serving = await UsedMonth.Start();
        using var key = await serving.WithKey(KeyScope.Prices, Serving.Nerc);
        var sent = new List<string>();
        while (sent.Count < 10)
        {
            var next = $"{Later()}\n# {sent.Count}{new string('x', 1_000_000)}\n";
            using var answer = await Send(key, next);
            if (answer.StatusCode != HttpStatusCode.Created)
            {
                var told = await answer.Content.ReadAsStringAsync(Serving.Ct);
                Assert.True(answer.StatusCode == HttpStatusCode.UnprocessableEntity, told);
                Assert.Contains("prices/too-much", told, StringComparison.Ordinal);
                using var tried = await Send(key, next, "?dryRun=true");
                Assert.Equal(HttpStatusCode.UnprocessableEntity, tried.StatusCode);
                break;
            }

            sent.Add(next);
        }

        Assert.InRange(sent.Count, 2, 4);
        using var again = await Send(key, sent[^1]);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        var published = await serving.Exchange.Do(new PublishPricing(
            serving.Exchange.Sources, [new("sheet.yaml", $"{Later()}\n# the operator's\n")], [], "sheet.yaml", "test",
            Journal.Actor.HasTheMachine));
        Assert.Equal(1, published.Prices.Published);
    }

    internal static string Later() => From("2027-01-01");

    internal static string From(string day)
    {
        var line = Sheet.Split('\n').First(l => l.StartsWith("from:", StringComparison.Ordinal));
        return Sheet.Replace(line, $"from: {day}", StringComparison.Ordinal);
    }

    private static string Newest() => Directory.GetFiles(Product.File("pricing/nerc/openstack"), "*.yaml")
        .Order(StringComparer.Ordinal).Last();

    private static async Task<HttpResponseMessage> Send(
        HttpClient client, string yaml, string query = "", string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/v1/prices{query}", UriKind.Relative))
        {
            Content = new StringContent(yaml, new MediaTypeHeaderValue("application/yaml")),
        };
        if (ifMatch is not null)
        {
            request.Headers.IfMatch.ParseAdd(ifMatch);
        }

        return await client.SendAsync(request, Serving.Ct);
    }
}
