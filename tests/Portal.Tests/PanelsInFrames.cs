using System.Net;
using Exchange.Portal.Keys;
using Exchange.Portal.Web;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Another portal shows what a project costs after funds, in a frame: those that the server names, and no other.
/// </summary>
public class PanelsInFrames
{
    private const string Horizon = "https://horizon.example.org";

    /// <summary>A clock that is set by hand.</summary>
    private sealed class SetClock : IClock
    {
        public Instant Now { get; set; } = UsedMonth.Now;

        public Instant GetCurrentInstant() => Now;
    }

    [Fact]
    public async Task An_address_shows_one_panel_without_a_key_for_an_hour_and_while_its_key_is_valid()
    {
        var clock = new SetClock();
        await using var serving = await UsedMonth.Start(clock: clock,
            panelIn: [Horizon, "https://coldfront.example.org:8443"]);
        using var all = await serving.WithKey(KeyScope.Read, null);
        var link = await TheApi.Json(all, "/v1/projects/p-ben/panel-link?month=2026-10");
        Assert.Equal(Text.Of(clock.Now + Duration.FromHours(1)), link.GetProperty("until").GetString());
        var url = new Uri(link.GetProperty("url").GetString()!);
        using var anyone = serving.Anonymous();
        using var panel = await anyone.GetAsync(url, Serving.Ct);
        var html = await panel.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Contains("PI owes", html, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;Ben&lt;/b&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Ada", html, StringComparison.Ordinal);
        var policy = Assert.Single(panel.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains(
            $"frame-ancestors {Horizon} https://coldfront.example.org:8443;", policy, StringComparison.Ordinal);
        Assert.False(panel.Headers.Contains("X-Frame-Options"));

        // A changed address opens nothing, and neither does an old one.
        Assert.Equal(HttpStatusCode.NotFound, await Status(anyone, new(url.AbsoluteUri[..^4] + "AAAA")));
        Assert.Equal(HttpStatusCode.NotFound, await Status(anyone, new(serving.Address, "/panel/p-ben")));
        clock.Now += Duration.FromHours(1);
        Assert.Equal(HttpStatusCode.NotFound, await Status(anyone, url));

        var fresh = new Uri((await TheApi.Json(all, "/v1/projects/p-ben/panel-link")).GetProperty("url").GetString()!);
        Assert.Equal(HttpStatusCode.OK, await Status(anyone, fresh));
        await serving.Exchange.Projections.CatchUp(Serving.Ct);
        foreach (var key in await serving.Exchange.Keys.List(Serving.Ct))
        {
            await serving.Exchange.Do(new RevokeKey(serving.Exchange.Keys, key.Id, "test"));
        }

        Assert.Equal(HttpStatusCode.NotFound, await Status(anyone, fresh));
    }

    [Fact]
    public async Task By_default_nobody_may_frame_anything_and_what_is_a_landlord_s_stays_one_s()
    {
        await using var serving = await UsedMonth.Start();
        using var nerc = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var other = await serving.WithKey(KeyScope.Read, Serving.Other);
        const string Path = "/v1/projects/p-ben/panel-link?month=2026-10";
        using var anyone = serving.Anonymous();
        using var nothing = await anyone.GetAsync(
            new Uri((await TheApi.Json(other, Path)).GetProperty("url").GetString()!), Serving.Ct);
        var said = await nothing.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Contains("Nothing was used yet.", said, StringComparison.Ordinal);
        Assert.DoesNotContain("Ben", said, StringComparison.Ordinal);
        var url = new Uri((await TheApi.Json(nerc, Path)).GetProperty("url").GetString()!);
        using var panel = await anyone.GetAsync(url, Serving.Ct);
        Assert.DoesNotContain("PI owes", await panel.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        using var page = await anyone.GetAsync(new Uri("/sign-in", UriKind.Relative), Serving.Ct);
        foreach (var answer in (HttpResponseMessage[])[panel, page])
        {
            Assert.Contains("frame-ancestors 'none'",
                answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal("DENY", answer.Headers.GetValues("X-Frame-Options").Single());
        }
    }

    [Theory]
    [InlineData("https://horizon.example.org/")]
    [InlineData("https://horizon.example.org/panel")]
    [InlineData("https://*.example.org")]
    [InlineData("https://a.example.org https://b.example.org")]
    [InlineData("https://a.example.org;script-src *")]
    [InlineData("https://me@a.example.org")]
    [InlineData("horizon.example.org")]
    [InlineData("*")]
    [InlineData("")]
    public void What_is_no_origin_is_refused_when_the_server_starts(string origin)
    {
        var e = Assert.Throws<RefusedException>(() => new ServerOptions([]) { PanelIn = [origin] }.Checked());
        Assert.Equal("serve/panel-origin", e.Refusal.Code);
    }

    private static async Task<HttpStatusCode> Status(HttpClient client, Uri url)
    {
        using var answer = await client.GetAsync(url, Serving.Ct);
        return answer.StatusCode;
    }
}
