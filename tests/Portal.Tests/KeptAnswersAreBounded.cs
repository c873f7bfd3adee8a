using System.Net;
using Exchange.Journal;
using Exchange.Portal.Keys;
using Exchange.Portal.Web;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Answers that are kept for whoever sends a request again are bounded, for each owner and in all, and nobody takes the
/// room of others. Seen to fail: every request with another key was kept, however many there were.
/// </summary>
public class KeptAnswersAreBounded
{
    [Theory]
    [InlineData(KeptAnswers.MaxOfOwner, 100)]
    [InlineData(16, KeptAnswers.MaxBytesOfOwner / 16)]
    [InlineData(400, (KeptAnswers.MaxBytesOfOwner / 400) + 1)]
    public async Task Of_one_landlord_whatever_its_keys(int answers, int bytes)
    {
        await using var serving = await Serving.Start();
        using var first = await serving.WithKey(KeyScope.Read, Serving.Other);
        using var second = await serving.WithKey(KeyScope.Read, Serving.Other);
        using var another = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        Assert.Equal(HttpStatusCode.Created, await Ask(first, "kept"));
        await Keep(serving, Serving.Other.Value, answers - 2, bytes);
        Assert.Equal(HttpStatusCode.Created, await Ask(second, "the last"));
        await Keep(serving, Serving.Other.Value, 2, bytes, from: answers);

        foreach (var key in (HttpClient[])[first, second])
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, await Ask(key, "one more"));
        }

        Assert.Equal(2, await Webhooks(first)); // What was refused was not done.
        Assert.Equal(HttpStatusCode.Created, await Ask(first, "kept"));
        Assert.Equal(2, await Webhooks(first)); // It was answered again.
        Assert.Equal(HttpStatusCode.Created, await Ask(first, null));
        Assert.Equal(HttpStatusCode.Created, await Ask(another, "one more"));

        await Statements.Execute(
            serving.Exchange.Database, "update exchange.answered set at = at - interval '25 hours'", [], Serving.Ct);
        Assert.Equal(HttpStatusCode.Created, await Ask(second, "one more"));
        await using var left = serving.Exchange.Database.CreateCommand("select count(*) from exchange.answered");
        Assert.Equal(1L, await left.ExecuteScalarAsync(Serving.Ct));
    }

    /// <summary>All room is taken by many; who keeps few is given some, and who keeps more waits.</summary>
    [Theory]
    [InlineData(KeptAnswers.MaxOfAll, 1)]
    [InlineData(KeptAnswers.MaxBytesOfAll >> 20, 1 << 20)]
    public async Task Of_all_together(int answers, int bytes)
    {
        await using var serving = await Serving.Start();
        using var few = await serving.WithKey(KeyScope.Read, Serving.Other);
        using var many = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        await Keep(serving, Serving.Nerc.Value, KeptAnswers.FewOfOwner, 10);
        Assert.Equal(HttpStatusCode.Created, await Ask(many, "there is room"));
        for (var n = 0; n < 16; n++)
        {
            await Keep(serving, $"landlord-{n}", answers / 16, bytes);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await Ask(many, "there is none"));
        Assert.Equal(HttpStatusCode.Created, await Ask(few, "there is some"));
    }

    /// <summary>As if that many requests of an owner had been answered.</summary>
    private static Task<int> Keep(Serving serving, string owner, int answers, int bytes, int from = 1) =>
        Statements.Execute(serving.Exchange.Database, """
        insert into exchange.answered (actor, key, request, status, type, body, owner)
        select 'key:' || $1, n::text, '', 201, '', convert_to(repeat('a', $3), 'UTF8'), $1
        from generate_series($4, $4 + $2 - 1) as n
        """, [owner, answers, bytes, from], Serving.Ct);

    private static async Task<int> Webhooks(HttpClient client) =>
        (await TheApi.Json(client, "/v1/webhooks")).GetProperty("items").GetArrayLength();

    private static async Task<HttpStatusCode> Ask(HttpClient client, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/webhooks", UriKind.Relative));
        request.Content = Serving.Json("{\"url\":\"https://a.example.org/\"}", "application/json");
        if (key is not null)
        {
            request.Headers.Add(IdempotencyFilter.Header, key);
        }

        using var answer = await client.SendAsync(request, Serving.Ct);
        return answer.StatusCode;
    }
}
