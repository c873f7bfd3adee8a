using Exchange.Portal.Keys;
using Exchange.Portal.Tests;
using Exchange.Testing;
using Xunit;

namespace Exchange.Browser.Tests;

/// <summary>
/// What each role came to do, from sign-in to result, as a person does it: at a desk with scripts, or on a phone
/// without.
/// </summary>
public class FromSignInToResult
{
    /// <summary>The looks of a walk: both in a long run, else the one that its name draws.</summary>
    public static TheoryData<Look> Looks(string walk) =>
        [.. Draws.Of([new Look(false, false, true), new Look(true, false, false)], walk)];

    [Theory, MemberData(nameof(Looks), nameof(A_PI_follows_a_figure_down_to_the_readings_and_sets_a_budget))]
    public async Task A_PI_follows_a_figure_down_to_the_readings_and_sets_a_budget(Look look)
    {
        await using var serving = await UsedMonth.Start();
        await using var ada = await Chromium.Visit(serving.Address, look);
        await ada.SignIn("ada");
        await ada.Sees("$12.48");
        await ada.Follow("Ada's group");
        await ada.Follow("$12.48");
        await ada.Sees("Usage behind the charge");
        await ada.Follow("vm-ada");
        await ada.Sees("urn:test");
        await ada.Follow("Spending");
        await ada.Follow("Set a budget");
        await ada.Type("Amount a month", "no sum");
        await ada.Press("Save budget");
        await ada.Sees("is not an amount of dollars and cents");
        Assert.Equal([], look.Scripts ? await Axe.Run(ada.Page) : []);
        Assert.Equal("no sum", await ada.Page.GetByLabel("Amount a month").InputValueAsync());
        await ada.Type("Amount a month", "15.00");
        await ada.Page.GetByLabel("What counts").SelectOptionAsync("cost before credits");
        await ada.Press("Save budget");
        await ada.Sees("83 % of the month's budget of $15.00");
        Assert.True(await ada.Fits());
    }

    [Theory, MemberData(nameof(Looks), nameof(A_payer_caps_a_PI_and_sees_what_is_committed))]
    public async Task A_payer_caps_a_PI_and_sees_what_is_committed(Look look)
    {
        await using var serving = await UsedMonth.Start();
        await using var bea = await Chromium.Visit(serving.Address, look);
        await bea.SignIn("subsidy");
        await bea.Sees("ada@bu.edu");
        await bea.Type("Addresses and amounts", "ada@bu.edu,a lot");
        await bea.Press("Set caps");
        await bea.Sees("Line 1 is 'ada@bu.edu,a lot'");
        await bea.Type("Addresses and amounts", "ada@bu.edu,55.00");
        await bea.Press("Set caps");
        await bea.Sees("capped");
        await bea.Sees("$55.00");
        Assert.True(await bea.Fits());
    }

    [Theory, MemberData(nameof(Looks), nameof(A_landlord_tries_out_a_sheet_on_a_month_and_publishes_it))]
    public async Task A_landlord_tries_out_a_sheet_on_a_month_and_publishes_it(Look look)
    {
        await using var serving = await UsedMonth.Start();
        await using var nerc = await Chromium.Visit(serving.Address, look);
        await nerc.SignIn("nerc");
        await nerc.Follow("Price sheets");
        await nerc.Follow("Validate and publish a sheet");
        await nerc.Type("The sheet", NextYear());
        await nerc.Type("Try it out on", "2026-10");
        await nerc.Press("Validate and preview");
        await nerc.Sees("Effect on Oct 2026");
        await nerc.Press("Publish sheet from");
        await nerc.Sees("nerc/openstack/2027-01-01#1");
        Assert.True(await nerc.Fits());
    }

    [Theory, MemberData(nameof(Looks), nameof(Finance_closes_a_month_and_notes_a_payment))]
    public async Task Finance_closes_a_month_and_notes_a_payment(Look look)
    {
        await using var serving = await UsedMonth.Start();
        await using var finance = await Chromium.Visit(serving.Address, look);
        await finance.SignIn("finance");
        await finance.Follow("Preview close");
        await finance.Sees("Every check passes");
        await finance.Type("Confirm", "2026-10");
        await finance.Press("Close and issue");
        await finance.Follow("PI-2026-0002");
        await finance.Type("Reference", "bank-1");
        await finance.Type("Amount", "100.00");
        await finance.Press("Record payment");
        await finance.Sees("$100.00");
        Assert.True(await finance.Fits());
    }

    [Theory, MemberData(nameof(Looks), nameof(An_operator_corrects_a_reading_and_releases_it))]
    public async Task An_operator_corrects_a_reading_and_releases_it(Look look)
    {
        await using var serving = await UsedMonth.Start();
        using (var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc))
        {
            var bad = UsedMonth.Event("odd-1", "p-ada", 2).Replace("running", "dreaming", StringComparison.Ordinal);
            using var answer = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative),
                Serving.Json(bad, "application/x-ndjson"), Serving.Ct);
        }

        await using var opal = await Chromium.Visit(serving.Address, look);
        await opal.SignIn("operator");
        await opal.Follow("Quarantine");
        await opal.Page.Locator("table a[href^='/operator/quarantine/']").First.ClickAsync();
        await opal.Press("Release reading");
        await opal.Sees("dreaming");
        await opal.Type("The reading", UsedMonth.Event("odd-1", "p-ada", 2));
        await opal.Press("Release reading");
        Assert.Empty(await serving.Exchange.Meter.Quarantine("waiting", 9, Serving.Ct));
        Assert.True(await opal.Fits());
    }

    /// <summary>The newest sheet of the product, from the year on that follows.</summary>
    private static string NextYear()
    {
        var newest = Directory.GetFiles(Product.File("pricing/nerc/openstack"), "*.yaml").Order(StringComparer.Ordinal)
            .Last();
        return string.Join('\n', File.ReadAllLines(newest).Select(line =>
            line.StartsWith("from:", StringComparison.Ordinal) ? "from: 2027-01-01" : line));
    }
}
