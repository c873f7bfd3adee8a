using System.Text.RegularExpressions;
using Exchange.Journal;
using Exchange.Portal.Keys;
using Exchange.Portal.Mail;
using Exchange.Portal.Tests;
using Microsoft.AspNetCore.Routing;
using Microsoft.Playwright;
using Xunit;

namespace Exchange.Browser.Tests;

/// <summary>
/// Every act of every role is done in a browser in which no script runs: the fields and buttons of each form that a page
/// has are enough. From the route table: a form that nobody thought of here fails.
/// </summary>
public sealed partial class ActsWithoutScripts
{
    private const string Sheet = LandlordsOnPages.Later;
    private const string Invoice = "/invoices/PI-2026-0002", Customer = "/finance/customers/pi%3Aben%40mit.edu";
    private const string Offer = "/landlord/offer?service=openstack&sku=OpenStack%20CPU";
    private const string Plan =
        "quotes?machines=2&form=vm&vcpu=4&ram=16&gpus=0&gpu=&fpgas=0&hours=100&storage=&egress=";

    /// <summary>What somebody does: on which page, by which button, and what they type before.</summary>
    /// <param name="Page">With names in braces for what was made before.</param>
    private sealed record Act(
        string Who, string Page, string Route, string Button, params (string Name, string Value)[] Typed);

    /// <summary>
    /// What needs more than a month of use, and is done without scripts elsewhere or has no form of ours.
    /// </summary>
    private static readonly string[] Elsewhere =
    [
        "/jobs/{name}/stop", // JobsOnPages: of a job that takes long.
        "/operator/corrections/window", // CorrectingUsageOnPages: of a collector that runs.
        "/pi/statements/{payee}/{month}", // NodesAreLent: of a project that sublet nodes for a closed month.
        "/jobs/dashboard/stats", // Numbers of the dashboard of Hangfire, which a script asks for.
    ];

