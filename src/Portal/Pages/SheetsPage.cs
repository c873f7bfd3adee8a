using Exchange.Journal;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /landlord/sheets — the price sheets of a landlord, those to come first.</summary>
public sealed partial class SheetsPage
{
    public const string Path = "/landlord/sheets";

    /// <summary>The price sheets of a landlord.</summary>
    public sealed record Sheets(IListing All);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet(Path, Get)
        .RequireAuthorization(Permissions.SeeSales).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, IJournal journal, IClock clock, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var landlord = Viewer.Needed(http).Landlord!.Value;
        var rows = (await LoadPriceBooks.Run(journal, ct)).List().Select(PublishedRow.Of)
            .Where(row => row.Landlord == landlord).OrderByDescending(row => row.From).ToList();
        var listing = new Listing<PublishedRow>("sheets", "Price sheets", rows,
        [
            Column<PublishedRow>.Link("Sheet", r => r.Sheet, r => SheetPage.Href(r.Sheet)),
            Column<PublishedRow>.Words("Service", r => r.Service),
            Column<PublishedRow>.Time("From", r => r.From),
            Column<PublishedRow>.Time("Until", r => r.Until),
            Column<PublishedRow>.Number("SKUs", r => (decimal)r.Skus),
            Column<PublishedRow>.Time("Published", r => r.PublishedAt) with { IsExtra = true },
            Column<PublishedRow>.Words("By", r => r.PublishedBy) with { IsExtra = true },
            new("Actions", r => Acts(r.Sheet, mayWithdraw: r.From > now)),
        ], "No sheet is published yet.")
        {
            Act = new("Validate and publish a sheet", NewSheetPage.Path),
        };
        return listing.Answer(http) ?? Page.Of<SheetsPage, Sheets>(http, "Price sheets", new(listing));
    }

    /// <summary>Every book of the landlord: a sheet is looked at beside the others.</summary>
    internal static async Task<IReadOnlyList<string>> Streams(
        HttpContext http, Composition exchange, CancellationToken ct) =>
        [.. (await LoadPriceBooks.Run(exchange.Journal, ct)).Books.Keys
            .Where(book => book.StartsWith($"{Viewer.Needed(http).Landlord}/", StringComparison.Ordinal))
            .Select(book => PriceBook.Fold.StreamOf(book))];
}
