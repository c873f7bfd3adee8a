using System.Net;
using System.Text.Json;
using Exchange.Portal.Keys;
using Exchange.Portal.Web;
using Exchange.Portal.Webhooks;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Whoever does things without an end fills what is kept for ever, and what is told to others: of one owner so many are
/// done in a row, then one each while. Seen before: any number of webhooks, saved quotes and orders.
/// </summary>
public class ActsAreBounded
{
    [Fact]
    public async Task Of_one_owner_whatever_their_keys_and_nobody_else_s()
    {
        await using var serving = await Serving.Start(with: options => options with { ActsInARow = 3 });
        using var first = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var second = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var other = await serving.WithKey(KeyScope.Read, Serving.Other);
        for (var n = 0; n < 3; n++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, await Register(first, "no address")); // What is refused was not done.
            Assert.Equal(HttpStatusCode.Created, await Register(n == 1 ? second : first, $"https://example.org/{n}"));
        }

        foreach (var key in (HttpClient[])[first, second])
        {
            using var refused = await Post(key, "/v1/webhooks", """{"url":"https://example.org/more"}""");
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 31);
            Assert.Contains("request/too-many-acts", await refused.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        }

        using var listed = JsonDocument.Parse(
            await first.GetStringAsync(new Uri("/v1/webhooks", UriKind.Relative), Serving.Ct));
        Assert.Equal(3, listed.RootElement.GetProperty("items").GetArrayLength());
        using var quoted = await Post(
            first, "/v1/quotes", """{"usage":[{"kind":"vm","shape":{"vcpu":4,"ram_mib":16384},"hours":"730"}]}""");
        Assert.Equal(HttpStatusCode.OK, quoted.StatusCode); // It keeps nothing.
        using var usage = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        using var body = Serving.Json(UsageOverHttp.Event("a"), "application/cloudevents+json");
        using var taken = await usage.PostAsync(new Uri("/v1/usage", UriKind.Relative), body, Serving.Ct);
        Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
        Assert.Equal(HttpStatusCode.Created, await Register(other, "https://example.org/other"));
    }

    /// <summary>Each is told of each thing that happens, so an owner has not any number of them.</summary>
    [Fact]
    public async Task Of_webhooks_an_owner_has_so_many_and_another_theirs()
    {
        await using var serving = await Serving.Start();
        using var key = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var other = await serving.WithKey(KeyScope.Read, Serving.Other);
        for (var n = 0; n < Webhook.MaxOfOwner; n++)
        {
            Assert.Equal(HttpStatusCode.Created, await Register(key, $"https://example.org/{n}"));
        }

        using var refused = await Post(key, "/v1/webhooks", """{"url":"https://example.org/more"}""");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("webhook/too-many", await refused.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, await Register(other, "https://example.org/other"));
        using var listed = JsonDocument.Parse(
            await key.GetStringAsync(new Uri("/v1/webhooks", UriKind.Relative), Serving.Ct));
        var id = listed.RootElement.GetProperty("items")[0].GetProperty("id").GetString()!;
        await serving.Exchange.Do(new RemoveWebhook(serving.Exchange.Database, id, Serving.Nerc, "test"));
        Assert.Equal(HttpStatusCode.Created, await Register(key, "https://example.org/instead"));
    }

    [Fact]
    public async Task Those_who_see_everybody_s_are_not_counted()
    {
        await using var serving = await Serving.Start(with: options => options with { ActsInARow = 1 });
        using var exchange = await serving.WithKey(KeyScope.Read, null);
        Assert.Equal(HttpStatusCode.Created, await Register(exchange, "https://example.org/1"));
        Assert.Equal(HttpStatusCode.Created, await Register(exchange, "https://example.org/2"));
    }

    [Fact]
    public void One_more_may_be_done_each_while()
    {
        var budgets = new ActBudgets(inARow: 2);
        Assert.Equal(0, budgets.SecondsUntil("a"));
        budgets.Note("a");
        Assert.Equal(0, budgets.SecondsUntil("a"));
        budgets.Note("a");
        Assert.InRange(budgets.SecondsUntil("a"), 1, 11);
        budgets.Note("a"); // Two came at once.
        Assert.InRange(budgets.SecondsUntil("a"), 11, 21);
        Assert.Equal(0, budgets.SecondsUntil("b"));
    }

    private static async Task<HttpStatusCode> Register(HttpClient key, string url)
    {
        using var answer = await Post(key, "/v1/webhooks", $$"""{"url":"{{url}}"}""");
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> Post(HttpClient key, string path, string json)
    {
        using var body = Serving.Json(json, "application/json");
        return await key.PostAsync(new Uri(path, UriKind.Relative), body, Serving.Ct);
    }
}
