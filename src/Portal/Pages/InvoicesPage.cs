using Exchange.Invoicing.Reading;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /invoices — a PI's own invoices, or everybody's for finance.</summary>
public sealed partial class InvoicesPage
{
    /// <summary>Invoices, and what is to be paid of them.</summary>
    public sealed record Issued(int Count, Money BalanceDue, IListing Invoices);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/invoices", Get)
        .RequireAuthorization(Permissions.SeeInvoices).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, IClock clock, BillingMonth? month, CancellationToken ct)
    {
        var own = Viewer.Needed(http).Pi;
        var rows = await InvoiceList.Run(await view.Connection(ct), new(month, own, Limit: 20_000), ct);
        var shown = rows.Where(row => row.Status != "draft")
            .OrderByDescending(row => row.Month).ThenBy(row => row.Number, StringComparer.Ordinal).ToList();
        var listing = InvoiceRows.List(shown, own is not null, clock.GetCurrentInstant().InUtc().Date);
        return listing.Answer(http) ?? Page.Of<InvoicesPage, Issued>(
            http, "Invoices", new(shown.Count, Money.Sum(shown.Select(r => r.BalanceDue)), listing));
    }
}

/// <summary>Invoices as rows of a table.</summary>
internal static class InvoiceRows
{
    /// <param name="isOwn">Whether the reader is the PI of them all.</param>
    public static Listing<InvoiceRow> List(IReadOnlyList<InvoiceRow> rows, bool isOwn, LocalDate today) => new(
        "invoices", "Invoices", rows, [.. Columns(isOwn, today)],
        "There is no invoice yet. They come when finance closes a month.");

    /// <summary>What has become of an invoice, in the same words wherever it is shown.</summary>
    public static Column<T> Status<T>(Func<T, PaymentStatus> status) => new(
        "Status", r => Cell.Tag(status(r).Words(), Tone(status(r))), Plain: r => status(r).Words(),
        Key: r => status(r).Words());

    public static string Tone(PaymentStatus status) => status switch
    {
        PaymentStatus.Paid => "good",
        PaymentStatus.PastDue or PaymentStatus.Void => "bad",
        PaymentStatus.Open => "warn",
        PaymentStatus.BilledToInstitution => "",
    };

    public static string Href(string number) => $"/invoices/{Uri.EscapeDataString(number)}";

    private static IEnumerable<Column<InvoiceRow>> Columns(bool isOwn, LocalDate today)
    {
        yield return new("Number", r => r.Number is { } number
            ? Cell.Link(Href(number), number)
            : Cell.Words("not issued"), Plain: r => r.Number, Key: r => r.Number);
        yield return Column<InvoiceRow>.Month("Month", r => r.Month);
        if (!isOwn)
        {
            yield return Column<InvoiceRow>.Words("Account", r => r.Account.Name);
            yield return Column<InvoiceRow>.Words("Institution", r => r.Institution) with { IsExtra = true };
        }

        yield return Status<InvoiceRow>(r => r.StatusOn(today));
        yield return Column<InvoiceRow>.Amount("Charges", r => r.Total);
        yield return Column<InvoiceRow>.Amount("Funds", r => r.Total - r.Owed) with { IsExtra = !isOwn };
        yield return Column<InvoiceRow>.Amount(isOwn ? "Amount due" : "PI owes", r => r.Owed);
        yield return Column<InvoiceRow>.Amount("Paid", r => r.Paid);
        yield return Column<InvoiceRow>.Amount("Balance due", r => r.BalanceDue);
        yield return Column<InvoiceRow>.Day("Due", r => r.Due);
    }
}
