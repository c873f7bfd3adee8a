using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Exchange.Journal;
using Exchange.Portal.Keys;
using Exchange.Portal.Webhooks;
using Exchange.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Landlords and finance are told what happens: signed, until they have it, and of nothing else.</summary>
public class WebhooksAreTold
{
    /// <summary>Somebody's program that is told.</summary>
    private sealed class Listener : IAsyncDisposable
    {
        private readonly WebApplication _app = Build();

        public ConcurrentQueue<(string Event, string Signature, string Body)> Heard { get; } = new();
        public int Fails { get; set; }
        public string Url => $"{_app.Urls.First()}/told";

        public static async Task<Listener> Start()
        {
            var listener = new Listener();
            listener._app.Urls.Add("http://127.0.0.1:0");
            listener._app.MapPost("/told", async (HttpRequest request) =>
            {
                using var reader = new StreamReader(request.Body);
                listener.Heard.Enqueue((
                    request.Headers["Exchange-Event"].ToString(), request.Headers["Exchange-Signature"].ToString(),
                    await reader.ReadToEndAsync()));
                return Results.StatusCode(listener.Fails-- > 0 ? 503 : 204);
            });
            await listener._app.StartAsync();
            return listener;
        }

        private static WebApplication Build()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            return builder.Build();
        }

        public Task Until(int heard) => Waiting.For(
            () => Heard.Count >= heard, () => $"{Heard.Count} of {heard} were heard.");

