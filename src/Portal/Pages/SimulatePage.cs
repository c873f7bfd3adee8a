using System.Globalization;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Portal.Funds;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using ClosedMonths = Exchange.Invoicing.Kept.Months;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /subsidy/simulate — another amount, limit or exclusion tried out on a closed month: who would have got what.
/// It changes nothing, so it is asked with an address that can be kept and sent on.
/// </summary>
internal static class SimulatePage
{
    private const int MaxPatterns = 100;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/subsidy/simulate", Get)
        .RequireAuthorization(Permissions.SeeSubsidy).ExcludeFromDescription();

    private static async Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var own = SubsidyPage.Payable(http, exchange).ToList();
        var months = await exchange.Kept.State(ClosedMonths.Fold, ClosedMonths.Id, ct);
        if (own.Count == 0 || months.Last is not { } last)
        {
            return Layout.Page(http, "Simulate a rule", Html.Of($"""
                <p class="crumbs"><a href="/subsidy">Subsidy</a></p>
                <p class="empty">There is nothing to try a rule on: no month is closed yet,
                    or no programme is yours.</p>
                """));
        }

        var form = new Form(http.Request.Query.ToDictionary(q => q.Key, q => q.Value, StringComparer.Ordinal));
        var isAsked = http.Request.Query.ContainsKey("amount");
        var result = isAsked ? await Simulate(http, exchange, own, months, form, ct) : null;
        if (result is { } found && List(found).IsAskedFor(http))
        {
            return List(found).Csv(http);
        }

        var terms = own[0].At(last);
        return Layout.Page(http, "Simulate a rule", Html.Of($"""
            <p class="crumbs"><a href="/subsidy">Subsidy</a></p>
            {form.Summary()}
            <form class="act" method="get" novalidate>
            {form.Choice("programme", "Program", own.Select(p => (p.Id, p.Id)), own[0].Id)}
            {form.Input("month", "Tried on", "A closed month, as 2026-10.", otherwise: last.ToString(), longest: 7)}
            {form.Input("amount", "Each PI gets at most, a month", "Dollars and cents, like 100.00.", longest: 30,
                otherwise: terms?.Amount?.Amount.ToString(CultureInfo.InvariantCulture) ?? "")}
            {form.Input("most", "All together get at most", "Empty for no limit; otherwise it is shared in proportion.",
                longest: 30)}
            {form.Area("excluded", "SKUs that it does not pay for", "One a line; * stands for any text.", 5_000,
                string.Join('\n', terms?.ExcludedSkus ?? []), rows: 4)}
            {form.Choice("caps", "PIs with an amount of their own",
                [("keep", "keep it"), ("drop", "get the same as all")],
                "keep")}
            <p><button class="main">Try it</button></p></form>
            {Html.If(result is not null, () => Result(http, result!))}
            """), form.IsRight ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static async Task<IReadOnlyList<SimulatedPi>?> Simulate(
        HttpContext http, Composition exchange, IReadOnlyList<Programme> own, ClosedMonths months, Form form,
        CancellationToken ct)
    {
        var programme = own.FirstOrDefault(p => p.Id == form.Typed("programme"));
        var month = form.Value<BillingMonth>("month", "The month");
        var amount = form.Amount("amount", "The amount");
        Money? most = form.Typed("most").Trim().Length > 0 ? form.Amount("most", "The limit") : null;
        var excluded = form.Typed("excluded").ReplaceLineEndings("\n")
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (programme is null)
        {
            form.Wrong("programme", "There is no such program of yours.");
        }

        if (month is { } asked && !months.IsClosed(asked))
        {
            form.Wrong("month", $"{asked} is not closed. A rule is tried on a month that was billed, such as " +
                $"{months.Last}.");
        }

        if (excluded.Length > MaxPatterns || excluded.Any(pattern => pattern.Length > 100))
        {
            form.Wrong("excluded", $"Give at most {MaxPatterns} SKUs of at most 100 characters each.");
        }

        if (form.Typed("caps") is not ("keep" or "drop" or ""))
        {
            form.Wrong("caps", "Choose whether amounts of their own are kept.");
        }

        if (!form.IsRight)
        {
            return null;
        }

        var fund = await exchange.Journal.State(Fund.Fold, programme!.Id, ct);
        return await SimulateSubsidy.Run(
            exchange, month!.Value, programme, fund,
            new(amount!.Value, most, excluded, form.Typed("caps") != "drop"), ct);
    }

    private static Html Result(HttpContext http, IReadOnlyList<SimulatedPi> rows) => Html.Of($"""
        <h2>Who would have got what</h2>
        {Card.Row(
            Card.Of("As it was", Show.Of(Money.Sum(rows.Select(r => r.Before)))),
            Card.Of("Under this rule", Show.Of(Money.Sum(rows.Select(r => r.After)))),
            Card.Of("Difference", Show.Of(Money.Sum(rows.Select(r => r.Change))),
                Html.Of($"{rows.Count(r => r.Change > Money.Zero)} get more, " +
                    $"{rows.Count(r => r.Change < Money.Zero)} less")))}
        {List(rows).Of(http)}
        """);

    private static Listing<SimulatedPi> List(IReadOnlyList<SimulatedPi> rows) => new("simulated", "By PI", rows,
    [
        Column<SimulatedPi>.Words("PI", r => r.Pi.Value),
        Column<SimulatedPi>.Words("Institution", r => r.Institution),
        Column<SimulatedPi>.Amount("As it was", r => r.Before),
        Column<SimulatedPi>.Amount("Under this rule", r => r.After),
        Column<SimulatedPi>.Amount("Difference", r => r.Change),
    ], "It would have paid for nobody, and it did not.");
}
