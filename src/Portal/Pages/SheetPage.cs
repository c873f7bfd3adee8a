using Exchange.Portal.Names;
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

    private static async Task<IResult> Get(HttpContext http, Composition exchange, string id, CancellationToken ct)
    {
        var books = await exchange.Prices.Get(ct);
        if (books.Sheet(id) is not { } sheet)
        {
            return new NotThere();
        }

        if (IsParty(http, sheet))
        {
            return Page.Of<SheetPage, Published>(
                http, $"Price sheet {sheet.Id}", new(sheet, Prices(sheet.Sheet.Skus), sheet.Yaml));
        }

        var sees = OffersFor.Sees(
            await CatalogFor.Viewer(http, exchange, ct), await CatalogFor.Offers(exchange, books, ct), sheet.Sheet);
        return Page.Of<SheetPage, Published>(http, $"Price sheet {sheet.Id}", new(
            sheet, Prices([.. sheet.Sheet.Skus.Where(sku => sees(sku.Id))]), SharedSheet.Of(sheet, sees)));
    }

    /// <summary>Agreements with single customers and suppliers are for their landlord and finance alone.</summary>
    private static bool IsParty(HttpContext http, PublishedSheet sheet) =>
        Viewer.Needed(http).Role == Role.Finance || Viewer.Needed(http).Landlord == sheet.Sheet.Landlord;

    private static TableOf<Sku> Prices(IReadOnlyList<Sku> skus) => new("Prices", skus,
    [
        Column<Sku>.Words("SKU", s => s.Id.Value),
        Column<Sku>.Rate("Price", s => s.Rate),
        Column<Sku>.Words("Each", s => s.Unit.Name),
    ], "The sheet names no SKU.");
}
