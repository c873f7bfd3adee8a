using System.Globalization;
using Exchange.Journal;
using Exchange.Portal.Budgets;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>A PI's budget: shown on the first page with what was passed, and set at /pi/budget.</summary>
internal static class BudgetBox
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/pi/budget", Get).RequireAuthorization(Acts.SeeSpending).ExcludeFromDescription();
        app.MapPost("/pi/budget", Post).RequireAuthorization(Acts.SetBudget).ChecksForm().ExcludeFromDescription();
    }

    /// <summary>What the first page says about the budget in a month.</summary>
    public static async Task<Html> Of(IJournal journal, PiId pi, BillingMonth month, Money spent, CancellationToken ct)
    {
        var budget = await journal.State(Budget.Fold, pi, ct);
        if (budget.Amount is not { } amount)
        {
            return Html.Of($"""<p><a href="/pi/budget">Set a budget</a> and be told before it is spent.</p>""");
        }

        var passed = spent >= amount ? "bad" : spent.Cents * 100 >= amount.Cents * 80 ? "warn" : "good";
        var told = budget.Told.Where(t => t.Month == month).OrderByDescending(t => t.Percent).FirstOrDefault();
        return Html.Of($"""
            <div class="note-box {passed}"><p>{Show.Share(spent, amount)} of the month's budget of {Show.Of(amount)}
            is spent.{Html.If(told is not null, () => Html.Of($"""
             It passed {told!.Percent} % on {Show.Of(told.At)}.
            """))} <a href="/pi/budget">Change it</a></p>{Chart.Gauge("Budget", spent, amount)}</div>
            """);
    }

    private static async Task<IResult> Get(HttpContext http, IJournal journal, CancellationToken ct) =>
        Draw(http, await journal.State(Budget.Fold, Viewer.Needed(http).Pi!.Value, ct), Form.Empty);

    private static async Task<IResult> Post(
        HttpContext http, Composition exchange, IClock clock, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var viewer = Viewer.Needed(http);
        var lifts = form.Typed("do") == "lift";
        Money? amount = lifts ? null : form.Amount("amount", "The budget");
        var seen = int.TryParse(form.Typed("seen"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n
            : -1;
        if (form.IsRight)
        {
            Refusal? refusal;
            try
            {
                refusal = (await exchange.Journal.Decide(Budget.Fold, viewer.Pi!.Value, budget =>
                    Budget.SetTo(budget, amount, seen, viewer.Actor, clock.GetCurrentInstant()), ct)).Refusal;
            }
            catch (ConflictException)
            {
                refusal = new("budget/changed", "Someone else changed the budget at this moment. Look at it again.");
            }

            await exchange.Audit.Note(
                viewer.Actor, "set budget", amount?.ToString() ?? "none", refusal?.Code ?? "done", Gate.Origin(http),
                    ct);
            if (refusal is null)
            {
                await exchange.Projections.CatchUp(ct);
                return Results.Redirect("/pi");
            }

            form.Wrong("amount", refusal.Message);
        }

        return Draw(http, await exchange.Journal.State(Budget.Fold, viewer.Pi!.Value, ct), form);
    }

    private static IResult Draw(HttpContext http, Budget budget, Form form) => Layout.Page(
        http, "Budget", Html.Of($"""
            <p class="crumbs"><a href="/pi">Spending</a></p>
            {form.Summary()}
            <p class="lead">A budget stops nothing. This page and the first one say
            when 80 % and all of it are spent.</p>
            {Form.Post(http, "/pi/budget", Html.Of($"""
            {Form.Hidden("seen", $"{budget.Version}")}
            {form.Input("amount", "A month, before funds", "Dollars and cents, like 1250.00.", longest: 30,
                otherwise: budget.Amount?.Amount.ToString(CultureInfo.InvariantCulture) ?? "")}
            <p><button class="main" name="do" value="set">Set it</button>
            <button name="do" value="lift">Have none</button></p>
            """))}
            {Html.If(budget.Told.Count > 0, () => Table.Of("What was passed", budget.Told.Reverse().ToList(), [
                Column<BudgetEvent.Passed>.Words("Month", t => Show.Of(t.Month)),
                Column<BudgetEvent.Passed>.Words("Part", t => $"{t.Percent} %"),
                Column<BudgetEvent.Passed>.Amount("Spent", t => t.Spent),
                Column<BudgetEvent.Passed>.Amount("Of", t => t.Amount),
                Column<BudgetEvent.Passed>.Time("On", t => t.At),
            ], ""))}
            """), form.IsRight ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
}
