using Exchange.Invoicing.Reading;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /finance/receivables — every invoice that is still to be paid, whoever owes it, by how long ago it was due.
/// </summary>
internal static class ReceivablesPage
{
    public const string Path = "/finance/receivables";

    public static void Map(IEndpointRouteBuilder app) => app.MapGet(Path, Get)
        .RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();

    /// <summary>What is open in all, as finance's first page says it.</summary>
    public static IReadOnlyList<Html> Cards(IReadOnlyList<Receivable> all, LocalDate today)
    {
        var late = all.Where(one => one.DaysPastDue(today) > 0).ToList();
        return
        [
            Card.Of("Accounts receivable", Show.Of(Sum(all)), Html.Of($"""
                <a href="{Path}">{Show.Of((long)all.Count)} open invoices</a> of PIs, institutions and payers
                """)),
            Card.Of("Past due", Show.Of(Sum(late)),
                Html.Of($"{Show.Of((long)late.Count)} invoices, as of {Show.Date(today)}")),
        ];
    }

    private static async Task<IResult> Get(HttpContext http, View view, IClock clock, CancellationToken ct)
    {
        var today = clock.GetCurrentInstant().InUtc().Date;
        var all = await Receivables.Run(await view.Connection(ct), ct);
        var listing = List(all, today);
        return listing.IsAskedFor(http) ? listing.Csv(http) : Layout.Page(http, "Accounts receivable", Html.Of($"""
            <p class="crumbs"><a href="/finance">Billing periods</a></p>
            {Card.Row(
                Card.Of("Balance due", Show.Of(Sum(all)), Html.Of($"{Show.Of((long)all.Count)} invoices")),
                Age("Not due yet", all, today, 0, 0), Age("1 to 30 days past due", all, today, 1, 30),
                Age("31 to 60 days", all, today, 31, 60), Age("61 to 90 days", all, today, 61, 90),
                Age("Over 90 days", all, today, 91, int.MaxValue))}
            {listing.Of(http)}
            """));
    }

    private static Html Age(string label, IReadOnlyList<Receivable> all, LocalDate today, int from, int to) =>
        Card.Of(label, Show.Of(Sum(all.Where(one => one.DaysPastDue(today) >= from && one.DaysPastDue(today) <= to))));

    private static Money Sum(IEnumerable<Receivable> some) => Money.Sum(some.Select(one => one.BalanceDue));

    private static Listing<Receivable> List(IReadOnlyList<Receivable> all, LocalDate today) => new(
        "receivables", "Open invoices, the longest due first", all,
        [
            Column<Receivable>.Link("Number", r => r.Number, r => r.Kind == "pi"
                ? InvoiceRows.Href(r.Number) : PartiesPage.Href(r.Number)),
            Column<Receivable>.Words("Bill to", r => r.Account),
            Column<Receivable>.Words("Kind", r => r.Kind == "pi" ? "PI" : r.Kind),
            Column<Receivable>.Month("Month", r => r.Month),
            InvoiceRows.Status<Receivable>(r => r.DaysPastDue(today) > 0 ? PaymentStatus.PastDue : PaymentStatus.Open),
            Column<Receivable>.Day("Due", r => r.Due),
            Column<Receivable>.Number("Days past due", r => (decimal)r.DaysPastDue(today)),
            Column<Receivable>.Amount("Owed", r => r.Owed),
            Column<Receivable>.Amount("Paid", r => r.Paid),
            Column<Receivable>.Amount("Credited", r => r.Credited),
            Column<Receivable>.Amount("Balance due", r => r.BalanceDue),
        ], "Nothing is to be paid. Invoices appear here when a month is closed.");
}
