using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Peers;
using Exchange.Portal.Peers;
using Exchange.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A peer that never ends its answer is left. Seen to fail: the job waited for it for ever.</summary>
public class PeersThatAreSlow
{
    private static readonly BillingMonth October = new(2026, 10);

    [Theory]
    [InlineData("")]
    [InlineData("{\"code\":\"peer/")]
    [InlineData("{\"code\":\"peer/gap\"}")]
    public async Task Who_never_ends_an_answer_is_asked_again_later(string said)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/v1/peers/{us}/statements", async (HttpContext http) =>
        {
            http.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            await http.Response.WriteAsync(said, http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await Task.Delay(Timeout.Infinite, http.RequestAborted)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await app.StartAsync(Serving.Ct);
        await using var serving = await Serving.Start();
        await Waits(serving.Exchange, app.Urls.First());
        var told = await SendStatements.Run(serving.Exchange, Serving.Ct).WaitAsync(
            Waiting.Patience, Serving.Ct);
        Assert.Contains("Tried again later: slow answered 422", told, StringComparison.Ordinal);
        Assert.Equal(said.Contains("gap", StringComparison.Ordinal), told.Contains("(peer/gap)",
            StringComparison.Ordinal));
    }

    /// <summary>A peer for whom a statement waits.</summary>
    private static async Task Waits(Composition exchange, string url)
    {
        var now = exchange.Clock.GetCurrentInstant();
        var ours = await SigningKey.Own(exchange.Database, Serving.Ct);
        var terms = new PeerTerms(
            "slow", "nerc", url, ours.Public, null, Serving.Other, October, false, IsInside: true);
        foreach (var rule in (Func<Peer, Decision<PeerEvent>>[])
            [peer => Peer.Admit(peer, terms, "test", now),
                peer => Peer.Draw(peer, October, [KnownPeer.Line("p-mit")], ours, now)])
        {
            await exchange.Journal.Execute(new AdmitPeer("slow", "admit", (peer, _) => rule(peer)), now, Serving.Ct);
        }
    }
}