    private static readonly Act[] Open =
    [
        new("ada", "/pi/budget", "/pi/budget", "Save budget", ("amount", "750"), ("thresholds", "50, 80")),
        new("ada", "/pi/awards", "/pi/awards", "Add award", ("number", "NSF-9"), ("sponsor", "NSF"),
            ("from", "2026-10-01"), ("last", "2027-09-30"), ("budget", "25000"), ("projects", "stack/p-ada")),
        new("ada", "/pi/awards/NSF-9", "/pi/awards/{number}", "Save award", ("budget", "26000")),
        new("ada", "/pi/savings", "/pi/savings", "Stop weekly mail"),
        new("ada", "/pi/intermediaries", "/pi/intermediaries", "Grant mandate", ("landlord", "nerc")),
        new("ada", $"/{Plan}", "/quotes/saved", "Save quote"),
        new("ada", "/quotes/saved/{first}", "/orders/place", "Order at nerc, stack"),
        new("ada", "/quotes/saved/{second}", "/quotes/saved/{id}/accept", "Accept quote"),
        new("ada", "/quotes/saved/{second}", "/quotes/saved/{id}/end", "End agreement"),
        new("ada", "/leases/{lease}", "/leases/{id}/answer", "Accept"),
        new("nerc", "/leases", "/leases/nodes", "Lend nodes", ("cluster", "bm"), ("nodes", "N20 N21"),
            ("from", "2027-06-01T00:00:00Z"), ("until", "2027-07-01T00:00:00Z")),
        new("nerc", "/leases/new", "/leases/new", "Propose lease", ("cluster", "bm"), ("nodes", "N20"),
            ("project", "p-ada"), ("from", "2027-06-01T00:00:00Z"), ("until", "2027-06-02T00:00:00Z"), ("price", "1"),
            ("notice", "5")),
        new("finance", "/auctions", "/auctions", "Open auction", ("from", "2027-06-10T00:00:00Z"),
            ("until", "2027-06-11T00:00:00Z"), ("closes", "2027-05-01T00:00:00Z")),
        new("nerc", "/auctions?id={auction}", "/auctions", "Offer nodes", ("cluster", "bm"), ("nodes", "N21"),
            ("price", "0.40")),
        new("nerc", "/auctions?id={auction}", "/auctions/act", "Withdraw"),
        new("nerc", $"/landlord/customers?{Plan["quotes?".Length..]}", "/landlord/customers/quotes", "Save quote"),
        new("nerc", "/landlord/customers", "/landlord/customers/orders", "Order at"),
        new("nerc", Offer, "/landlord/offer", "Save draft", ("notice", "3")),
        new("nerc", "/landlord/levels", "/landlord/levels", "Publish service level", ("month", "2027-01")),
        new("nerc", "/landlord/levels", "/landlord/outages", "Declare outage", ("name", "power-7"), ("clusters", "stack"),
            ("from", "2026-11-02T00:00:00Z"), ("until", "2026-11-02T09:00:00Z"), ("reason", "a feed failed")),
        new("nerc", "/landlord/levels", "/landlord/outages/withdraw", "Withdraw outage", ("outage", "power-7"),
            ("because", "there was none")),
        new("nerc", "/landlord/sheets/new?from={sheet}", "/landlord/sheets/new", "Preview prices",
            ("price-1", "0.001"), ("starts", "2027-03")),
        new("nerc", $"/landlord/sheets/withdraw?id={Sheet}", "/landlord/sheets/withdraw", "Withdraw sheet",
            ("confirm", Sheet)),
        new("nerc", "/landlord/keys", "/landlord/keys", "Create key", ("name", "collector")),
        new("nerc", "/landlord/keys", "/landlord/keys/revoke", "Revoke"),
        new("nerc", "/webhooks", "/webhooks", "Register webhook", ("url", "https://nerc.example.org/")),
        new("nerc", "/webhooks", "/webhooks/act", "Delete webhook"),
        new("subsidy", "/subsidy", "/subsidy/caps", "Set caps", ("caps", "ada@bu.edu,55.00")),
        new("subsidy", "/subsidy", "/subsidy/suspension", "Apply", ("pi", "ada@bu.edu"), ("from", "2026-12")),
        new("subsidy", "/subsidy/enrol", "/subsidy/enrol", "Preview enrollment", ("list", "carla@bu.edu,20.00")),
        new("subsidy", "/orders/{order}", "/orders/{id}/answer", "Approve order"),
        new("operator", "/operator/quarantine/{reading}", "/operator/quarantine/{name}", "Discard reading",
            ("because", "a test")),
        new("operator", "/operator/quarantine-by-reason?reason={reason}", "/operator/quarantine-by-reason",
            "Preview changes", ("find", "dreaming"), ("put", "running")),
        new("operator", "/operator/corrections", "/operator/corrections", "Preview corrections", ("landlord", "nerc"),
            ("source", "urn:test"), ("ids", "vm-ben"), ("reason", "never was")),
        new("operator", "/operator/sources", "/operator/sources", "Set interval", ("every", "2h")),
        new("operator", "/operator/keys", "/operator/keys/revoke", "Revoke"),
        new("operator", "/jobs/verify", "/jobs/{name}/run", "Run now"),
        new("finance", "/finance/settings/issuer", "/finance/settings/issuer", "Save issuer", ("name", "MOC")),
        new("finance", "/finance/settings/customer?account=pi%3Aada%40bu.edu", "/finance/settings/customer",
            "Save customer", ("name", "Ada's laboratory")),
        new("finance", "/finance/people", "/finance/people", "Preview erasure", ("address", "nobody@bu.edu"),
            ("because", "a request")),
        new("finance", "/finance/peers", "/finance/peers", "Admit peer", ("name", "wpi"), ("known-as", "nerc"),
            ("url", "https://wpi.example.org"), ("key", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
            ("pi", "ben@mit.edu"), ("from", "2026-11")),
        new("finance", "/finance/peers/mit?month=2026-10", "/finance/peers/{peer}", "Settle net"),
        new("finance", "/finance/accounts", "/finance/accounts/accrue", "Post accrual of Oct 2026"),
        new("finance", "/mail", "/mail/again", "Send again"),
        new("finance", "/finance/close?month=2026-10", "/finance/close", "Close and issue", ("confirm", "2026-10")),
    ];

    private static readonly Act[] Closed =
    [
        new("finance", Invoice, "/invoices/{number}/payments", "Record payment", ("reference", "bank-1"), ("amount", "2.00")),
        new("finance", Invoice, "/invoices/{number}/refunds", "Record refund", ("back_reference", "b-1"), ("back", "0.50")),
        new("finance", Invoice, "/invoices/{number}/corrections", "Issue credit note", ("credit", "1.00"),
            ("because", "an outage")),
        new("finance", "{party}", "/finance/parties/{number}/payments", "Record payment", ("reference", "wire-2"),
            ("amount", "2.00")),
        new("finance", "{party}", "/finance/parties/{number}/refunds", "Record refund", ("back_reference", "b-2"),
            ("back", "2.00")),
        new("finance", "{party}", "/finance/parties/{number}/credits", "Issue credit note", ("credit", "1.00"),
            ("reason", "an outage")),
        new("finance", "{other}", "/finance/parties/{number}/void", "Void invoice", ("because", "another address"),
            ("confirm", "{number}")),
        new("finance", Customer, "/finance/customers/{account}/payments", "Record payment", ("reference", "wire-3"),
            ("amount", "3.00")),
        new("finance", Customer, "/finance/customers/{account}/credit", "Keep credit"),
        new("finance", "/finance/payments", "/finance/payments", "Review matches",
            ("list", "date,amount,currency,reference,text\n2026-11-04,2.00,USD,bank-9,PI-2026-0002\n")),
        new("nerc", "/landlord/statements/landlord/2026-10", "/landlord/statements/{kind}/{month}", "Accept statement"),
        new("finance", "/finance/payouts/landlord%3Anerc/2026-10", "/finance/payouts/{payee}/{month}",
            "Accept statement"),
        new("finance", "/finance/payouts/landlord%3Anerc", "/finance/payouts/{payee}", "Record payout",
            ("reference", "out-1"), ("amount", "1.00")),
        new("finance", "/finance/adjustments", "/finance/adjustments", "Leave month as billed", ("because", "too late")),
        new("finance", "/finance", "/sign-out", "Sign out"),
    ];

    [Fact]
    public async Task Every_form_of_every_page_is_done_here()
    {
        await using var serving = await Serving.Start();
        var forms = ((IEndpointRouteBuilder)serving.App).DataSources.SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>().Where(route => !route.RoutePattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal) &&
                route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("POST") == true)
            .Select(route => route.RoutePattern.RawText!).ToList();
        Assert.Equal([], forms.Except(Open.Concat(Closed).Select(act => act.Route)).Except(Elsewhere)
            .Except(["/sign-in"])); // Everybody comes in by it.
    }

