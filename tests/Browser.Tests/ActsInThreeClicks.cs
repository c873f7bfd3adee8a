using System.Globalization;
using System.Text.RegularExpressions;
using Exchange.Portal.Keys;
using Exchange.Portal.Tests;
using Exchange.Testing;
using Xunit;

namespace Exchange.Browser.Tests;

/// <summary>
/// What each role comes to do is done from its first page in at most three clicks, until it stands on a page: a link or
/// a button is a click, and what is reviewed before it holds is reviewed. With scripts and without. Seen to fail: a
/// price was raised and readings were fixed in bulk with four.
/// </summary>
public sealed partial class ActsInThreeClicks
{
    private const int MaxClicks = 3;

    /// <summary>Both in a long run, else the one that the name of the act draws.</summary>
    public static TheoryData<Look> Looks(string act) =>
        [.. Draws.Of([new Look(false, false, true), new Look(true, false, false)], act)];

    [Theory, MemberData(nameof(Looks), nameof(A_PI_sets_a_budget_with_thresholds_and_whom_to_tell))]
    public Task A_PI_sets_a_budget_with_thresholds_and_whom_to_tell(Look look) => Act(look, "ada", async ada =>
    {
        await ada.Follow("Set a budget");
        await ada.Type("Amount a month", "750");
        await ada.Type("Tell me at, in percent of cost", "50, 80, 100");
        await ada.Type("Tell also", "lab@bu.edu");
        await ada.Press("Save budget");
        await ada.Sees("$750.00");
    });

    [Theory, MemberData(nameof(Looks), nameof(A_PI_enters_an_award))]
    public Task A_PI_enters_an_award(Look look) => Act(look, "ada", async ada =>
    {
        await ada.Follow("Awards");
        await ada.Type("Award number", "NSF-9");
        await ada.Type("Sponsor", "National Science Foundation");
        await ada.Type("First day", "2026-10-01");
        await ada.Type("Last day", "2027-09-30");
        await ada.Type("Budget", "25000");
        await ada.Type("Projects", "stack/p-ada");
        await ada.Press("Add award");
        await ada.Sees("$25,000.00");
    });

    [Theory, MemberData(nameof(Looks), nameof(A_payer_enrolls_thirty_from_a_spreadsheet))]
    public Task A_payer_enrolls_thirty_from_a_spreadsheet(Look look) => Act(look, "subsidy", async bea =>
    {
        await bea.Follow("Enroll many PIs");
        await bea.Type("The list", string.Join('\n', Enumerable.Range(1, 30).Select(n => $"pi{n}@bu.edu,{50 + n}.00")));
        await bea.Press("Preview enrollment");
        await bea.Press("Enroll 30 PIs");
        await bea.Sees("pi30@bu.edu");
    });

    [Theory, MemberData(nameof(Looks), nameof(A_payer_caps_a_PI))]
    public Task A_payer_caps_a_PI(Look look) => Act(look, "subsidy", async bea =>
    {
        await bea.Type("Addresses and amounts", "ada@bu.edu,55.00");
        await bea.Press("Set caps");
        await bea.Sees("$55.00");
    });

    [Theory, MemberData(nameof(Looks), nameof(A_landlord_raises_a_price))]
    public Task A_landlord_raises_a_price(Look look) => Act(look, "nerc", async nerc =>
    {
        await nerc.FollowLike(RepriceOpenStack());
        await nerc.Type("OpenStack CPU, each SU-hour", "0.026");
        await nerc.Press("Preview prices");
        await nerc.Sees("Effect on Oct 2026");
        await nerc.Press("Publish sheet from Dec 1, 2026");
        await nerc.Sees("nerc/openstack/2026-12-01#1");
    });

    [Theory, MemberData(nameof(Looks), nameof(A_landlord_creates_a_key_for_a_collector))]
    public Task A_landlord_creates_a_key_for_a_collector(Look look) => Act(look, "nerc", async nerc =>
    {
        await nerc.Follow("Keys");
        await nerc.Type("Name", "collector");
        await nerc.Press("Create key");
        await nerc.Sees("It is shown this one time");
    });

    [Theory, MemberData(nameof(Looks), nameof(Finance_closes_a_month_and_then_records_a_payment))]
    public async Task Finance_closes_a_month_and_then_records_a_payment(Look look)
    {
        await using var serving = await UsedMonth.Start();
        await Act(serving, look, "finance", async finance =>
        {
            await finance.Follow("Preview close");
            await finance.Type("Confirm", "2026-10");
            await finance.Press("Close and issue");
            await finance.Sees("PI-2026-0002");
        });
        await Act(serving, look, "finance", async finance =>
        {
            await finance.FollowLike(OpenInvoices());
            await finance.FollowLike(InvoiceNumber());
            await finance.Type("Reference", "bank-1");
            await finance.Type("Amount", "1.00");
            await finance.Press("Record payment");
            await finance.Sees("bank-1");
        });
    }

    [Theory, MemberData(nameof(Looks), nameof(An_operator_fixes_a_kind_of_bad_reading_in_bulk))]
    public async Task An_operator_fixes_a_kind_of_bad_reading_in_bulk(Look look)
    {
        await using var serving = await UsedMonth.Start();
        using (var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc))
        using (await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(string.Concat(
            Enumerable.Range(1, 12).Select(n => UsedMonth.Event(
                string.Create(CultureInfo.InvariantCulture, $"odd-{n}"), "p-ada", 2)
                .Replace("running", "dreaming", StringComparison.Ordinal))), "application/x-ndjson"), Serving.Ct))
        {
            // Twelve readings wait for one reason.
        }

        var reason = (await serving.Exchange.Meter.WaitingByReason(99, Serving.Ct)).Single();
        Assert.Equal(12, reason.Readings);
        await Act(serving, look, "operator", async opal =>
        {
            await opal.Follow(reason.Reason);
            await opal.Type("Text to replace in each", "dreaming");
            await opal.Type("Put instead", "running");
            await opal.Press("Preview changes");
            await opal.Sees("12 readings would be released, 12 of them with the text put right.");
            await opal.Press("Apply to all 12");
            await opal.Sees("12 released, 0 wait on.");
        });
    }

    [Theory, MemberData(nameof(Looks), nameof(An_operator_runs_a_job))]
    public Task An_operator_runs_a_job(Look look) => Act(look, "operator", async opal =>
    {
        await opal.Follow("Jobs");
        await opal.Follow("verify");
        await opal.Press("Run now");
        await opal.Page.GetByText("person:operator").First.WaitForAsync();
    });

    private static async Task Act(Look look, string persona, Func<Visitor, Task> act)
    {
        await using var serving = await UsedMonth.Start();
        await Act(serving, look, persona, act);
    }

    private static async Task Act(Serving serving, Look look, string persona, Func<Visitor, Task> act)
    {
        await using var visitor = await Chromium.Visit(serving.Address, look);
        await visitor.SignIn(persona);
        await act(visitor);
        Assert.InRange(visitor.Clicks, 1, MaxClicks);
        Assert.True(await visitor.Fits());
    }

    [GeneratedRegex("^Change prices, nerc.openstack.")]
    private static partial Regex RepriceOpenStack();

    [GeneratedRegex("open invoices$")]
    private static partial Regex OpenInvoices();

    [GeneratedRegex("^PI-2026-")]
    private static partial Regex InvoiceNumber();
}
