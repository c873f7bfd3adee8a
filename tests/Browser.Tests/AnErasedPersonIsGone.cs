using Exchange.Portal.Tests;
using Exchange.Testing;
using Xunit;

namespace Exchange.Browser.Tests;

/// <summary>
/// Finance erases a person in a browser: looks at what would change, which changes nothing, is asked for the address
/// once more, and then finds a token where the person was, on the page, on the invoice and by search. With scripts and
/// without.
/// </summary>
public sealed class AnErasedPersonIsGone
{
    private const string Ben = "ben@mit.edu";

    /// <summary>Both in a long run, else one.</summary>
    public static TheoryData<Look> Looks { get; } =
        [.. Draws.Of([new Look(false, false, true), new Look(true, false, false)], nameof(AnErasedPersonIsGone))];

    [Theory, MemberData(nameof(Looks))]
    public async Task It_is_previewed_and_confirmed_and_a_token_stands_where_they_were(Look look)
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        await using var finance = await Chromium.Visit(serving.Address, look);
        await finance.SignIn("finance");
        await finance.Page.GotoAsync("/invoices/PI-2026-0002");
        await finance.Sees(Ben);

        await finance.Follow("Settings");
        await finance.Follow("Erase a person");
        await finance.Type("Address", Ben);
        await finance.Type("Reason", "asked to be forgotten");
        await finance.Press("Preview erasure");
        await finance.Sees("Nothing was changed yet.");
        await finance.Press("Erase person");
        await finance.Sees("Type the address once more");
        Assert.Equal(Ben, await finance.Page.GetByLabel("Address", new() { Exact = true }).InputValueAsync());
        await finance.Sees("Nobody was erased.");

        await finance.Type("Address once more", Ben);
        await finance.Press("Erase person");
        await finance.Sees("asked to be forgotten");
        Assert.Matches("p-[0-9a-f]{20}", await finance.Page.Locator("table").InnerTextAsync());
        Assert.True(await finance.Fits());
        foreach (var page in (string[])["/finance/people", "/invoices/PI-2026-0002", "/search?q=ben", "/finance/customers"])
        {
            await finance.Page.GotoAsync(page);
            Assert.DoesNotContain(Ben, await finance.Page.ContentAsync(), StringComparison.OrdinalIgnoreCase);
        }
    }
}
