using Exchange.Market.Offers;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Names;

/// <summary>The catalogue as whoever asks may see it.</summary>
internal static class CatalogFor
{
    /// <summary>Whoever is shown all that is offered, to whomever.</summary>
    public static CatalogViewer Everything { get; } = new(null, SeesAll: true, [], null);

    public static async Task<IReadOnlyList<CatalogItem>> All(
        Composition exchange, CatalogViewer viewer, CancellationToken ct)
    {
        var books = await exchange.Prices.Get(ct);
        var offers = await Offers(exchange, books, ct);
        return Catalog.Of(books, landlord => offers[landlord], viewer, exchange.Clock.GetCurrentInstant());
    }

    /// <summary>On what terms each landlord offers what it sells.</summary>
    public static Task<IReadOnlyDictionary<LandlordId, LandlordOffers>> Offers(
        Composition exchange, PriceBooks books, CancellationToken ct) =>
        exchange.Offers.Of([.. books.List().Select(sheet => sheet.Sheet.Landlord).Distinct()], ct);

    /// <summary>A project sees what is for it, and for the institution of whoever answers for it anywhere.</summary>
    public static async Task<CatalogViewer> Project(
        Composition exchange, PriceBooks books, ProjectId project, Instant at, CancellationToken ct)
    {
        var owners = new Attribution(
            await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct), exchange.Institutions,
            exchange.Facts.Billability);
        return Project(owners, books, project, at);
    }

    /// <summary>The same, by who is known to answer for it.</summary>
    public static CatalogViewer Project(Attribution owners, PriceBooks books, ProjectId project, Instant at) => new(
        null, false, [project], books.List().SelectMany(sheet => sheet.Sheet.Clusters).Distinct()
            .Select(cluster => owners.Of(cluster, project, at).Institution).FirstOrDefault(one => one is not null));

    /// <summary>A PI sees what is for their projects and institution; a landlord all of its own; finance all.</summary>
    public static Task<CatalogViewer> Viewer(HttpContext http, Composition exchange, CancellationToken ct) =>
        Viewer(Web.Access.Viewer.Needed(http), exchange, ct);

    public static async Task<CatalogViewer> Viewer(
        Web.Access.Viewer viewer, Composition exchange, CancellationToken ct)
    {
        if (viewer.Pi is not { } pi)
        {
            return new(viewer.Landlord, viewer.Sees == "money", [], viewer.Institution);
        }

        var directory = await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var now = exchange.Clock.GetCurrentInstant();
        var mine = directory.Facts.Keys.Where(
            of => directory.At(of.Cluster, of.Project, now)?.Pi is { } owner && directory.PiOf(owner) == pi);
        return new(
            null, false, mine.Select(of => of.Project).ToHashSet(),
            new Attribution(directory, exchange.Institutions).InstitutionOf(pi, now));
    }
}
