using Exchange.Market.Offers;
using Exchange.Portal.Names;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>What the usage of a month would have cost at a place.</summary>
/// <param name="Difference">To what it came to; below nothing where it would have been less.</param>
/// <param name="Missing">Kinds of usage that are not sold there, which the cost leaves out.</param>
/// <param name="CostAfterFunds">What would have been left to pay; where the usage is one PI's.</param>
internal sealed record ElsewhereRow(
    LandlordId Landlord, ClusterId Cluster, Money Cost, Money Difference, IReadOnlyList<string> Missing,
    Money? CostAfterFunds);

/// <summary>What a month came to, and what it would have cost elsewhere.</summary>
/// <param name="Here">Before credits and subsidies; bills of other clouds are not in it.</param>
/// <param name="AsOf">Until when usage counts, at the prices of that month as they are published by now.</param>
/// <param name="HereAfterFunds">What of it is left to pay; where the usage is one PI's.</param>
internal sealed record ElsewhereAnswer(
    BillingMonth Month, Money Here, Instant AsOf, IReadOnlyList<ElsewhereRow> Places, Money? HereAfterFunds);

/// <summary>Prices what was used in a month at every other place: by one reader at a time, for it reads the month.
/// </summary>
internal static class ElsewhereFor
{
    private const string Reading = "exchange month elsewhere";

    /// <param name="pi">Whose projects; null for whoever reads about all of them.</param>
    /// <param name="project">Only this one.</param>
    /// <param name="viewer">Who asks: what is offered to others only costs nothing here; null for its project.</param>
    public static async Task<ElsewhereAnswer> Run(
        Composition exchange, BillingMonth month, PiId? pi, ProjectId? project, CatalogViewer? viewer,
        CancellationToken ct)
    {
        var owners = new Attribution(
            await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct), exchange.Institutions,
            exchange.Facts.Billability);
        var books = await exchange.Prices.Get(ct);
        var asOf = Instant.Min(exchange.Clock.GetCurrentInstant(), month.End);
        Func<ClusterId, ProjectId, bool>? only = pi is { } mine
            ? (cluster, of) => owners.Of(cluster, of, month.Start).Pi == mine // As it is billed: by who answered then.
            : null;
        var came = await Priced(
            exchange, new RateRequest(month) { Project = project, AsOf = asOf }, books, owners, only, ct);
        viewer ??= project is { } of ? CatalogFor.Project(owners, books, of, asOf) : CatalogFor.Everything;
        came = came with { There = OffersFor.Theirs(came.There, await OffersFor.Sees(exchange, books, viewer, ct)) };
        var after = pi is null && project is null ? null : await AfterFunds(exchange, came, ct);
        return new(
            month, came.Here, asOf,
            [
                .. came.There.Select((place, n) => new ElsewhereRow(
                    place.Landlord, place.Cluster, place.Total, place.Total - came.Here, place.Missing,
                    after?.There[n].Owed)),
            ], after?.Here.Owed);
    }

    /// <summary>By the rule of funds of the close; null where the usage is not one PI's.</summary>
    public static async Task<PricedElsewhereAfterFunds?> AfterFunds(
        Composition exchange, PricedElsewhere came, CancellationToken ct) =>
        await (await FundsOfPlans.Read(exchange, null, ct)).Of(came, ct);

    /// <summary>One reader at a time.</summary>
    private static async Task<PricedElsewhere> Priced(
        Composition exchange, RateRequest request, PriceBooks books, Attribution owners,
        Func<ClusterId, ProjectId, bool>? only, CancellationToken ct)
    {
        await using var alone = await exchange.Locks.Await(0, Reading, ct);
        return await MonthElsewhere.Run(
            exchange.Meter, books, owners, request, MonthElsewhere.Places(books, request.Month), ct, only);
    }
}
