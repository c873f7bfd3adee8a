using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Reading;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /finance/close — what closing a month would issue, what stands in the way, and, once finance has typed the month to
/// confirm it, the close itself.
/// </summary>
public sealed partial class ClosePage
{
    /// <summary>Why a month cannot be closed at all.</summary>
    public sealed record Refused(string Sentence);

    /// <summary>What closing a month would issue, and what stands in the way.</summary>
    /// <param name="Own">What the month's own usage comes to, without adjustments.</param>
    public sealed record Preview(ClosePlan Plan, Money Own, IListing Drafts, IListing Settlements)
    {
        /// <summary>Which of the steps of a close is next.</summary>
        public required int Step { get; init; }

        public required bool IsOver { get; init; }

        /// <summary>What landlords would be paid.</summary>
        public required Money Payable { get; init; }

        /// <summary>The same against the month before; null as of what is billed.</summary>
        public Delta? PayableDelta { get; init; }

        /// <summary>Against the month before; null where that is not closed, or this one not over.</summary>
        public Delta? Delta { get; init; }

        public Money Adjustments => Plan.Total - Own;

        public long Invoices => Plan.Drafts.LongCount(draft => draft.Pi is not null);

        /// <summary>What PIs would owe after funds.</summary>
        public Money Owed => Money.Sum(Plan.Drafts.Where(draft => draft.Pi is not null)
            .SelectMany(draft => draft.Lines).Select(line => line.PiBalance));

        /// <summary>What finance may take upon itself.</summary>
        public required IReadOnlyList<string> Acceptable { get; init; }

        public required string Edition { get; init; }
    }

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
            return Page.Of<CloseRefused, Refused>(
                http, $"Close {Show.Of(month)}", new(e.Refusal.Message),
                status: form.IsRight ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);
        }

        if (outcome.Plan is not { } plan)
        {
            return Results.Redirect($"/finance/month?month={month}");
        }

        var rows = Rows(plan, await InvoiceList.Run(await view.Connection(ct), new(month.Previous, Limit: 20_000), ct));
        var drafts = List(rows);
        List<SettlementRow> payouts = [.. plan.Settlements.Select(Settlement)];
        var (settlements, payable) = (MonthPage.Settlements(payouts), Money.Sum(payouts.Select(row => row.Payable)));
        var edition = await ETag.Of(exchange, [Closed], ct);
        var isOver = clock.GetCurrentInstant() >= month.End;
        var (billed, paid) = isOver ? await Before(view, exchange, month, rows, ct) : default;
        return drafts.Answer(http) ?? settlements.Answer(http) ?? Page.Of<ClosePage, Preview>(
            http, $"Close {Show.Of(month)}", new(plan, Own(plan), drafts, settlements)
            {
                IsOver = isOver,
                Step = Step(plan, form, isOver),
                Delta = Delta.Of(plan.Total, billed, Show.Of(month.Previous)),
                Payable = payable,
                PayableDelta = Delta.Of(payable, paid, Show.Of(month.Previous)),
                Acceptable = [.. Acceptable(plan, form)],
                Edition = edition.Version,
            }, form);
    }

    private static Money Own(ClosePlan plan) => Money.Sum(plan.Drafts.SelectMany(draft => draft.Lines)
        .Where(line => line.Adjusts is null).Select(line => line.Amount));

    private static int Step(ClosePlan plan, Form form, bool isOver) =>
        plan.Checks.Any(check => check.Stops(Accepted(form))) ? CloseSteps.Check
        : form.IsRight || !isOver ? CloseSteps.Preview : CloseSteps.Commit;

    /// <summary>The month before, billed (as the table of drafts has it) and paid out; null if not closed.</summary>
    private static async Task<(Money? Billed, Money? Paid)> Before(
        View view, Composition exchange, BillingMonth month, IReadOnlyList<CloseRow> rows, CancellationToken ct)
    {
        var months = await exchange.Kept.State(Invoicing.Kept.Months.Fold, Invoicing.Kept.Months.Id, ct);
        if (!months.Closed.ContainsKey(month.Previous))
        {
            return default;
        }

        var settled = await SettlementList.Run(await view.Connection(ct), new(month.Previous, Limit: 20_000), ct);
        return (Money.Sum(rows.Select(row => row.Before)), Money.Sum(settled.Select(row => row.Payable)));
    }

    private static SettlementRow Settlement(SettlementEvent.Drawn of) => new(
        of.Landlord, of.Month, of.Gross, of.Share, Money.Sum(of.Hardware.Select(due => due.Amount)),
        of.Lines.Length, of.At)
    {
        Transfers = Money.Sum(of.Transfers.Select(transfer => transfer.Amount)),
    };

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

    private static Listing<CloseRow> List(IReadOnlyList<CloseRow> rows) => new("drafts", "Drafts", rows,
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
            .Select(of => Money.Sum(rows.Select(of)))]),
    };

    /// <summary>What stands in the way, accounts left out, and what was ticked: it stays to be ticked off.</summary>
    private static IEnumerable<string> Acceptable(ClosePlan plan, Form form) => plan.Checks
        .Where(check => check.Blocks || BillingHolds.IsRelease(check.Accept))
        .Select(check => check.Accept)
        .Concat(form.All("accept"))
        .Distinct();
}
