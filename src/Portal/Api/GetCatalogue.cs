using Exchange.Market.Offers;
using Exchange.Portal.Names;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Api;

/// <summary>
/// GET /v1/catalogue — what is offered; /v1/catalogue/check — whether a project may have it, as allocation portals and
/// schedulers ask.
/// </summary>
internal static class GetCatalogue
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/catalogue", List).Reads<PageOf<CatalogItem>>(
            "GetCatalogue", "Every SKU that is offered, with price, terms and public prices.",
            Permissions.ReadOfInstitution);
        app.MapGet("/v1/catalogue/check", Check).Reads<Availability>(
            "CheckOffer", "Whether a project may have a SKU, and why not.", Permissions.ReadOfInstitution);
    }

    private static async Task<IResult> List(
        HttpContext http, Composition exchange, LandlordId? landlord, string? search, string? cursor, int? limit)
    {
        var ct = http.RequestAborted;
        var items = await CatalogFor.All(exchange, await CatalogFor.Viewer(http, exchange, ct), ct);
        return new Tagged(PageOf<CatalogItem>.Cut(
            items.Where(item => (landlord ?? item.Landlord) == item.Landlord && OffersFor.Finds(item, search))
                .DistinctBy(item => item.Id), cursor, limit, item => item.Id));
    }

    private static async Task<IResult> Check(
        HttpContext http, Composition exchange, LandlordId landlord, string service, SkuId sku, ProjectId project)
    {
        if (LandlordScope.Of(http, landlord) is null || !await MayAsk(http, exchange, project))
        {
            return new LandlordScope.Refused();
        }

        return new Tagged(await OffersFor.MayHave(
            exchange, landlord, new(service, sku), (null, project), 1, http.RequestAborted));
    }

    /// <summary>An institution asks for projects of its own people.</summary>
    private static async Task<bool> MayAsk(HttpContext http, Composition exchange, ProjectId project) =>
        Viewer.Needed(http).Institution is not { } institution || (await ListProjects.Run(
            exchange.Journal, exchange.Institutions, exchange.Clock.GetCurrentInstant(), http.RequestAborted))
            .Any(row => row.Project == project && row.Institution == institution);
}
