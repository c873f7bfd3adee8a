using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /finance/close — what closing a month would issue, what stands in the way, and, once finance has typed the month to
/// confirm it, the close itself.
/// </summary>
internal static class ClosePage
{
    private const string Suspense = "suspense";

    /// <summary>
    /// A draft beside what the same account was billed the month before; without lines where it has no draft now.
    /// </summary>
    private sealed record CloseRow(string Account, string? Institution, IReadOnlyList<InvoiceLine> Lines, Money Before)
    {
        public Money Total { get; } = Money.Sum(Lines.Select(line => line.Amount));
        public Money Owed { get; } = Money.Sum(Lines.Select(line => line.PiBalance));
        public int Adjustments => Lines.Count(line => line.Adjusts is not null);
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/finance/close", Get).RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();
        app.MapPost("/finance/close", Post).RequireAuthorization(Permissions.CloseMonths).ChecksForm()
            .Edits((_, _) => [Closed]).ExcludeFromDescription();
    }

    private static string Closed => Invoicing.Kept.Months.Fold.StreamOf(Invoicing.Kept.Months.Id);

    private static Task<IResult> Get(
        HttpContext http, View view, Composition exchange, IClock clock, BillingMonth month, CancellationToken ct) =>
        Draw(http, view, exchange, clock, month, Form.Empty, ct);

    private static async Task<IResult> Post(
        HttpContext http, View view, Composition exchange, IClock clock, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        if (form.Value<BillingMonth>("month", "The month") is not { } month)
        {
            return Problem.Of(new("request/malformed", "The form does not say which month to close."), 400);
        }

        if (form.Typed("confirm").Trim() != month.ToString())
        {
            form.Wrong("confirm", $"Type {month} to confirm that its invoices go out.");
        }

        var policies = form.Typed("policies");
        if (policies is not (Policies.Corrected or Policies.NercCompatible))
        {
            form.Wrong("policies", "Choose one of the two policies.");
        }

        if (!form.IsRight)
        {
            return await Draw(http, view, exchange, clock, month, form, ct);
        }

        try
        {
            await CloseAndWrite.Run(
                exchange, new(month, policies, Accepted(form), Actors.Of(http), form.Typed("seen")), _ => { }, ct);
        }
        catch (RefusedException e)
        {
            form.Wrong("confirm", e.Refusal.Message);
            return await Draw(http, view, exchange, clock, month, form, ct);
        }

        return Results.Redirect($"/finance/month?month={month}");
    }

    private static HashSet<string> Accepted(Form form) => form.All("accept").ToHashSet(StringComparer.Ordinal);

    private static async Task<IResult> Draw(
        HttpContext http, View view, Composition exchange, IClock clock, BillingMonth month, Form form,
        CancellationToken ct)
    {
        var policies = form.Typed("policies") is Policies.NercCompatible ? Policies.NercCompatible : Policies.Corrected;
        CloseMonth.CloseOutcome outcome;
        try
        {
            outcome = await CloseMonth.Plan(
                exchange.Sources, month, policies, clock.GetCurrentInstant(), ct, Accepted(form));
        }
        catch (RefusedException e)
        {
            return Layout.Page(http, $"Close {Show.Of(month)}", Html.Of($"""
                <p class="crumbs"><a href="/finance">Billing periods</a></p>
                <div class="note-box warn"><p>{e.Refusal.Message}</p></div>
                """), form.IsRight ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);
        }

        if (outcome.Plan is not { } plan)
        {
            return Results.Redirect($"/finance/month?month={month}");
        }

        var drafts = List(
            Rows(plan, await InvoiceList.Run(await view.Connection(ct), new(month.Previous, Limit: 20_000), ct)));
        var edition = await ETag.Of(exchange, [Closed], ct);
        return drafts.IsAskedFor(http) ? drafts.Csv(http) : Layout.Page(
            http, $"Close {Show.Of(month)}",
            Html.Of($"""
                <p class="crumbs"><a href="/finance">Billing periods</a></p>
                {form.Summary()}
                {Card.Row(
                    Card.Of("Would be billed", Show.Of(plan.Total), Of(plan)),
                    Card.Of("Invoices", Show.Of(plan.Drafts.LongCount(d => d.Pi is not null))),
                    Card.Of("PIs would owe", Show.Of(Money.Sum(plan.Drafts.Where(d => d.Pi is not null)
                        .SelectMany(d => d.Lines).Select(l => l.PiBalance))), Html.Of($"after funds")))}
                <h2>Checklist</h2>
                {Checks(plan.Checks)}
                {Html.If(plan.Late.Length > 0, () => Html.Of($"""
                <p>Decide of it among <a href="{AdjustmentsPage.Path}">late adjustments</a>.</p>
                """))}
                <h2>Drafts</h2>
                {drafts.Of(http)}
                <h2>Provider payouts</h2>
                {MonthPage.Settlements([.. plan.Settlements.Select(s => new SettlementRow(
                    s.Landlord, s.Month, s.Gross, s.Share, Money.Sum(s.Hardware.Select(due => due.Amount)),
                    s.Lines.Length, s.At)
                {
                    Transfers = Money.Sum(s.Transfers.Select(transfer => transfer.Amount)),
                })]).Of(http)}
                <h2>Issue</h2>
                {Issue(http, month, plan, form, edition,
                    clock.GetCurrentInstant())}
                """), form.Status);
    }

