using System.Globalization;
using Exchange.Journal;
using Exchange.Portal.Budgets;
using Exchange.Portal.Commands;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// A PI's budgets, for everything and for single projects: shown on the first page with what was passed, and set at
/// /pi/budget.
/// </summary>
public sealed partial class BudgetBox
{
    /// <summary>How much of a month's budget is spent.</summary>
    /// <param name="Tone">good, warn above the first threshold, bad when all is spent.</param>
    public sealed record Used(Money Spent, Money Budget, bool IsAfterCredits, string Tone, Passing? Passed);

    /// <summary>The last threshold that was passed.</summary>
    public sealed record Passing(bool IsForecast, int Percent, Instant At);

    /// <summary>A budget as its form holds it; the amount is empty where none is set.</summary>
    /// <param name="Project">Of which project; empty for the budget of everything.</param>
    public sealed record Terms(string Project, string Amount, string Edition)
    {
        public required bool IsAfterCredits { get; init; }

        public required bool IsHard { get; init; }

        public required string Thresholds { get; init; }

        public required string Forecast { get; init; }

        public required string Also { get; init; }

        public required IReadOnlyList<(string Name, bool HasBudget)> Projects { get; init; }

        public required ITable Passed { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/pi/budget", Get).RequireAuthorization(Permissions.SeeSpending).ExcludeFromDescription();
        app.MapPost("/pi/budget", Post).RequireAuthorization(Permissions.SetBudget).ChecksForm()
            .Edits(async (http, _, ct) => [Stream(http, (await Form.Read(http, ct)).Typed("project"))])
            .ExcludeFromDescription();
    }

    /// <summary>What the first page says about the budget in a month.</summary>
    /// <param name="charged">What the month comes to before credits, and <paramref name="owed"/> after them.</param>
    /// <returns>Null where no budget is set.</returns>
    internal static async Task<Used?> Read(
        IJournal journal, PiId pi, BillingMonth month, Money charged, Money owed, CancellationToken ct)
    {
        var budget = await journal.State(Budget.Fold, pi, ct);
        if (budget.Amount is not { } amount)
        {
            return null;
        }

        var spent = budget.Rules.AfterCredits ? owed : charged;
        var first = budget.Rules.Thresholds.DefaultIfEmpty(100).Min();
        var told = budget.Told.Where(t => t.Month == month).OrderByDescending(t => t.At).FirstOrDefault();
        return new(
            spent, amount, budget.Rules.AfterCredits,
            spent >= amount ? "bad" : spent.Cents * 100 >= amount.Cents * first ? "warn" : "good",
            told is null ? null : new(told.IsForecast == true, told.Percent, told.At));
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
        return Page.Of<BudgetPage, Terms>(
            http, project.Length == 0 ? "Budget" : $"Budget of {project}",
            new(project, budget.Amount?.Amount.ToString(CultureInfo.InvariantCulture) ?? "", edition.Version)
            {
                IsAfterCredits = budget.Rules.AfterCredits,
                IsHard = budget.Rules.IsHard,
                Thresholds = string.Join(", ", budget.Rules.Thresholds),
                Forecast = string.Join(", ", budget.Rules.ForecastThresholds),
                Also = string.Join(' ', budget.Rules.Also ?? []),
                Projects = [.. projects.Select(one => (one, others.Any(other => other.Project == one)))],
                Passed = List(budget),
            }, form);
    }

    private static TableOf<BudgetEvent.Passed> List(Budget budget) => new(
        "Passed thresholds", budget.Told.Reverse().ToList(),
        [
            Column<BudgetEvent.Passed>.Words("Month", t => Show.Of(t.Month)),
            Column<BudgetEvent.Passed>.Words("Threshold", t => $"{t.Percent} %"),
            Column<BudgetEvent.Passed>.Words("Of", t => t.IsForecast == true ? "forecast" : "cost"),
            Column<BudgetEvent.Passed>.Amount("Reached", t => t.Spent),
            Column<BudgetEvent.Passed>.Amount("Budget", t => t.Amount),
            Column<BudgetEvent.Passed>.Time("On", t => t.At),
        ], "");
}
