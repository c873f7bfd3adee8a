using Exchange.Portal.Tests;
using Exchange.Rating;
using Microsoft.Playwright;
using Xunit;

namespace Exchange.Browser.Tests;

/// <summary>
/// Whoever has looked at what a sheet or a list would do finds nothing to type in beside the button that does it, with
/// scripts and without; who wants to change it goes back, and looks again.
/// </summary>
public sealed class WhatWasReviewedIsDone
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_sheet_is_published_as_it_was_looked_at_the_last_time(bool scripts)
    {
        await using var serving = await UsedMonth.Start();
        await using var nerc = await Chromium.Visit(serving.Address, new(false, false, scripts));
        await nerc.SignIn("nerc");
        var newest = (await LoadPriceBooks.Run(serving.Exchange.Journal, Serving.Ct)).List()
            .Last(one => one.Sheet.Landlord == Serving.Nerc && one.Sheet.Service == "openstack").Published.Id;
        await nerc.Page.GotoAsync($"/landlord/sheets/new?from={Uri.EscapeDataString(newest)}");
        await nerc.Type("OpenStack CPU, each SU-hour", "0.026");
        await nerc.Press("Preview prices");
        await Reviewed(nerc.Page, "yaml", "0.026");
        await nerc.Press("Edit sheet");
        var box = nerc.Page.Locator("textarea[name=yaml]");
        await box.FillAsync($"# agreed on Monday\n{await box.InputValueAsync()}");
        await nerc.Press("Validate and preview");
        await Reviewed(nerc.Page, "yaml", "# agreed on Monday");
        await nerc.Press("Publish sheet from");
        var published = (await LoadPriceBooks.Run(serving.Exchange.Journal, Serving.Ct)).Sheet(
            "nerc/openstack/2026-12-01#1");
        Assert.StartsWith("# agreed on Monday", published!.Yaml, StringComparison.Ordinal);
        Assert.Equal(0.026m, published.Sheet.Skus.Single(sku => sku.Id.Value == "OpenStack CPU").Rate);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_list_is_enrolled_as_it_was_looked_at_the_last_time(bool scripts)
    {
        await using var serving = await UsedMonth.Start();
        await using var bea = await Chromium.Visit(serving.Address, new(false, false, scripts));
        await bea.SignIn("subsidy");
        await bea.Follow("Enroll many PIs");
        await bea.Type("The list", "carla@bu.edu,5.00");
        await bea.Press("Preview enrollment");
        await Reviewed(bea.Page, "list", "carla@bu.edu,5.00");
        await bea.Press("Edit list");
        await bea.Type("The list", "carla@bu.edu,7.00");
        await bea.Press("Preview enrollment");
        await Reviewed(bea.Page, "list", "carla@bu.edu,7.00");
        await bea.Press("Enroll 1 PI");
        await bea.Sees("$7.00");
    }

    /// <summary>It shows what is done, and takes no letter.</summary>
    private static async Task Reviewed(IPage page, string name, string shown)
    {
        var box = page.Locator($"textarea[name={name}]");
        Assert.Equal(1, await box.CountAsync());
        Assert.False(await box.IsEditableAsync());
        Assert.Contains(shown, await box.InputValueAsync(), StringComparison.Ordinal);
        await box.PressSequentiallyAsync("zzz");
        Assert.DoesNotContain("zzz", await box.InputValueAsync(), StringComparison.Ordinal);
    }
}
