using System.Collections.Immutable;
using System.Text.Json;

namespace Exchange.Rating;

/// <summary>
/// What decides beside usage what pages add to a month: sheets and outages, each with its landlord and cluster, and
/// projects that are divided. What differs between two of them names the pages that are rated again.
/// </summary>
internal sealed record MonthBasis(ImmutableSortedSet<string> Prices, ImmutableSortedSet<string> Owners)
{
    private const char Mark = '\n';

    /// <summary>Another build of this module may rate otherwise.</summary>
    private static readonly string Build = $"{typeof(Rater).Module.ModuleVersionId}";

    public static MonthBasis Of(PriceBooks books, Attribution owners, RateRequest request) => new(
        [.. Sheets(books, request).Concat(Behind(books, request)).Concat(Outages(books, request))
            .Concat(Agreed(books, request)).Concat(Standing(books, request))
            .Append($"{Mark}{Mark}{Build}")],
        [.. owners.Divided(request.Period).Select(one => $"{one.Cluster}{Mark}{one.Project}{Mark}{one.How}")]);

    /// <summary>
    /// What was written of a month; nothing where somebody changed it to what nobody writes, so that all is rated
    /// again.
    /// </summary>
    public static MonthBasis Kept(string[] prices, string[] owners) =>
        prices.Concat(owners).All(one => one.Count(letter => letter == Mark) >= 2)
            ? new([.. prices], [.. owners])
            : new([], []);

    /// <summary>Landlords and clusters of which something is priced otherwise; null for all of a landlord.</summary>
    public IEnumerable<(LandlordId Landlord, ClusterId? Cluster)> Repriced(MonthBasis before) =>
        Prices.SymmetricExcept(before.Prices).Select(one => one.Split(Mark)).Where(one => one[0].Length > 0)
            .Select(one => (new LandlordId(one[0]), one[1].Length > 0 ? new ClusterId(one[1]) : (ClusterId?)null))
            .Distinct();

    /// <summary>The projects that are divided otherwise; of a part of a project its whole too.</summary>
    public IEnumerable<ProjectId> Moved(MonthBasis before) =>
        Owners.SymmetricExcept(before.Owners).Select(one => one.Split(Mark)[1])
            .SelectMany(project => new[] { project, project.Split(':')[0] }).Distinct(StringComparer.Ordinal)
            .Select(project => new ProjectId(project));

    /// <summary>Whether the same rules made it.</summary>
    public bool IsOfThisBuild => Prices.Contains($"{Mark}{Mark}{Build}");

    private static IEnumerable<string> Sheets(PriceBooks books, RateRequest request) =>
        from sheet in InForce(books, request)
        from cluster in sheet.Sheet.Clusters
        select $"{sheet.Sheet.Landlord}{Mark}{cluster}{Mark}{sheet.Published.Id} {sheet.Published.Sha256} " +
            $"{sheet.Period.Clip(request.Month.Period)}";

    /// <summary>Which meters of a landlord somebody else's sheet sells.</summary>
    private static IEnumerable<string> Behind(PriceBooks books, RateRequest request) =>
        from sheet in InForce(books, request).Select(one => one.Sheet).Concat(books.Locked(request.Period))
        from sku in sheet.Skus
        from behind in sku.Wholesale?.Behind ?? []
        select $"{behind.Landlord}{Mark}{Mark}{behind.Meter}";

    private static IEnumerable<string> Outages(PriceBooks books, RateRequest request) =>
        from outage in books.Outages
        where outage.From < request.Month.End && !(outage.Until <= request.Month.Start)
        from cluster in outage.Clusters
        let until = request.Policies == Policies.Corrected ? "" : $" {request.Period.End}" // A last day may be billed.
        select $"{outage.Landlord}{Mark}{cluster}{Mark}{JsonSerializer.Serialize(outage, Text.Json)}{until}";

    private static IEnumerable<string> Agreed(PriceBooks books, RateRequest request) =>
        from agreed in books.Agreements.Locks
        where agreed.Period.Overlaps(request.Month.Period)
        select $"{agreed.Landlord}{Mark}{agreed.Cluster}{Mark}{agreed.Terms}";

    private static IEnumerable<string> Standing(PriceBooks books, RateRequest request) =>
        from agreed in books.Agreements.Standing
        where agreed.Period.Overlaps(request.Month.Period)
        select $"{agreed.Landlord}{Mark}{agreed.Cluster}{Mark}{agreed.Terms}";

    private static IEnumerable<SheetInForce> InForce(PriceBooks books, RateRequest request) =>
        books.List().Where(sheet => sheet.Period.Clip(request.Period) is not null);
}
