using Exchange.Invoicing.Reading;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /finance/receivables — every invoice that is still to be paid, whoever owes it, by how long ago it was due.
/// </summary>
public sealed partial class ReceivablesPage
{
    public const string Path = "/finance/receivables";

    /// <summary>What is still to be paid, by how long ago it was due.</summary>
    public sealed record Open(
        LocalDate Today, Money BalanceDue, int Count, IReadOnlyList<Age> Ages, IListing Invoices);

    /// <summary>What was due so long ago.</summary>
    public sealed record Age(string Label, Money Amount);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet(Path, Get)
        .RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();

    private static async Task<IResult> Get(HttpContext http, View view, IClock clock, CancellationToken ct)
    {
        var today = clock.GetCurrentInstant().InUtc().Date;
        var all = await Receivables.Run(await view.Connection(ct), ct);
        var listing = List(all, today);
        return listing.Answer(http) ?? Page.Of<ReceivablesPage, Open>(http, "Accounts receivable", new(
            today, Sum(all), all.Count,
            [
                Of("Not due yet", 0, 0), Of("1 to 30 days past due", 1, 30), Of("31 to 60 days", 31, 60),
                Of("61 to 90 days", 61, 90), Of("Over 90 days", 91, int.MaxValue),
            ], listing));

        Age Of(string label, int from, int to) => new(
            label, Sum(all.Where(one => one.DaysPastDue(today) >= from && one.DaysPastDue(today) <= to)));
    }

    private static Money Sum(IEnumerable<Receivable> some) => Money.Sum(some.Select(one => one.BalanceDue));

    private static Listing<Receivable> List(IReadOnlyList<Receivable> all, LocalDate today) => new(
        "receivables", "Open invoices, the longest due first", all,
        [
            Column<Receivable>.Link("Number", r => r.Number, r => r.Kind == "pi"
                ? InvoiceRows.Href(r.Number) : PartiesPage.Href(r.Number)),
            Column<Receivable>.Words("Bill to", r => r.Account),
            Column<Receivable>.Words("Kind", r => r.Kind == "pi" ? "PI" : r.Kind) with { IsExtra = true },
            Column<Receivable>.Month("Month", r => r.Month),
            InvoiceRows.Status<Receivable>(r => r.DaysPastDue(today) > 0 ? PaymentStatus.PastDue : PaymentStatus.Open),
            Column<Receivable>.Day("Due", r => r.Due),
            Column<Receivable>.Number("Days past due", r => (decimal)r.DaysPastDue(today)),
            Column<Receivable>.Amount("Owed", r => r.Owed),
            Column<Receivable>.Amount("Paid", r => r.Paid),
            Column<Receivable>.Amount("Credited", r => r.Credited) with { IsExtra = true },
            Column<Receivable>.Amount("Balance due", r => r.BalanceDue),
        ], "Nothing is to be paid. Invoices appear here when a month is closed.");
}
