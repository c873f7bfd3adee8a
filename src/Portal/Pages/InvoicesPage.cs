using Exchange.Invoicing.Reading;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>GET /invoices — a PI's own invoices, or everybody's for finance.</summary>
internal static class InvoicesPage
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/invoices", Get)
        .RequireAuthorization(Acts.SeeInvoices).ExcludeFromDescription();

    private static async Task<IResult> Get(HttpContext http, View view, BillingMonth? month, CancellationToken ct)
    {
        var own = Viewer.Needed(http).Pi;
        var rows = await InvoiceList.Run(await view.Connection(ct), new(month, own, Limit: 20_000), ct);
        var shown = rows.Where(row => row.Status != "draft")
            .OrderByDescending(row => row.Month).ThenBy(row => row.Number, StringComparer.Ordinal).ToList();
        var listing = InvoiceRows.List(shown, own is not null);
        return listing.IsAskedFor(http) ? listing.Csv(http) : Layout.Page(http, "Invoices", Html.Of($"""
            {Card.Row(
                Card.Of("Invoices", Show.Of((long)shown.Count)),
                Card.Of("To pay", Show.Of(
                    Money.Sum(shown.Where(r => r.Status == "issued").Select(r => r.Owed - r.Paid))),
                    Html.Of($"after funds")))}
            {listing.Of(http)}
            """));
    }
}

/// <summary>Invoices as rows of a table.</summary>
internal static class InvoiceRows
{
    /// <param name="isOwn">Whether the reader is the PI of them all.</param>
    public static Listing<InvoiceRow> List(IReadOnlyList<InvoiceRow> rows, bool isOwn) => new(
        "invoices", "Invoices", rows, [.. Columns(isOwn)],
        "There is no invoice yet. They come when finance closes a month.");

    public static string Href(string number) => $"/invoices/{Uri.EscapeDataString(number)}";

    private static IEnumerable<Column<InvoiceRow>> Columns(bool isOwn)
    {
        yield return new("Number", r => r.Number is { } number
            ? Html.Of($"""<a href="{Href(number)}">{number}</a>""")
            : Html.Of($"not issued"), Plain: r => r.Number, Key: r => r.Number);
        yield return new("Month", r => Html.Of($"{Show.Of(r.Month)}"), Plain: r => r.Month.ToString(),
            Key: r => r.Month.ToString());
        if (!isOwn)
        {
            yield return Column<InvoiceRow>.Words("Account", r => r.Account.Name);
            yield return Column<InvoiceRow>.Words("Institution", r => r.Institution);
        }

        yield return new("Status", r => Tag.Of(r.Status, r.Status switch
        {
            "paid" => "good",
            "void" => "bad",
            _ => "warn",
        }), Plain: r => r.Status, Key: r => r.Status);
        yield return Column<InvoiceRow>.Amount("Charges", r => r.Total);
        yield return Column<InvoiceRow>.Amount("Funds", r => r.Total - r.Owed);
        yield return Column<InvoiceRow>.Amount(isOwn ? "You owe" : "PI owes", r => r.Owed);
        yield return Column<InvoiceRow>.Amount("Paid", r => r.Paid);
        yield return new("Due", r => Html.Of($"{r.Due?.ToString("uuuu-MM-dd", null)}"),
            Plain: r => r.Due?.ToString("uuuu-MM-dd", null), Key: r => r.Due);
    }
}
