using System.Net;
using System.Net.Http.Headers;
using Exchange.Market.Peers;
using Exchange.Portal.Keys;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// By the time of an answer nobody learns what exists: the same statements are given to the database, and the same is
/// said, whatever of what was asked for is there. <c>bench/strangers.py</c> measures the time itself.
/// </summary>
public class AnswersTakeTheSameWork
{
    /// <summary>
    /// Seen to fail: a key that somebody had just used was remembered, and refused with another secret without asking
    /// the journal.
    /// </summary>
    [Fact]
    public async Task Whether_a_key_is_there_was_revoked_or_never_was()
    {
        await using var serving = await Serving.Start();
        using var issued = new IssuedStatements();
        using var right = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var other = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        var key = right.DefaultRequestHeaders.Authorization!.Parameter!;
        var revoked = other.DefaultRequestHeaders.Authorization!.Parameter!;
        var (id, secret) = (key.Split('_')[1], key.Split('_', 3)[2]);
        await serving.Exchange.Do(new RevokeKey(serving.Exchange.Keys, revoked.Split('_')[1], "test"));
        var unknown = $"exchange_{new string('0', id.Length)}_{secret}";
        foreach (var tried in (string[])[
            $"exchange_{id}_{new string('a', secret.Length)}", $"exchange_{id}_{secret}x", revoked,
            $"exchange_{new string('f', id.Length)}_{secret[..^1]}"])
        {
            Assert.Null(await IssuedStatements.Difference(() => Refused(tried), () => Refused(unknown)));
        }

        // Somebody used the right one just before.
        async Task<(string, IReadOnlyList<string>)> Refused(string tried)
        {
            using var used = await right.GetAsync(new Uri("/v1/webhooks", UriKind.Relative), Serving.Ct);
            Assert.Equal(HttpStatusCode.OK, used.StatusCode);
            using var nobody = serving.Anonymous();
            nobody.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tried);
            var told = await Told(issued, nobody, new(HttpMethod.Get, "/v1/webhooks"));
            Assert.StartsWith("401", told.Told, StringComparison.Ordinal);
            Assert.NotEmpty(told.Statements);
            return told;
        }
    }

    /// <summary>
    /// Seen to fail: who is no peer was told 404 before anything was read, and a peer whose statement nobody signed 403.
    /// And every name that a stranger made up was kept in memory for good.
    /// </summary>
    [Fact]
    public async Task Whether_a_peer_is_admitted()
    {
        await using var serving = await UsedMonth.Start();
        await KnownPeer.Add(serving);
        using var issued = new IssuedStatements();
        using var nobody = serving.Anonymous();
        var forger = SigningKey.Of(new byte[32]);
        var statement = new PeerStatement("mit", "nerc", new(2026, 10), 3, null, [KnownPeer.Line("p-ada")]).Write(forger);
        var dispute = new PeerDispute("mit", "nerc", new(2026, 10), 2, 1, new("p-mit"), KnownPeer.Line("p-mit").What,
            KnownPeer.Line("p-mit").Due, Money.Zero, "never ran", null).Write(forger);
        using (var first = await nobody.SendAsync(Send(nobody, "mit", statement.Text, null), Serving.Ct))
        {
            Assert.Equal(HttpStatusCode.Forbidden, first.StatusCode); // From now on the peer is remembered.
        }

        var (kept, asked) = (serving.Exchange.Kept.Count, 0);
        foreach (var body in (string[])["", "$", "{}\n", "\n\n", new('x', 100_000), statement.Text, dispute,
            statement.Text[..^5], $"{statement.Text}x", "{\"statement\":1}\n{\"signature\":\"\"}\n", "\u0000\ud800"])
        {
            foreach (var proof in (string?[])[null, "x", StatementProof.Of(forger, body)])
            {
                foreach (var name in (string[])[$"mot{asked++}", $"a{asked++}", $"{new string('z', 50)}{asked++}"])
                {
                    Assert.Null(await IssuedStatements.Difference(
                        () => Told(issued, nobody, Send(nobody, "mit", body, proof)),
                        () => Told(issued, nobody, Send(nobody, name, body, proof))));
                }
            }
        }

        Assert.InRange(serving.Exchange.Kept.Count, kept, kept + (asked / 10)); // Some of others come by themselves.
    }

    /// <summary>
    /// Of projects and people of others. Seen to fail: a landlord's search asked the database once for each of all that
    /// the text named.
    /// </summary>
    [Theory]
    [InlineData("p-ada", "p-oda")]
    [InlineData("p-a", "q-a")]
    [InlineData("ada@bu.edu", "non@bu.edu")]
    [InlineData("@bu", "~bu")]
    public async Task How_much_a_search_names(string there, string none)
    {
        await using var serving = await UsedMonth.Start();
        using var issued = new IssuedStatements();
        using var other = await serving.WithKey(KeyScope.Read, Serving.Other);
        Assert.Null(await IssuedStatements.Difference(() => Found(there), () => Found(none)));

        async Task<(string, IReadOnlyList<string>)> Found(string text)
        {
            var (told, statements) = await Told(
                issued, other, new(HttpMethod.Get, $"/v1/search?q={Uri.EscapeDataString(text)}"));
            Assert.StartsWith("200", told, StringComparison.Ordinal);
            return (told.Replace(text, "", StringComparison.Ordinal), statements);
        }
    }

    /// <summary>A link of the command line that was used, and one that was never made.</summary>
    [Fact]
    public async Task Whether_a_link_was_ever_made()
    {
        await using var serving = await Serving.Start();
        using var issued = new IssuedStatements();
        using var nobody = serving.Anonymous();
        var links = new Web.Access.SignInLinks(serving.Exchange.Database, serving.Exchange.Clock);
        var path = await links.Make("operator", null, "test", Serving.Ct);
        using (var used = await nobody.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct))
        {
            Assert.Equal(HttpStatusCode.Redirect, used.StatusCode);
        }

        using var stranger = serving.Anonymous();
        Assert.StartsWith(
            "403", (await Told(issued, stranger, new(HttpMethod.Get, path))).Told, StringComparison.Ordinal);
        Assert.Null(await IssuedStatements.Difference(
            () => Told(issued, stranger, new(HttpMethod.Get, path)),
            () => Told(issued, stranger, new(HttpMethod.Get, $"{path[..^4]}AAAA"))));
    }

    /// <summary>
    /// Seen to fail: what is measured, with the names of keys, collectors and sources, was collected for anybody.
    /// </summary>
    [Fact]
    public async Task What_is_measured_is_refused_to_strangers_before_it_is_collected()
    {
        await using var serving = await Serving.Start();
        using var issued = new IssuedStatements();
        using var ofExchange = await serving.WithKey(KeyScope.Read, null);
        using var ofLandlord = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var finance = await serving.As("finance");
        using var opal = await serving.As("operator");
        using var nobody = serving.Anonymous();
        foreach (var (client, status) in ((HttpClient, HttpStatusCode)[])[
            (nobody, HttpStatusCode.Unauthorized), (ofLandlord, HttpStatusCode.Unauthorized),
            (finance, HttpStatusCode.Unauthorized), (ofExchange, HttpStatusCode.OK), (opal, HttpStatusCode.OK)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
            request.Headers.Add("X-Forwarded-For", "192.0.2.1"); // Somebody elsewhere, behind a proxy.
            var (answer, statements) = await issued.Send(client, request);
            Assert.Equal(status, answer.StatusCode);
            Assert.Equal(client == nobody, statements.Count == 0);
            Assert.Equal(status == HttpStatusCode.OK, (await answer.Content.ReadAsStringAsync(Serving.Ct))
                .Contains("exchange_meter_damaged_blocks", StringComparison.Ordinal));
            answer.Dispose();
        }

        Assert.Contains("exchange_meter_damaged_blocks",
            await nobody.GetStringAsync(new Uri("/metrics", UriKind.Relative), Serving.Ct), StringComparison.Ordinal);
    }

    private static HttpRequestMessage Send(HttpClient to, string peer, string body, string? proof)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(to.BaseAddress!, $"/v1/peers/{peer}/statements"))
        {
            Content = Serving.Json(body, "application/x-ndjson"),
        };
        request.Headers.TryAddWithoutValidation(StatementProof.Header, proof);
        return request;
    }

    private static async Task<(string Told, IReadOnlyList<string> Statements)> Told(
        IssuedStatements issued, HttpClient client, HttpRequestMessage request)
    {
        using (request)
        {
            var (answer, statements) = await issued.Send(client, request);
            using (answer)
            {
                return ($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Serving.Ct)}", statements);
            }
        }
    }
}
