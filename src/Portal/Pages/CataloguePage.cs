using Exchange.Market.Offers;
using Exchange.Portal.Names;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /catalogue — what is offered to who looks; /catalogue/compare — some of it side by side.</summary>
public sealed partial class CataloguePage
{
    private const int MaxCompared = 6;

    /// <summary>What is offered at list prices of an instant, of which landlords, and how to compare the first of it.
    /// </summary>
    public sealed record Offered(Instant Now, IReadOnlyList<string> Landlords, IListing Offers)
    {
        /// <summary>How many are compared; less than two are not.</summary>
        public required int Compared { get; init; }

        public required string CompareHref { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/catalogue", Get).RequireAuthorization(Permissions.AskForQuotes).ExcludeFromDescription();
        app.MapGet("/catalogue/compare", Compare).RequireAuthorization(Permissions.AskForQuotes)
            .ExcludeFromDescription();
    }

    private static async Task<IResult> Get(
        HttpContext http, Composition exchange, string? search, string? landlord, CancellationToken ct)
    {
        var all = await CatalogFor.All(exchange, await CatalogFor.Viewer(http, exchange, ct), ct);
        var wanted = string.IsNullOrWhiteSpace(landlord) ? null : landlord;
        var items = all.Where(item => (wanted ?? item.Landlord.Value) == item.Landlord.Value &&
            OffersFor.Finds(item, search)).ToList();
        var listing = new Listing<CatalogItem>("offers", "Offers at list prices", items, Columns(http),
            "Nothing is offered that matches. Widen the search.");
        if (listing.Answer(http) is { } file)
        {
            return file;
        }

        var form = new Form(http.Request.Query.ToDictionary(q => q.Key, q => q.Value, StringComparer.Ordinal));
        var compared = items.Take(MaxCompared).Select(item => $"offer={Uri.EscapeDataString(item.Id)}").ToList();
        return Page.Of<CataloguePage, Offered>(http, "Catalog", new(
            exchange.Clock.GetCurrentInstant(), [.. all.Select(item => item.Landlord.Value).Distinct()], listing)
        {
            Compared = compared.Count,
            CompareHref = $"/catalogue/compare?{string.Join('&', compared)}",
        }, form);
    }

    private static List<Column<CatalogItem>> Columns(HttpContext http)
    {
        var own = Viewer.Needed(http).Landlord;
        return
        [
            own is null
                ? Column<CatalogItem>.Words("SKU", item => item.Sku.Value)
                : Column<CatalogItem>.Link("SKU", item => item.Sku.Value, item => item.Landlord == own
                    ? OfferPage.Href(item.Name)
                    : $"/catalogue/compare?offer={Uri.EscapeDataString(item.Id)}"),
            Column<CatalogItem>.Words("Landlord", item => item.Landlord.Value),
            Column<CatalogItem>.Words("Service", item => item.Service),
            Column<CatalogItem>.Words("Kinds", item => string.Join(", ", item.Kinds)) with { IsExtra = true },
            Column<CatalogItem>.Rate("List price", item => item.Rate.Amount),
            Column<CatalogItem>.Words("Per", item => $"{item.Rate.Per}"),
            Column<CatalogItem>.Words("Pricing", item => item.Model) with { IsExtra = true },
            Column<CatalogItem>.Words("% of public price", Shares),
            Column<CatalogItem>.Words("Terms", Terms),
            Column<CatalogItem>.Words("Status", item => item.State),
        ];
    }

    private static async Task<IResult> Compare(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var asked = http.Request.Query["offer"].OfType<string>().Take(MaxCompared).ToList();
        var items = (await CatalogFor.All(exchange, await CatalogFor.Viewer(http, exchange, ct), ct))
            .Where(item => asked.Contains(item.Id)).DistinctBy(item => item.Id).ToList();
        (string What, Func<CatalogItem, string> Of)[] rows =
        [
            ("Landlord", item => item.Landlord.Value), ("Service", item => item.Service),
            ("Clusters", item => string.Join(", ", item.Clusters)), ("Kinds", item => string.Join(", ", item.Kinds)),
            ("List price", item => $"{Show.Rate(item.Rate.Amount)} per {item.Rate.Per}"),
            ("Pricing", item => item.Model), ("% of public price", Beside), ("Terms", Terms),
            ("Service level", item => item.Terms.ServiceLevel ?? "none published"), ("Status", item => item.State),
            ("Price sheet", item => item.Sheet),
        ];
        return Page.Of<ComparedOffers, ITable>(
            http, "Compare offers", new TableOf<(string What, Func<CatalogItem, string> Of)>(
                "Offers side by side", items.Count == 0 ? [] : rows,
                [
                    Column<(string What, Func<CatalogItem, string> Of)>.Words("Term", row => row.What),
                    .. items.Select(item => Column<(string What, Func<CatalogItem, string> Of)>.Words(
                        item.Sku.Value, row => row.Of(item))),
                ], "No offer was chosen. Choose some in the catalog."));
    }

    private static string Shares(CatalogItem item) => item.Public.Count == 0
        ? "not comparable"
        : string.Join(", ", item.Public.Select(one => $"{one.Provider} {Exchange.Text.Of(one.Share * 100)} %"));

    private static string Beside(CatalogItem item) => item.Public.Count == 0
        ? "not comparable"
        : string.Join("; ", item.Public.Select(one =>
            $"{Exchange.Text.Of(one.Share * 100)} % of {one.Provider}{(one.IsKept ? "" : " (more than a half)")}"));

    private static string Terms(CatalogItem item) => string.Join("; ", new[]
    {
        item.IsLimited ? "for some customers" : null,
        item.Terms.NeedsApproval ? "landlord approves" : null,
        item.Terms.NoticeDays > 0 ? $"{item.Terms.NoticeDays} days' notice" : null,
        item.Terms.Capacity is { } units ? $"{Exchange.Text.Of(units)} at a time" : null,
        item.Because,
    }.OfType<string>());
}