    /// <summary>What the sum is of: the month's own charges, until when, and what earlier months come to now.</summary>
    private static Html Of(ClosePlan plan)
    {
        var own = Money.Sum(plan.Drafts.SelectMany(draft => draft.Lines).Where(line => line.Adjusts is null)
            .Select(line => line.Amount));
        return Html.Of($"""
            before funds: {Show.Of(own)} for usage of {Show.Of(plan.Month)} until {Show.Of(plan.AsOf)}, and
            {Show.Of(plan.Total - own)} of adjustments
            """);
    }

    /// <summary>Every draft, and every account that was billed the month before and would not be now.</summary>
    private static List<CloseRow> Rows(ClosePlan plan, IReadOnlyList<InvoiceRow> earlier)
    {
        var before = earlier.Where(row => row.Status != "void").ToLookup(row => row.Account.Name);
        var drafts = plan.Drafts.Select(d => new CloseRow(
            d.Pi?.Value ?? Suspense, d.Institution, d.Lines,
            Money.Sum(before[d.Pi?.Value ?? Suspense].Select(row => row.Total)))).ToList();
        var gone = before.Where(account => drafts.All(d => d.Account != account.Key)).Select(account =>
            new CloseRow(account.Key, account.First().Institution, [], Money.Sum(account.Select(row => row.Total))));
        return [.. drafts.Concat(gone.OrderBy(row => row.Account, StringComparer.Ordinal))];
    }

    private static Html Checks(IReadOnlyList<Check> checks) => checks.Count == 0
        ? Html.Of($"""<p class="note-box good">Every check passes.</p>""")
        : Html.Of($"""
            <ul class="checks">{Html.Join(checks, c => Html.Of($"""
            <li>{Tag.Of(c.Blocks ? "stands in the way" : "worth knowing", c.Blocks ? "bad" : "warn")}
            {c.Message} <small>({c.Code})</small></li>
            """))}</ul>
            """);

    private static Listing<CloseRow> List(IReadOnlyList<CloseRow> rows) => new("drafts", "What would be issued", rows,
    [
        Column<CloseRow>.Words("Account", r => r.Account),
        Column<CloseRow>.Words("Institution", r => r.Institution ?? ""),
        Column<CloseRow>.Number("Line items", r => (decimal)r.Lines.Count),
        Column<CloseRow>.Number("Adjustments", r => (decimal)r.Adjustments),
        Column<CloseRow>.Amount("Amount", r => r.Total),
        Column<CloseRow>.Amount("Month before", r => r.Before),
        Column<CloseRow>.Amount("Difference", r => r.Total - r.Before),
        Column<CloseRow>.Amount("Funds", r => r.Total - r.Owed),
        Column<CloseRow>.Amount("PI owes", r => r.Owed),
    ], "There is nothing to bill in this month.")
    {
        Foot = Table.Foot("Total", 4, [.. ((Func<CloseRow, Money>[])
            [r => r.Total, r => r.Before, r => r.Total - r.Before, r => r.Total - r.Owed, r => r.Owed])
            .Select(of => Html.Of($"{Show.Of(Money.Sum(rows.Select(of)))}"))]),
    };

    private static Html Issue(
        HttpContext http, BillingMonth month, ClosePlan plan, Form form, ETag edition, Instant now) =>
        now < month.End
            ? Html.Of($"""<p class="empty">{Show.Of(month)} ends at {Show.Of(month.End)}; it can be closed then.</p>""")
            : Form.Post(http, "/finance/close", Html.Of($"""
                {Form.Hidden("month", month.ToString())}{Form.Hidden("seen", plan.Seen)}{edition.Hidden}
                {form.Choice("policies", "Rounding policies", [
                    (Policies.Corrected, "corrected"), (Policies.NercCompatible, "nerc-compatible")], plan.Policies)}
                {Html.Join(Acceptable(plan, form), accept =>
                    form.Box("accept", accept, $"I take upon myself: {accept}"))}
                {form.Input("confirm", "Confirm",
                    $"Type {month}. Invoices get their numbers and never change again.", longest: 20)}
                <p><button class="main">Close and issue</button></p>
                """));

    /// <summary>What stands in the way, accounts left out, and what was ticked: it stays to be ticked off.</summary>
    private static IEnumerable<string> Acceptable(ClosePlan plan, Form form) => plan.Checks
        .Where(check => check.Blocks || BillingHolds.IsRelease(check.Accept))
        .Select(check => check.Accept)
        .Concat(form.All("accept"))
        .Distinct();
}
