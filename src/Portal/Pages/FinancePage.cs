using Exchange.Facts;
using Exchange.Invoicing.Profiles;
using Exchange.Invoicing.Reading;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using NodaTime;
using ClosedMonths = Exchange.Invoicing.Kept.Months;

namespace Exchange.Portal.Pages;

/// <summary>GET /finance — every month: what it came to, whether it is closed, and what is still to be paid.</summary>
public sealed partial class FinancePage
{
    /// <summary>What all months come to, and which of them is to be closed.</summary>
    public sealed record Periods(BillingMonth? Due, Money Billed, long Invoices, Money Owed)
    {
        public required ReceivableSums Receivable { get; init; }

        public required LocalDate Today { get; init; }

        /// <summary>What was billed in the last months; null before the first close.</summary>
        public Plot? ByMonth { get; init; }

        /// <summary>The first month that is not closed for good; null where months never are.</summary>
        public BillingMonth? Soft { get; init; }

        public required IListing Months { get; init; }
    }

    /// <summary>A month as finance sees it.</summary>
    private sealed record FinanceRow(
        BillingMonth Month, MonthSpend.Rated? Rated, BilledMonth? Billed,
        Invoicing.Kept.MonthEvent.Closed? Closed, bool IsOver, bool IsForGood)
    {
        public string Status => Closed is not null
            ? IsForGood ? "closed for good" : "closed"
            : IsOver ? "to close" : "open";

        public Money Total => Closed?.Total ?? Rated?.Amount ?? Money.Zero;
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/finance", Get)
        .RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, IClock clock, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var rated = await MonthSpend.Months(view, ct);
        var billed = await BilledMonths.Run(await view.Connection(ct), ct);
        var months = await exchange.Kept.State(ClosedMonths.Fold, ClosedMonths.Id, ct);
        var closed = months.Closed;
        var soft = Invoicing.Kept.Horizon.First(months, BillingProfiles.Of(
            await exchange.Kept.State(DatedFacts.Fold, DatedFacts.Id, ct)), now);
        var today = now.InUtc().Date;
        var rows = rated.Select(r => r.Month).Concat(billed.Select(b => b.Month)).Concat(closed.Keys).Distinct()
            .OrderDescending().Select(month => new FinanceRow(
                month, rated.FirstOrDefault(r => r.Month == month), billed.FirstOrDefault(b => b.Month == month),
                closed.GetValueOrDefault(month), month.End <= now, month < soft)).ToList();
        var listing = List(rows);
        return listing.Answer(http) ?? Page.Of<FinancePage, Periods>(http, "Billing periods", new(
            rows.LastOrDefault(row => row.Status == "to close")?.Month, Money.Sum(billed.Select(b => b.Total)),
            billed.Sum(b => (long)b.Issued), Money.Sum(billed.Select(b => b.Owed)))
        {
            Receivable = await Receivables.Sums(await view.Connection(ct), today, ct),
            Today = today,
            ByMonth = Billed([.. billed.OrderBy(b => b.Month).TakeLast(12)]),
            Soft = soft,
            Months = listing,
        });
    }

    private static Plot? Billed(IReadOnlyList<BilledMonth> months) => months.Count == 0 ? null : new(
        "billed", "Billed by month", "Month", [.. months.Select(b => Show.Of(b.Month))],
        [
            Series.Of("Billed to PIs", months.Select(b => b.Owed)),
            Series.Of("Paid by funds", months.Select(b => b.Total - b.Owed)),
        ]);

    private static Listing<FinanceRow> List(IReadOnlyList<FinanceRow> rows) => new("months", "Billing periods", rows,
    [
        Column<FinanceRow>.Month("Month", r => r.Month, Href),
        new("Status", r => Cell.Tag(r.Status, r.Closed is not null ? "good" : r.Status == "open" ? "" : "warn"),
            Plain: r => r.Status, Key: r => r.Status),
        Column<FinanceRow>.Amount("Charges", r => r.Total),
        Column<FinanceRow>.Number("Line items", r => r.Rated?.Charges ?? 0),
        new("Unpriced",
            r => r.Rated is { Unpriced: > 0 and var n } ? Cell.Tag(Show.Of(n), good: false) : Cell.Words("0"),
            IsNumber: true, r => $"{r.Rated?.Unpriced ?? 0}", r => r.Rated?.Unpriced ?? 0),
        Column<FinanceRow>.Number("Invoices", r => r.Billed?.Issued ?? 0),
        Column<FinanceRow>.Amount("Billed to PIs", r => r.Billed?.Owed ?? Money.Zero),
        Column<FinanceRow>.Amount("PIs' balance due", r => r.Billed?.Open ?? Money.Zero),
        Column<FinanceRow>.Time("As of", r => r.Closed?.At ?? r.Rated?.At),
        Column<FinanceRow>.Words("Closed by", r => r.Closed?.By ?? ""),
    ], "No month has charges yet. Usage comes in by 'exchange ingest' or over HTTP.");

    private static string Href(FinanceRow row) =>
        row.Closed is null ? $"/finance/close?month={row.Month}" : $"/finance/month?month={row.Month}";
}
