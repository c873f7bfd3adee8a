using Exchange.Portal.Keys;
using Exchange.Portal.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Exchange.Browser.Tests;

/// <summary>
/// A portal elsewhere puts pages of the exchange into a frame: a browser shows it the panel where the server names that
/// portal, and nothing else there or anywhere.
/// </summary>
public class PanelsInRealFrames
{
    [Fact]
    public async Task Show_the_panel_where_it_is_allowed_and_nothing_anywhere_else()
    {
        await using var portal = await Portal();
        var named = new Uri(portal.Urls.First());
        var other = new UriBuilder(named) { Host = "localhost" }.Uri; // The same pages: an origin is its name too.
        await using var serving = await UsedMonth.Start(panelIn: [named.GetLeftPart(UriPartial.Authority)]);
        using var key = await serving.WithKey(KeyScope.Read, null);
        using var answer = await key.GetAsync(
            new Uri("/v1/projects/p-ben/panel-link?month=2026-10", UriKind.Relative), Serving.Ct);
        var link = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Serving.Ct))
            .RootElement.GetProperty("url").GetString()!;

        await using var ben = await Chromium.Visit(serving.Address, new(false, false, true));
        await ben.SignIn("ben");
        var (address, text) = await Framed(ben, named, link);
        Assert.Equal(link, address);
        Assert.Contains("PI owes", text, StringComparison.Ordinal);

        foreach (var (around, framed) in (IEnumerable<(Uri, string)>)[(other, link),
            .. from page in (string[])["/sign-in", "/pi", "/invoices", "/v1/projects/p-ben/panel", "/no-such-page"]
               select (named, new Uri(serving.Address, page).ToString())])
        {
            (address, text) = await Framed(ben, around, framed);
            Assert.True(address.StartsWith("chrome-error:", StringComparison.Ordinal),
                $"{framed} is shown in {around}.");
            Assert.DoesNotContain("PI owes", text, StringComparison.Ordinal);
        }
    }

    /// <summary>What a frame in a page elsewhere comes to show.</summary>
    private static async Task<(string Address, string Text)> Framed(Visitor visitor, Uri around, string framed)
    {
        await visitor.Page.GotoAsync($"{around}?of={Uri.EscapeDataString(framed)}");
        var frame = Assert.Single(visitor.Page.Frames, f => f.ParentFrame is not null);
        return (await frame.EvaluateAsync<string>("location.href"), await frame.Locator("body")
            .TextContentAsync() ?? "");
    }

    /// <summary>A page with a frame of whatever is asked for.</summary>
    private static async Task<WebApplication> Portal()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/", (string of) => Results.Content(
            $"<!DOCTYPE html><title>A portal</title><iframe src=\"{of}\"></iframe>", "text/html"));
        await app.StartAsync(Serving.Ct);
        return app;
    }
}