    [Fact]
    public async Task Every_act_of_every_role_is_done_without_a_script()
    {
        await using var serving = await UsedMonth.Start();
        var made = await Make(serving);
        var wrong = new List<string>();
        await Do(serving, Open, made, wrong);
        await UsedMonth.CameLate(serving);
        made["party"] = "/finance/parties/IN-2026-0001";
        await Do(serving, Closed, made, wrong);
        Assert.Equal([], wrong);
    }

    private static async Task Do(
        Serving serving, IReadOnlyList<Act> acts, Dictionary<string, string> made, List<string> wrong)
    {
        foreach (var act in acts)
        {
            await using var visitor = await Chromium.Visit(serving.Address, new(false, false, Scripts: false));
            await visitor.SignIn(act.Who);
            var page = made.Aggregate(act.Page, (text, one) => text.Replace(
                $"{{{one.Key}}}", one.Value, StringComparison.Ordinal));
            try
            {
                await visitor.Page.GotoAsync(page);
                if (await Done(visitor.Page, act) is { } why)
                {
                    wrong.Add($"{act.Who} {page} {act.Button}: {why}");
                }
            }
            catch (Exception e) when (e is PlaywrightException or TimeoutException)
            {
                wrong.Add($"{act.Who} {page} {act.Button}: {e.Message.Split('\n')[0]}");
            }
        }
    }

