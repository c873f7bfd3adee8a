using System.Text.RegularExpressions;
using Exchange.Portal.Mail;
using Exchange.Portal.Tests;
using Exchange.Rating;
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
    /// <summary>What needs more than a month of use, and is done elsewhere or has no form of ours.</summary>
    private static readonly string[] Elsewhere =
    [
        "/sign-in", // Everybody comes in by it.
        "/jobs/{name}/stop", // JobsOnPages: of a job that takes long.
        "/operator/corrections/window", // CorrectingUsageOnPages: of a collector that runs.
        "/pi/statements/{payee}/{month}", // NodesAreLent: of a project that sublet nodes for a closed month.
        "/jobs/dashboard/stats", // Figures of the dashboard of Hangfire, which a script asks for.
    ];

    [Fact]
    public async Task Every_form_of_every_page_is_done_here()
    {
        await using var serving = await Serving.Start();
        var forms = ((IEndpointRouteBuilder)serving.App).DataSources.SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>().Where(route =>
                !route.RoutePattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal) &&
                route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("POST") == true)
            .Select(route => route.RoutePattern.RawText!).ToList();
        Assert.Equal([], forms.Except(ActsOfRoles.All.Select(act => act.Route)).Except(Elsewhere));
        Assert.Equal([], ActsOfRoles.All.Select(act => act.Route).Except(forms));
    }

    [Fact]
    public async Task Every_act_of_every_role_is_done_without_a_script()
    {
        await using var serving = await UsedMonth.Start();
        var made = await Make(serving);
        var (wrong, people) = (new List<string>(), new Dictionary<string, Visitor>(StringComparer.Ordinal));
        foreach (var act in ActsOfRoles.All)
        {
            if (!people.TryGetValue(act.Who, out var visitor))
            {
                people[act.Who] = visitor = await Chromium.Visit(serving.Address, new(false, false, Scripts: false));
                visitor.Page.SetDefaultTimeout(20_000);
                await visitor.SignIn(act.Who);
            }

            if (act.Route == "/finance/adjustments")
            {
                await UsedMonth.CameLate(serving);
            }

            try
            {
                if (await Done(visitor.Page, act, made) is { } why)
                {
                    wrong.Add($"{act.Who} {act.Page} {act.Button}: {why}");
                }
            }
            catch (Exception e) when (e is PlaywrightException or TimeoutException)
            {
                wrong.Add($"{act.Who} {act.Page} {act.Button}: {e.Message.Split('\n')[0]}");
            }
        }

        foreach (var visitor in people.Values)
        {
            await visitor.DisposeAsync();
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>Fills the form that has the button, presses it, and says what is wrong; null where it is done.</summary>
    private static async Task<string?> Done(IPage page, ActOfRole act, Dictionary<string, string> made)
    {
        if (act.Page.Length > 0)
        {
            await page.GotoAsync(With(made, act.Page));
        }

        var button = page.GetByRole(AriaRole.Button, new() { Name = act.Button.TrimEnd(), Exact = !act.Button.EndsWith(' ') }).First;
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
            await Fill(form.Locator($"[name=\"{name}\"]").First, With(made, value));
        }

        var answer = await page.RunAndWaitForResponseAsync(
            () => button.ClickAsync(), response => response.Request.Method == "POST");
        await page.WaitForLoadStateAsync();
        if (act.Makes.Length > 0)
        {
            made[act.Makes] = Uri.UnescapeDataString(Last().Match(page.Url).Value);
        }

        return answer.Status >= 400 || await page.Locator(".note-box.bad[role=alert]").CountAsync() > 0
            ? $"{answer.Status} {await Said(page)}" : null;
    }

    private static string With(Dictionary<string, string> made, string text) => made.Aggregate(
        text, (whole, one) => whole.Replace($"{{{one.Key}}}", one.Value, StringComparison.Ordinal));

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

    private static async Task<string> Said(IPage page) => string.Join(
        " | ", await page.Locator("h1, .note-box, .wrong, .empty").AllInnerTextsAsync()).ReplaceLineEndings(" ");

    /// <summary>Mail that failed, another exchange, readings that wait, nodes of projects, and late usage.</summary>
    private static async Task<Dictionary<string, string>> Make(Serving serving)
    {
        var exchange = serving.Exchange;
        await Outbox.Queue(
            exchange.Database, [new("invoice:PI-1", "a@bu.edu", "Invoice", "", null)], "x.org", UsedMonth.Now, Serving.Ct);
        await using (var command = exchange.Database.CreateCommand(
            "update exchange.outbox set failed_at = now(), attempts = 12, why = 'No such box.'"))
        {
            await command.ExecuteNonQueryAsync(Serving.Ct);
        }

        await KnownPeer.Add(serving);
        await UsedMonth.UseMuch(serving);
        await ImportProjects.Run(
            exchange.Journal, "cluster,project,name,pi\nbm,p-ada,Ada's group,ada@bu.edu\n", "bm.csv", "test",
            UsedMonth.Month.Start, Serving.Ct);
        using var key = await serving.WithKey(Portal.Keys.KeyScope.Usage, Serving.Nerc);
        using (await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(string.Concat(
            new[] { "odd-1", "odd-2" }.Select(id => UsedMonth.Event(id, "p-ada", 2)
                .Replace("running", "dreaming", StringComparison.Ordinal))), "application/x-ndjson"), Serving.Ct))
        {
            // Two readings wait.
        }

        var waiting = (await exchange.Meter.Quarantine("waiting", 9, Serving.Ct))[0];
        return new()
        {
            ["reading"] = Uri.EscapeDataString(waiting.Name),
            ["reason"] = Uri.EscapeDataString(waiting.Misfit.Reason),
            ["sheet"] = Uri.EscapeDataString((await LoadPriceBooks.Run(exchange.Journal, Serving.Ct)).List()
                .Last(one => one.Sheet.Landlord == Serving.Nerc && one.Sheet.Service == "openstack").Published.Id),
        };
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    /// <summary>The name at the end of an address, or the id that it asks for.</summary>
    [GeneratedRegex(@"[^/=?]+$")]
    private static partial Regex Last();
}
