using Microsoft.Playwright;
using Xunit;

namespace Exchange.Browser.Tests;

/// <summary>
/// Charts are read out, walked with keys and thinned out where scripts run, and are all there where none do.
/// </summary>
[Collection(nameof(Demonstrated))]
public class ChartsAnswer(Demonstrated demonstration)
{
    [Fact]
    public async Task To_arrow_keys_with_the_figures_of_the_table()
    {
        await using var visitor = await Open(scripts: true);
        var drawn = visitor.Page.Locator("#by-day .drawn");
        await drawn.FocusAsync();
        await visitor.Page.Keyboard.PressAsync("End");
        await visitor.Page.Keyboard.PressAsync("Home");
        var said = await visitor.Page.Locator("#by-day output").InnerTextAsync();
        var row = await visitor.Page.Locator("#by-day tbody tr").First.Locator("td").AllTextContentsAsync();
        Assert.StartsWith("Day 1: ", said, StringComparison.Ordinal);
        Assert.Contains(row, cell => cell is not ("" or "$0.00") && said.Contains(cell, StringComparison.Ordinal));
        await visitor.Page.Keyboard.PressAsync("End");
        Assert.Contains("expected $", await visitor.Page.Locator("#by-day output").InnerTextAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task To_the_pointer_and_leave_out_a_series_whose_key_is_pressed()
    {
        await using var visitor = await Open(scripts: true);
        var key = visitor.Page.Locator("#by-day button.key").First;
        var name = (await key.InnerTextAsync()).Trim();
        var drawn = visitor.Page.Locator("#by-day .drawn");
        var before = await Picture(visitor);
        await drawn.FocusAsync();
        await visitor.Page.Keyboard.PressAsync("Home");
        Assert.Contains(name, await visitor.Page.Locator("#by-day output").InnerTextAsync(), StringComparison.Ordinal);
        await key.ClickAsync();
        Assert.Equal("false", await key.GetAttributeAsync("aria-pressed"));
        Assert.NotEqual(before, await Picture(visitor));
        await drawn.HoverAsync(new() { Position = new() { X = 90, Y = 100 } });
        Assert.DoesNotContain(name, await visitor.Page.Locator("#by-day output").InnerTextAsync(),
            StringComparison.Ordinal);
        Assert.Equal([], await Axe.Run(visitor.Page));
    }

    [Fact]
    public async Task Nothing_of_them_breaks_the_content_security_policy_or_comes_from_elsewhere()
    {
        var said = new List<string>();
        await using var visitor = await Chromium.Visit(demonstration.Address, new(false, false, true));
        visitor.Page.Console += (_, message) => said.Add(message.Text);
        visitor.Page.PageError += (_, error) => said.Add(error);
        foreach (var (persona, _, first) in demonstration.People)
        {
            await visitor.Page.Context.ClearCookiesAsync();
            await visitor.SignIn(persona);
            await visitor.Page.GotoAsync(first);
            await visitor.Page.Locator("figure.chart.live canvas").First.WaitForAsync();
        }

        Assert.Equal([], said);
        Assert.All(visitor.Asked, url => Assert.StartsWith(
            demonstration.Address.GetLeftPart(UriPartial.Authority), url, StringComparison.Ordinal));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task On_paper_and_without_scripts_the_server_s_drawing_is_seen(bool scripts)
    {
        await using var visitor = await Open(scripts);
        await visitor.Page.EmulateMediaAsync(new() { Media = scripts ? Media.Print : Media.Screen });
        var drawing = await visitor.Page.Locator("#by-day .plot svg").BoundingBoxAsync();
        Assert.True(drawing is { X: >= 0, Width: > 300, Height: > 80 }, $"The drawing is at {drawing?.X}.");
        Assert.False(await visitor.Page.Locator("#by-day .drawn").IsVisibleAsync());
        Assert.True(await visitor.Page.Locator("#by-day .plot rect[fill^='url(#']").CountAsync() > 0);
        if (!scripts)
        {
            await visitor.Page.Locator("#by-day summary").ClickAsync();
            Assert.True(await visitor.Page.Locator("#by-day table").IsVisibleAsync());
        }
    }

    private async Task<Visitor> Open(bool scripts)
    {
        var visitor = await Chromium.Visit(demonstration.Address, new(false, false, scripts));
        await visitor.SignIn(demonstration.People.Single(p => p.Role == "pi").Persona);
        await visitor.Page.GotoAsync("/pi");
        if (scripts)
        {
            await visitor.Page.Locator("#by-day.live canvas").WaitForAsync();
        }

        return visitor;
    }

    private static Task<string> Picture(Visitor visitor) =>
        visitor.Page.Ask<string>("document.querySelector('#by-day canvas').toDataURL()");
}
