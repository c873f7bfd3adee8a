using System.Net;
using Exchange.Portal.Keys;
using Exchange.Portal.Web.Access;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// The clock of a machine goes a year forward and back. What was given for a while is over or goes on for that while,
/// and never until the year has passed; what was taken stays in its order.
/// </summary>
public class ClocksThatJump
{
    private static readonly Duration Year = Duration.FromDays(365);

    [Fact]
    public async Task Readings_and_events_are_taken_in_their_order_whatever_the_clock_says()
    {
        var clock = new SmallExchange.Hand { Now = UsedMonth.Now };
        await using var serving = await UsedMonth.Start(clock: clock);
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        var taken = 0;
        foreach (var years in (int[])[0, 1, -1, 0])
        {
            clock.Now = UsedMonth.Now + (Year * years);
            using var answer = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
                UsedMonth.Event($"vm-{taken++}", "p-ada", 1), "application/x-ndjson"), Serving.Ct);
            var told = await answer.Content.ReadAsStringAsync(Serving.Ct);
            Assert.Contains(years < 0 ? "\"quarantined\":1" : "\"accepted\":1", told, StringComparison.Ordinal);
            await serving.Exchange.Audit.Note("test", "look", $"{years}", "done", "local", Serving.Ct);
        }

        clock.Now = UsedMonth.Now;
        var events = await serving.Exchange.Journal.ReadAll(0, int.MaxValue, Serving.Ct);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(one => one.Position));
        Assert.Empty((await Operating.Verify(serving.Exchange, _ => { }, Serving.Ct)).Wrong);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(365, false)]
    [InlineData(-365, false)]
    public async Task A_session_of_another_time_is_none(int days, bool goesOn)
    {
        var clock = new SmallExchange.Hand { Now = UsedMonth.Now };
        await using var serving = await Serving.Start(clock);
        using var finance = await serving.As("finance");
        Assert.Equal(HttpStatusCode.OK, await Status(finance, "/finance"));
        clock.Now += Duration.FromDays(days);

        Assert.Equal(goesOn ? HttpStatusCode.OK : HttpStatusCode.Redirect, await Status(finance, "/finance"));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(365, false)]
    [InlineData(-365, false)]
    public async Task A_link_that_signs_in_is_of_its_ten_minutes(int days, bool opens)
    {
        var clock = new SmallExchange.Hand { Now = UsedMonth.Now };
        await using var serving = await Serving.Start(clock);
        var links = new SignInLinks(serving.Exchange.Database, clock);
        var path = await links.Make("finance", null, "test", Serving.Ct);
        clock.Now += Duration.FromDays(days);

        var viewer = await links.Use(path[SignInLinks.Path.Length..], Serving.Ct);

        Assert.Equal(opens, viewer is not null);
    }

    [Theory]
    [InlineData(0, HttpStatusCode.OK)]
    [InlineData(365, HttpStatusCode.NotFound)]
    [InlineData(-365, HttpStatusCode.NotFound)]
    public async Task An_address_of_a_panel_is_of_its_hour(int days, HttpStatusCode expected)
    {
        var clock = new SmallExchange.Hand { Now = UsedMonth.Now };
        await using var serving = await UsedMonth.Start(clock: clock);
        using var key = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var anybody = serving.Anonymous();
        var link = (await TheApi.Json(key, "/v1/projects/p-ada/panel-link?month=2026-10")).GetProperty("url").GetString()!;
        clock.Now += Duration.FromDays(days);

        Assert.Equal(expected, await Status(anybody, new Uri(link).PathAndQuery));
    }

    [Fact]
    public async Task A_key_that_was_revoked_is_none_within_seconds_though_the_clock_went_back()
    {
        var clock = new SmallExchange.Hand { Now = UsedMonth.Now };
        await using var serving = await Serving.Start(clock);
        var made = await serving.Exchange.Do(new CreateKey("k", null, KeyScope.Read, "test"));
        using var client = serving.Anonymous();
        client.DefaultRequestHeaders.Authorization = new("Bearer", made.Key);
        Assert.Equal(HttpStatusCode.OK, await Status(client, "/v1/webhooks"));
        clock.Now -= Year;
        await using var other = await Composition.Open(
            new(serving.Exchange.Place.Data, serving.Exchange.Database.ConnectionString), clock, Serving.Ct);
        await other.Do(new RevokeKey(other.Keys, made.Id, "test"));

        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        await Waiting.For(
            async () => await Status(client, "/v1/webhooks") == HttpStatusCode.Unauthorized, () => "It is valid.");
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 120);
    }

    private static async Task<HttpStatusCode> Status(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
        return answer.StatusCode;
    }
}