    /// <summary>Fills the form that has the button, presses it, and says what is wrong; null where it is done.</summary>
    private static async Task<string?> Done(IPage page, Act act)
    {
        page.SetDefaultTimeout(20_000);
        var button = page.GetByRole(AriaRole.Button, new() { Name = act.Button }).First;
        if (await button.CountAsync() == 0)
        {
            return $"There is no such button: {await Said(page)}";
        }

        var form = button.Locator("xpath=ancestor::form");
        var action = await form.GetAttributeAsync("action") ?? "";
        if (!Regex.IsMatch(action, $"^{Parameter().Replace(act.Route, "[^/]+")}$"))
        {
            return $"The form goes to {action}.";
        }

        foreach (var (name, value) in act.Typed)
        {
            await Fill(form.Locator($"[name=\"{name}\"]").First, value);
        }

        var answer = await page.RunAndWaitForResponseAsync(
            () => button.ClickAsync(), response => response.Request.Method == "POST");
        await page.WaitForLoadStateAsync();
        return answer.Status >= 400 || await page.Locator(".note-box.bad[role=alert]").CountAsync() > 0
            ? $"{answer.Status} {await Said(page)}" : null;
    }

    private static async Task Fill(ILocator field, string value)
    {
        switch (await field.EvaluateAsync<string>("of => of.tagName === 'INPUT' ? of.type : of.tagName"))
        {
            case "SELECT":
                await field.SelectOptionAsync(value);
                break;
            case "checkbox":
                await field.CheckAsync();
                break;
            case "file":
                await field.SetInputFilesAsync(new FilePayload
                {
                    Name = "file.csv",
                    MimeType = "text/csv",
                    Buffer = System.Text.Encoding.UTF8.GetBytes(value),
                });
                break;
            default:
                await field.FillAsync(value);
                break;
        }
    }

    private static async Task<string> Said(IPage page)
    {
        var alert = page.Locator(".note-box, .empty, h1");
        return string.Join(" | ", await alert.AllInnerTextsAsync()).ReplaceLineEndings(" ");
    }

    /// <summary>What acts are about: an order, leases, quotes, an auction, readings that were set aside, a peer.</summary>
    private static async Task<Dictionary<string, string>> Make(Serving serving)
    {
        var exchange = serving.Exchange;
        var made = new Dictionary<string, string>
        {
            ["order"] = await OrdersOnPages.Placed(serving),
            ["lease"] = (await LeasesOnPages.ForEachAct(serving))["accept"],
            ["first"] = await QuotesAreKept.Save(serving),
            ["second"] = await QuotesAreKept.Save(serving),
            ["sheet"] = Uri.EscapeDataString((await Exchange.Rating.LoadPriceBooks.Run(exchange.Journal, Serving.Ct)).List()
                .Last(one => one.Sheet.Landlord == Serving.Nerc && one.Sheet.Service == "openstack").Published.Id),
        };
        using (var nerc = await serving.As("nerc"))
        {
            await LandlordsOnPages.Publish(nerc);
        }

        using (var finance = await serving.As("finance"))
        using (var opened = await UsedMonth.Submit(
            finance, "/auctions", "/auctions", ("from", "2027-06-10T00:00:00Z"), ("until", "2027-06-11T00:00:00Z"),
            ("closes", "2027-05-01T00:00:00Z"), ("do", "open")))
        {
            made["auction"] = opened.Headers.Location!.ToString()["/auctions?id=".Length..];
        }

        await Outbox.Queue(
            exchange.Database, [new("invoice:PI-1", "a@bu.edu", "Invoice", "", null)], "x.org", UsedMonth.Now, Serving.Ct);
        await exchange.Database.Execute(
            "update exchange.outbox set failed_at = now(), attempts = 12, why = 'No such box.'", [], Serving.Ct);
        await KnownPeer.Add(serving);
        await exchange.Do(new CreateKey("old", Serving.Nerc, KeyScope.Read, "test"));
        await UsedMonth.UseMuch(serving);
        using (var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc))
        using (await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(string.Concat(
            new[] { "odd-1", "odd-2" }.Select(id => UsedMonth.Event(id, "p-ada", 2)
                .Replace("running", "dreaming", StringComparison.Ordinal))), "application/x-ndjson"), Serving.Ct))
        {
            // Two readings wait.
        }

        var waiting = (await exchange.Meter.Quarantine("waiting", 9, Serving.Ct))[0];
        made["reading"] = Uri.EscapeDataString(waiting.Name);
        made["reason"] = Uri.EscapeDataString(waiting.Misfit.Reason);
        return made;
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
