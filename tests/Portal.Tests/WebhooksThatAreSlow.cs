using System.Collections.Concurrent;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Portal.Webhooks;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Receivers that never answer hold up nobody else. Seen to fail with the sender that told one after the other: another
/// landlord's delivery came 405 s late behind forty.
/// </summary>
[Collection(nameof(Alone))]
public class WebhooksThatAreSlow
{
    [Fact]
    public async Task Forty_slow_receivers_of_one_landlord_hold_up_no_other()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Urls.Add("http://127.0.0.1:0");
        var heard = new ConcurrentQueue<string>();
        var (slow, most, givenUp) = (0, 0, 0);
        app.MapPost("/slow", async (HttpContext http) =>
        {
            most = int.Max(most, Interlocked.Increment(ref slow));
            await Task.Delay(Timeout.Infinite, http.RequestAborted)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Interlocked.Decrement(ref slow);
            Interlocked.Increment(ref givenUp);
        });
        app.MapPost("/{who}", (string who) => heard.Enqueue(who));
        await app.StartAsync(Serving.Ct);
        var urls = app.Urls.ToList();
        await using var serving = await Serving.Start();
        var exchange = serving.Exchange;
        for (var i = 0; i < 40; i++)
        {
            await Register(exchange, $"{urls[0]}/slow", Serving.Other);
        }

        await Register(exchange, $"{urls[1]}/nerc", Serving.Nerc);
        await Register(exchange, $"{urls[1]}/finance", null);
        await exchange.Journal.Append(
            [StreamAppend.Of<MonthEvent>(Months.Fold.StreamOf(Months.Id), 0,
                [.. Enumerable.Range(8, 3).Select(month => new MonthEvent.Closed(
                    new(2026, month), "corrected", Money.Zero, 0, [], [], "test", UsedMonth.Now))])], Serving.Ct);
        await exchange.Projections.CatchUp(Serving.Ct);
        using var http = PublicOnly.Client(mayReachPrivate: true);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Serving.Ct);

#pragma warning disable CA2025 // It is waited for below, before the client is disposed.
        var run = SendWebhooks.Run(exchange.Database, http, SystemClock.Instance, enough.Token);
#pragma warning restore CA2025
        await Waiting.For(() => heard.Count >= 6, () => $"{heard.Count} of 6 were told.");
        Assert.InRange(givenUp, 0, 39); // It is not their turn after all of the forty.
        await enough.CancelAsync();
        await Task.WhenAny(run); // Stopped, or over by then.
        Assert.Equal(["finance", "nerc"], heard.Distinct().Order());
        Assert.InRange(most, 1, SendWebhooks.MaxOfHost);
    }

    [Fact]
    public void Whatever_waits_the_rest_of_the_room_is_shared_by_those_who_wait()
    {
        var drawn = from owner in Gen.Choose(0, 5)
                    from host in Gen.Choose(0, 9)
                    from webhook in Gen.Choose(0, 60)
                    select new WebhookDue($"w{owner}-{webhook}", 1, 0, "e", "", $"http://h{host}/", "s", $"o{owner}");
        Prop.ForAll(drawn.ListOf().ToArbitrary(), drawn.ListOf().ToArbitrary(), (due, underWay) =>
        {
            var before = SendWebhooks.Choose([.. underWay], [], 30);
            var chosen = SendWebhooks.Choose([.. due], before, 20);
            var all = before.Concat(chosen).ToList();
            Assert.True(chosen.Count <= 20);
            Assert.True(all.Count == all.DistinctBy(one => one.Webhook).Count());
            Assert.All(all.CountBy(one => one.Host), of => Assert.True(of.Value <= SendWebhooks.MaxOfHost));
            Assert.All(all.CountBy(one => one.Owner), of => Assert.True(of.Value <= SendWebhooks.MaxOfOwner));

            // Nobody who could be told is left out while there is room.
            Assert.True(chosen.Count == 20 || due.All(one => all.Exists(c => c.Webhook == one.Webhook) ||
                all.Count(c => c.Host == one.Host) == SendWebhooks.MaxOfHost ||
                all.Count(c => c.Owner == one.Owner) == SendWebhooks.MaxOfOwner));
        }).Check(Draws.Properties());
    }

    /// <summary>Whatever a landlord may register as an address: it is told or not, and nobody else's waits for it.</summary>
    [Fact]
    public async Task No_address_that_was_taken_keeps_others_from_being_told()
    {
        string[] odd =
        [
            "https://a..b/", "https://-/", "https://xn--a/", "https://xn--/", "https://xn--a-ecp.b/",
            $"https://{string.Join('.', Enumerable.Repeat(new string('a', 63), 5))}/", $"https://{new string('a', 100)}/",
            "https://[::1]/", "https://[fe80::1%251]/", "https://[::ffff:127.0.0.1]:9/", "https://0x7f.1:9/",
            "https://127.1:9/", "https://a_b/", "https://a.b:0/", "https://127.0.0.1:65535/", "https://%41/", "https://a%00b/",
            "https://127.0.0.1:9/%", "https://127.0.0.1:9/?{}|^`", "https://127.0.0.1:9/#", "https://1.2.3.4.5/",
            "https://256.256.256.256/", "https://./", "https://..../", "https://a:/", "https://a!b/", "https://a$b/",
            "https://a'b/", "https://a;b/", "https://a,b/", "https://(a)/", "https://*/", "https://~/", "https://a/\\b",
        ];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var heard = 0;
        app.MapPost("/", () => Interlocked.Increment(ref heard));
        await app.StartAsync(Serving.Ct);
        await using var serving = await Serving.Start();
        var (exchange, taken) = (serving.Exchange, 0);
        foreach (var url in odd)
        {
            try
            {
                await Register(exchange, url, Serving.Other);
                taken++;
            }
            catch (RefusedException e)
            {
                Assert.Equal("webhook/bad-url", e.Refusal.Code);
            }
        }

        await Register(exchange, app.Urls.First(), Serving.Nerc);
        await exchange.Journal.Append(
            [StreamAppend.Of<MonthEvent>(Months.Fold.StreamOf(Months.Id), 0,
                [new MonthEvent.Closed(new(2026, 8), "corrected", Money.Zero, 0, [], [], "test", UsedMonth.Now)])], Serving.Ct);
        await exchange.Projections.CatchUp(Serving.Ct);
        using var http = PublicOnly.Client(mayReachPrivate: true);
        var attempts = await SendWebhooks.Run(exchange.Database, http, SystemClock.Instance, Serving.Ct);
        Assert.Equal((taken + 1, 1), (attempts, heard));
        Assert.InRange(taken, 10, odd.Length);
        await using var connection = await exchange.Database.OpenConnectionAsync(Serving.Ct);
        var told = await WebhookBook.Deliveries(connection, null, long.MaxValue, 100, Serving.Ct);
        Assert.Equal(taken, told.Count(one => one is { State: "waiting", Attempts: 1, Why.Length: > 0 }));
    }

    private static async Task Register(Composition exchange, string url, LandlordId? owner) =>
        await exchange.Do(new RegisterWebhook(exchange.Database, url, owner, [], true, "test"));
}