        public async ValueTask DisposeAsync() => await _app.DisposeAsync();
    }

    /// <summary>A clock that is set by hand.</summary>
    private sealed class SetClock : IClock
    {
        public Instant Now { get; set; } = UsedMonth.Now;

        public Instant GetCurrentInstant() => Now;
    }

    [Fact]
    public async Task Of_what_concerns_them_signed_and_once()
    {
        await using var mine = await Listener.Start();
        await using var others = await Listener.Start();
        await using var serving = await UsedMonth.Start(webhooksToPrivate: true);
        using var finance = await serving.WithKey(KeyScope.Read, null);
        using var landlord = await serving.WithKey(KeyScope.Read, Serving.Other);
        var secret = await Register(finance, mine.Url);
        await Register(landlord, others.Url);
        await UsedMonth.Close(serving);
        await serving.Exchange.Projections.CatchUp(Serving.Ct);
        await mine.Until(3);
        await others.Until(1);
        Assert.Equal(
            ["invoice-issued", "invoice-issued", "month-closed"], mine.Heard.Select(h => h.Event).Order());
        Assert.All(mine.Heard, told => Assert.Equal(
            told.Signature, SendWebhooks.Sign(secret, UsedMonth.Now, told.Body)));
        Assert.Contains(mine.Heard, told => told.Body.Contains("PI-2026-0001", StringComparison.Ordinal));
        var heard = Assert.Single(others.Heard); // What others owe, and how much was sold in all, is not a landlord's.
        Assert.Equal("month-closed", heard.Event);
        Assert.DoesNotContain("total", heard.Body, StringComparison.OrdinalIgnoreCase);

        var seen = await TheApi.Json(landlord, "/v1/webhook-deliveries");
        Assert.Equal("done", Assert.Single(seen.GetProperty("items").EnumerateArray()).GetProperty("state")
            .GetString());
        Assert.Single((await TheApi.Json(landlord, "/v1/webhooks")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Again_and_later_when_they_were_away_whoever_runs_and_again_when_they_ask()
    {
        await using var away = await Listener.Start();
        away.Fails = 2;
        var clock = new SetClock();
        var place = new DataLocation(Component.NewFolder().FullName,
            await TestDatabase.NewConnectionString(Composition.Modules));
        string id;
        await using (var exchange = await Composition.Open(place, clock, Serving.Ct))
        {
            id = (await exchange.Do(new RegisterWebhook(exchange.Database, away.Url, null, [], true, "test"))).Id;
            await exchange.Journal.Append(
                [Journal.StreamAppend.Of<Budgets.BudgetEvent>("budget-ada@bu.edu", 0, [new Budgets.BudgetEvent.Passed(
                    UsedMonth.Month, 80, new(8_000), new(10_000), clock.Now)])], Serving.Ct);
        } // It stops before anything was sent.

        await using var later = await Composition.Open(place, clock, Serving.Ct);
        using var http = PublicOnly.Client(mayReachPrivate: true);
        await later.Projections.CatchUp(Serving.Ct);
        Assert.Equal(1, await Send());
        Assert.Equal(0, await Send());
        clock.Now += Duration.FromSeconds(5);
        Assert.Equal(1, await Send());
        clock.Now += Duration.FromSeconds(5);
        Assert.Equal(0, await Send()); // The second wait is twice the first.
        clock.Now += Duration.FromSeconds(5);
        Assert.Equal(1, await Send());
        Assert.Equal(3, away.Heard.Count);
        Assert.Single(away.Heard.Select(h => h.Body).Distinct());

        clock.Now += Duration.FromDays(1);
        await later.Projections.Rebuild(_ => { }, Serving.Ct);
        Assert.Equal(0, await Send()); // Read models that are built again tell nobody anything again.
        await Unknown(new ReplayWebhook(later.Database, id, Serving.Nerc, 0));
        Assert.Equal(1, await later.Do(new ReplayWebhook(later.Database, id, null, 0)));
        Assert.Equal(1, await Send());
        await Unknown(new RemoveWebhook(later.Database, id, Serving.Nerc, "test"));
        Assert.True(await later.Do(new RemoveWebhook(later.Database, id, null, "test")));
        await later.Projections.CatchUp(Serving.Ct);
        await Unknown(new ReplayWebhook(later.Database, id, null, 0));
        Assert.Equal(4, away.Heard.Count);

        async Task<int> Send() => await SendWebhooks.Run(later.Database, http, clock, Serving.Ct);

        async Task Unknown<T>(ICommand<T> command) => Assert.Equal(
            "webhook/unknown",
            (await Assert.ThrowsAsync<RefusedException>(() => later.Do(command))).Refusal.Code);
    }

    [Fact]
    public async Task Never_at_an_address_inside_whatever_its_name()
    {
        await using var inside = await Listener.Start();
        using var http = PublicOnly.Client(mayReachPrivate: false);
        foreach (var host in (string[])
            ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "there-is-none.invalid"])
        {
            var url = inside.Url.Replace("127.0.0.1", host, StringComparison.Ordinal);
            var failed = await Assert.ThrowsAsync<HttpRequestException>(
                async () => await http.GetAsync(new Uri(url), Serving.Ct));
            var told = Assert.IsType<PublicOnly.NotPublicException>(failed.InnerException).Message;
            Assert.Equal("leads to no public address", told); // Alike: nobody learns what names there are inside.
        }

        Assert.Empty(inside.Heard);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1", true)]
    [InlineData("172.32.0.1", true)]
    [InlineData("127.8.8.8", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.18.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("2001:0:1::", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("ff02::1", false)]
    public void Only_public_addresses_are_reached(string address, bool isPublic) =>
        Assert.Equal(isPublic, PublicOnly.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("")]
    [InlineData("http://books.example.org/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:alert(1)")]
    [InlineData("https://")]
    [InlineData("https://user:secret@books.example.org/")]
    [InlineData("https://books.example.org/\r\nX: y")]
    [InlineData("//books.example.org")]
    [InlineData("<script>alert(1)</script>")]
    public async Task What_is_no_address_is_not_registered_and_stays_in_the_field(string typed)
    {
        await using var serving = await Serving.Start();
        using var finance = await serving.As("finance");
        using var answer = await UsedMonth.Submit(finance, "/webhooks", "/webhooks", ("url", typed));
        var html = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("id=\"url-wrong\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        using var key = await serving.WithKey(KeyScope.Read, null);
        using var refused = await key.PostAsync(new Uri("/v1/webhooks", UriKind.Relative), Serving.Json(
            JsonSerializer.Serialize(new { url = typed }), "application/json"), Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task A_landlord_cannot_ask_for_invoices()
    {
        await using var serving = await Serving.Start();
        using var nerc = await serving.As("nerc");
        using var answer = await UsedMonth.Submit(nerc, "/webhooks", "/webhooks",
            ("url", "https://nerc.example.org/"), ("event", "invoice-issued"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using var made = await UsedMonth.Submit(nerc, "/webhooks", "/webhooks", ("url", "https://nerc.example.org/"));
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
        Assert.Contains("shown this one time", await made.Content.ReadAsStringAsync(Serving.Ct),
            StringComparison.Ordinal);
    }

    private static async Task<string> Register(HttpClient client, string url)
    {
        using var answer = await client.PostAsync(new Uri("/v1/webhooks", UriKind.Relative),
            Serving.Json(JsonSerializer.Serialize(new { url }), "application/json"), Serving.Ct);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Serving.Ct)).RootElement
            .GetProperty("secret").GetString()!;
    }
}
