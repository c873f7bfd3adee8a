using Exchange.Portal.Tests;
using Xunit;

namespace Exchange.Browser.Tests;

/// <summary>
/// Who has no pointer gets everywhere with keys, sees where they are, does what they came for and gets out again.
/// </summary>
public class KeysDoItAll
{
    private static readonly Look Desk = new(IsPhone: false, IsDark: false, Scripts: true);

    [Fact]
    public async Task A_PI_passes_over_the_navigation_and_sets_a_budget()
    {
        await using var serving = await UsedMonth.Start();
        await using var ada = await Chromium.Visit(serving.Address, Desk);
        var keys = new Keys(ada);
        await ada.Page.GotoAsync("/sign-in");
        await keys.Enter("Ada");
        await keys.Enter("Set a budget");
        Assert.Equal(0, (await keys.To("Skip to the content")).Place);
        await keys.Press("Enter");
        await keys.Press("Tab");
        Assert.Equal("Spending", (await keys.Here())!.Name);
        Assert.True(await ada.Page.Ask<bool>("document.activeElement.closest('main') !== null"));
        await keys.Fill("Amount a month", "no sum");
        await keys.Enter("Save budget", "Space");
        await keys.To("'no sum' is not an amount of dollars and cents. Write it like '1250.00' or '1,250.00': a " +
            "comma stands between thousands only, and a point before the cents.");
        await keys.Press("Enter");
        Assert.Equal("Amount a month", (await keys.Here())!.Name);
        await keys.Press("Control+a");
        await keys.Type("15.00");
        await keys.Enter("Save budget");
        await ada.Sees("of the month's budget of $15.00");
    }

    [Fact]
    public async Task Finance_closes_a_month_notes_a_payment_and_is_nowhere_held()
    {
        await using var serving = await UsedMonth.Start();
        await using var finance = await Chromium.Visit(serving.Address, Desk);
        var keys = new Keys(finance);
        await finance.Page.GotoAsync("/sign-in");
        await keys.Enter("Frances");
        await keys.Enter("Preview close");
        await keys.Fill("Confirm", "2026-10");
        await keys.Enter("Close and issue", "Space");
        await keys.Enter("PI-2026-0002");
        await keys.Fill("Reference", "bank-1");
        await keys.Fill("Amount", "100.00");
        await keys.Enter("Record payment");
        await finance.Sees("$100.00");
        var all = Enumerable.Range(0, await keys.Count()).ToList();
        Assert.Equal(all, await keys.Walk("Tab"));
        Assert.Equal(all.AsEnumerable().Reverse(), await keys.Walk("Shift+Tab"));
    }
}
