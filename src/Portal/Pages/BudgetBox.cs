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
        app.MapPost("/pi/budget", Post).RequireAuthorization(Acts.SetBudget).ChecksForm()
            .Edits((http, _) => [Stream(http)]).ExcludeFromDescription();
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

    private static string Stream(HttpContext http) => Budget.Fold.StreamOf(Viewer.Needed(http).Pi!.Value);

    private static Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct) =>
        Draw(http, exchange, Form.Empty, ct);

    private static async Task<IResult> Post(
        HttpContext http, Composition exchange, IClock clock, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var viewer = Viewer.Needed(http);
        var lifts = form.Typed("do") == "lift";
        Money? amount = lifts ? null : form.Amount("amount", "The budget");
        if (form.IsRight)
        {
            Refusal? refusal;
            try
            {
                refusal = (await exchange.Journal.Decide(Budget.Fold, viewer.Pi!.Value, budget =>
                    Budget.SetTo(budget, amount, viewer.Actor, clock.GetCurrentInstant()), ct)).Refusal;
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

        return await Draw(http, exchange, form, ct);
    }

    private static async Task<IResult> Draw(HttpContext http, Composition exchange, Form form, CancellationToken ct)
    {
        var budget = await exchange.Journal.State(Budget.Fold, Viewer.Needed(http).Pi!.Value, ct);
        var edition = await Edition.Of(exchange, [Stream(http)], ct);
        return Layout.Page(http, "Budget", Html.Of($"""
            <p class="crumbs"><a href="/pi">Spending</a></p>
            {form.Summary()}
            <p class="lead">A budget stops nothing. This page and the first one say
            when 80 % and all of it are spent.</p>
            {Form.Post(http, "/pi/budget", Html.Of($"""
            {edition.Hidden}
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
            """), form.Status);
    }
}
