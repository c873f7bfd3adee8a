using Exchange.Journal;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Pages;

/// <summary>GET /sheet — any price sheet as it was published: prices are for everyone to compare.</summary>
public sealed partial class SheetPage
{
    /// <summary>A price sheet, and as much of its text as the reader may see.</summary>
    public sealed record Published(PublishedSheet Sheet, ITable Prices, string Yaml);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/sheet", Get)
        .RequireAuthorization(Permissions.BeSignedIn).ExcludeFromDescription();

    public static string Href(string id) => $"/sheet?id={Uri.EscapeDataString(id)}";

    private static async Task<IResult> Get(HttpContext http, IJournal journal, string id, CancellationToken ct) =>
        (await LoadPriceBooks.Run(journal, ct)).Sheet(id) is not { } sheet
            ? new NotThere()
            : Page.Of<SheetPage, Published>(http, sheet.Id, new(
                sheet, Prices(sheet.Sheet), IsParty(http, sheet) ? sheet.Yaml : SharedSheet.Of(sheet)));

    /// <summary>Agreements with single customers and suppliers are for their landlord and finance alone.</summary>
    private static bool IsParty(HttpContext http, PublishedSheet sheet) =>
        Viewer.Needed(http).Role == Role.Finance || Viewer.Needed(http).Landlord == sheet.Sheet.Landlord;

    private static TableOf<Sku> Prices(PriceSheet sheet) => new("Prices", sheet.Skus,
    [
        Column<Sku>.Words("SKU", s => s.Id.Value),
        Column<Sku>.Number("Price", s => $"${Exchange.Text.Of(s.Rate)}"),
        Column<Sku>.Words("Each", s => s.Unit.Name),
    ], "The sheet names no SKU.");
}
