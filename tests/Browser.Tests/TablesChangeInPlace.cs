using System.Globalization;
using Xunit;

namespace Exchange.Browser.Tests;

/// <summary>
/// Where scripts run, a table sorts and filters where it stands; where none do, by its links and its form.
/// </summary>
[Collection(nameof(Demonstrated))]
public class TablesChangeInPlace(Demonstrated demonstration)
{
    [Fact]
    public async Task As_one_types_and_the_address_and_the_focus_follow()
    {
        await using var visitor = await Open(scripts: true);
        await visitor.Page.EvaluateAsync("window.isSamePage = true");
        var find = visitor.Page.GetByLabel("Find in Invoices");
        await find.FocusAsync();
        await visitor.Page.Keyboard.TypeAsync("quinn");
        for (var left = 1_200; !await visitor.Page.Ask<bool>("location.search.includes('invoices.q=quinn')"); left--)
        {
            Assert.True(left > 0, "The address does not follow.");
            await visitor.Page.WaitForTimeoutAsync(100);
        }

        Assert.True(await visitor.Page.Ask<bool>("window.isSamePage === true"));
        Assert.Equal("invoices-q", await visitor.Page.Ask<string>("document.activeElement.id"));
        var rows = await visitor.Page.Locator("tbody tr").AllInnerTextsAsync();
        Assert.All(rows, row => Assert.Contains("quinn", row, StringComparison.Ordinal));
        Assert.Contains(" of ", await visitor.Page.Locator("p[role=status]").InnerTextAsync(),
            StringComparison.Ordinal);
        await visitor.Page.ReloadAsync();
        Assert.Equal(rows, await visitor.Page.Locator("tbody tr").AllInnerTextsAsync());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task By_a_heading_up_and_down_with_keys_alone(bool scripts)
    {
        await using var visitor = await Open(scripts);
        for (var times = 0; times < 2; times++)
        {
            await visitor.Page.Locator("th a", new() { HasText = "Charges" }).FocusAsync();
            await visitor.Page.Keyboard.PressAsync("Enter");
            await visitor.Page.Locator($"th[aria-sort={(times == 0 ? "ascending" : "descending")}]").WaitForAsync();
        }

        if (scripts)
        {
            Assert.Equal("Charges", await visitor.Page.Ask<string>("document.activeElement.textContent"));
            Assert.Equal([], await Axe.Run(visitor.Page));
        }

        var amounts = (await visitor.Page.Locator("tbody tr td.n:nth-of-type(6)").AllInnerTextsAsync())
            .Select(text => decimal.Parse(text.Trim('$').Replace(",", "", StringComparison.Ordinal),
                CultureInfo.InvariantCulture)).ToList();
        Assert.True(amounts.Count > 3, "There are too few invoices to tell.");
        Assert.Equal(amounts.OrderDescending(), amounts);
    }

    [Fact]
    public async Task By_the_page_and_on_the_last_the_focus_goes_to_the_way_back()
    {
        await using var visitor = await Open(scripts: true, "?invoices.size=25");
        var keys = new Keys(visitor);
        var focused = await keys.To("Next");
        for (var page = 2; focused.Name == "Next"; page++)
        {
            await keys.Press("Enter");
            await visitor.Page.GetByText($"Page {page} of").WaitForAsync();
            focused = await keys.Here();
            Assert.NotNull(focused);
        }

        Assert.Equal("Previous", focused.Name);
    }

    private async Task<Visitor> Open(bool scripts, string query = "")
    {
        var visitor = await Chromium.Visit(demonstration.Address, new(false, false, scripts));
        await visitor.SignIn("finance");
        await visitor.Page.GotoAsync($"/invoices{query}");
        return visitor;
    }
}
