using Exchange.Market.Offers;
using Exchange.Rating;

namespace Exchange.Portal.Names;

/// <summary>The catalogue as whoever asks may see it.</summary>
internal static class CatalogFor
{
    public static async Task<IReadOnlyList<CatalogItem>> All(
        Composition exchange, CatalogViewer viewer, CancellationToken ct)
    {
        var books = await exchange.Prices.Get(ct);
        var offers = new Dictionary<LandlordId, LandlordOffers>();
        foreach (var landlord in books.List().Select(sheet => sheet.Sheet.Landlord).Distinct())
        {
            offers[landlord] = await exchange.Kept.State(LandlordOffers.Fold, landlord, ct);
        }

        return Catalog.Of(books, landlord => offers[landlord], viewer, exchange.Clock.GetCurrentInstant());
    }

    /// <summary>A PI sees what is for their projects and institution; a landlord all of its own; finance all.</summary>
    public static Task<CatalogViewer> Viewer(HttpContext http, Composition exchange, CancellationToken ct) =>
        Viewer(Web.Access.Viewer.Needed(http), exchange, ct);

    public static async Task<CatalogViewer> Viewer(
        Web.Access.Viewer viewer, Composition exchange, CancellationToken ct)
    {
        if (viewer.Pi is not { } pi)
        {
            return new(viewer.Landlord, viewer.Sees == "money", [], null);
        }

        var directory = await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var now = exchange.Clock.GetCurrentInstant();
        var mine = directory.Facts.Keys.Where(
            of => directory.At(of.Cluster, of.Project, now)?.Pi is { } owner && directory.PiOf(owner) == pi);
        return new(
            null, false, mine.Select(of => of.Project).ToHashSet(), exchange.Institutions.OfAddress(pi.Value)?.Name);
    }
}
