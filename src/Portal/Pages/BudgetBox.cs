using System.Globalization;
using Exchange.Journal;
using Exchange.Portal.Budgets;
using Exchange.Portal.Commands;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// A PI's budgets, for everything and for single projects: shown on the first page with what was passed, and set at
/// /pi/budget.
/// </summary>
internal static class BudgetBox
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/pi/budget", Get).RequireAuthorization(Permissions.SeeSpending).ExcludeFromDescription();
        app.MapPost("/pi/budget", Post).RequireAuthorization(Permissions.SetBudget).ChecksForm()
            .Edits(async (http, _, ct) => [Stream(http, (await Form.Read(http, ct)).Typed("project"))])
            .ExcludeFromDescription();
    }

    /// <summary>What the first page says about the budget in a month.</summary>
    /// <param name="charged">What the month comes to before credits, and <paramref name="owed"/> after them.</param>
    public static async Task<Html> Of(
        IJournal journal, PiId pi, BillingMonth month, Money charged, Money owed, CancellationToken ct)
    {
        var budget = await journal.State(Budget.Fold, pi, ct);
        if (budget.Amount is not { } amount)
        {
            return Html.Of($"""<p><a href="/pi/budget">Set a budget</a> and be told before it is spent.</p>""");
        }

        var spent = budget.Rules.AfterCredits ? owed : charged;
        var first = budget.Rules.Thresholds.DefaultIfEmpty(100).Min();
        var passed = spent >= amount ? "bad" : spent.Cents * 100 >= amount.Cents * first ? "warn" : "good";
        var told = budget.Told.Where(t => t.Month == month).OrderByDescending(t => t.At).FirstOrDefault();
        return Html.Of($"""
            <div class="note-box {passed}"><p>{Show.Share(spent, amount)} of the month's budget of {Show.Of(amount)}
            is spent, {(budget.Rules.AfterCredits ? "after" : "before")} credits.{Html.If(told is not null, () =>
                Html.Of($"""
             {(told!.IsForecast == true ? "The forecast" : "It")} passed {told.Percent} % on {Show.Of(told.At)}.
            """))} <a href="/pi/budget">Edit budget</a></p>{Chart.Gauge("Budget", spent, amount)}</div>
            """);
    }

    private static BudgetOwner Owner(HttpContext http, string project) =>
        new(Viewer.Needed(http).Pi!.Value, project);

    private static string Stream(HttpContext http, string project) =>
        Budget.Fold.StreamOf(Owner(http, project).Id);

    private static Task<IResult> Get(
        HttpContext http, View view, Composition exchange, string? project, CancellationToken ct) =>
        Draw(http, view, exchange, Form.Empty, project ?? "", ct);

    private static async Task<IResult> Post(
        HttpContext http, View view, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var viewer = Viewer.Needed(http);
        var project = form.Typed("project");
        var lifts = form.Typed("do") == "lift";
        Money? amount = lifts ? null : form.Amount("amount", "The budget");
        var rules = lifts ? BudgetRules.Offered : Rules(form);
        if (!lifts && project.Length > 0 && !(await Projects(view, exchange, viewer.Pi!.Value, ct)).Contains(project))
        {
            form.Wrong("project", $"'{project}' is no project of yours. Choose one of the list.");
        }

        if (form.IsRight)
        {
            var refusal = await exchange.Commands.Try(
                new SetBudget(Owner(http, project), amount, rules, viewer.Actor), http, ct);
            if (refusal is null)
            {
                return Results.Redirect("/pi");
            }

            form.Wrong("amount", refusal.Message);
        }

        return await Draw(http, view, exchange, form, project, ct);
    }

    /// <summary>A form without these fields, as programs of before send it, gets what is offered.</summary>
    private static BudgetRules Rules(Form form)
    {
        if (!form.Has("thresholds"))
        {
            return BudgetRules.Offered;
        }

        var thresholds = Read(form, "thresholds");
        var forecast = Read(form, "forecast");
        return new(form.Typed("basis") != "before", thresholds, forecast)
        {
            IsHard = form.Typed("hard") == "yes",
            Also = Also(form),
        };
    }

    private static System.Collections.Immutable.ImmutableArray<string>? Also(Form form)
    {
        try
        {
            return BudgetRules.Addresses(form.Typed("also"));
        }
        catch (FormatException e)
        {
            form.Wrong("also", e.Message);
            return null;
        }
    }

    private static System.Collections.Immutable.ImmutableArray<int> Read(Form form, string name)
    {
        if (BudgetRules.Read(form.Typed(name)) is { } read)
        {
            return read;
        }

        form.Wrong(name, $"'{form.Typed(name)}' are no thresholds. Write up to ten whole percentages from 1 to 1000, " +
            "like '50, 80, 100', or nothing.");
        return [];
    }

    /// <summary>The projects of the PI in the two months that budgets are watched in.</summary>
    private static async Task<IReadOnlyList<string>> Projects(
        View view, Composition exchange, PiId pi, CancellationToken ct)
    {
        var month = BillingMonth.Of(exchange.Clock.GetCurrentInstant());
        var projects = (await MonthSpend.Projects(view, month, pi, ct))
            .Concat(await MonthSpend.Projects(view, month.Previous, pi, ct));
        return
        [
            .. projects.Select(one => BudgetOwner.Named(one.Cluster, one.Project)).Distinct()
                .Order(StringComparer.Ordinal),
        ];
    }

    private static async Task<IResult> Draw(
        HttpContext http, View view, Composition exchange, Form form, string project, CancellationToken ct)
    {
        var pi = Viewer.Needed(http).Pi!.Value;
        var budget = await exchange.Journal.State(Budget.Fold, Owner(http, project).Id, ct);
        var edition = await ETag.Of(exchange, [Stream(http, project)], ct);
        var projects = await Projects(view, exchange, pi, ct);
        var others = await BudgetList.All(await view.Connection(ct), pi, ct);
        return Layout.Page(http, project.Length == 0 ? "Budget" : $"Budget of {project}", Html.Of($"""
            <p class="crumbs"><a href="/pi">Spending</a></p>
            {form.Summary()}
            <p class="lead">A budget stops nothing that runs. You are told by mail, here and on the first page when a
            month's cost, or its forecast, passes a threshold; a hard one refuses orders that would pass it.</p>
            {Fields(http, form, budget, edition, project)}
            {Html.If(projects.Count > 0, () => Html.Of($"""
            <h2>Budgets of projects</h2><ul>{Html.Join(projects, one => Html.Of($"""
            <li><a href="/pi/budget?project={Uri.EscapeDataString(one)}">{one}</a>{Html.If(
                others.Any(other => other.Project == one), () => Html.Of($" has a budget"))}</li>
            """))}</ul>
            """))}
            {Html.If(budget.Told.Count > 0, () => Table.Of("Passed thresholds", budget.Told.Reverse().ToList(), [
                Column<BudgetEvent.Passed>.Words("Month", t => Show.Of(t.Month)),
                Column<BudgetEvent.Passed>.Words("Threshold", t => $"{t.Percent} %"),
                Column<BudgetEvent.Passed>.Words("Of", t => t.IsForecast == true ? "forecast" : "cost"),
                Column<BudgetEvent.Passed>.Amount("Reached", t => t.Spent),
                Column<BudgetEvent.Passed>.Amount("Budget", t => t.Amount),
                Column<BudgetEvent.Passed>.Time("On", t => t.At),
            ], ""))}
            """), form.Status);
    }

    private static Html Fields(HttpContext http, Form form, Budget budget, ETag edition, string project) =>
        Form.Post(http, "/pi/budget", Html.Of($"""
            {edition.Hidden}{Form.Hidden("project", project)}
            {form.Input("amount", "Amount a month", "Dollars and cents, like 1250.00.", longest: 30,
                otherwise: budget.Amount?.Amount.ToString(CultureInfo.InvariantCulture) ?? "")}
            {form.Choice("basis", "What counts", [("after", "cost after credits and subsidies"),
                ("before", "cost before credits")], budget.Rules.AfterCredits ? "after" : "before")}
            {form.Choice("hard", "Orders above it", [("", "are placed"), ("yes", "are refused")],
                budget.Rules.IsHard ? "yes" : "")}
            {form.Input("thresholds", "Tell me at, in percent of cost", "Like 50, 80, 100.", longest: 60,
                otherwise: string.Join(", ", budget.Rules.Thresholds))}
            {form.Input("forecast", "Tell me at, in percent of the forecast", "What the whole month will come to; " +
                "nothing for never.", longest: 60, otherwise: string.Join(", ", budget.Rules.ForecastThresholds))}
            {form.Input("also", "Tell also", "Mail addresses beside yours, with blanks between them.", longest: 1_000,
                otherwise: string.Join(' ', budget.Rules.Also ?? []))}
            <p><button class="main" name="do" value="set">Save budget</button>
            <button name="do" value="lift">Remove budget</button></p>
            """));
}
