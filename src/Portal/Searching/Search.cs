using Exchange.Portal.Costs;
using Exchange.Portal.Names;
using Exchange.Portal.Spend;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Searching;

/// <summary>
/// Looks for a text among what a reader may see: invoices, projects, PIs, resources, SKUs, data sources. Each kind is
/// looked up by an index or in memory and ends after a few, so that it costs the same whatever there is; what is not
/// the reader's is not found, as if it were not there.
/// </summary>
internal sealed class Search(Composition exchange, View view, Viewer viewer, Instant now)
{
    public const int MaxOfAKind = 10;

    /// <summary>How many more are looked at to see which of them the wall lets through.</summary>
    private const int MaxCandidates = 50;

    public async Task<SearchAnswer> Run(string text, CancellationToken ct)
    {
        var months = (await MonthSpend.Months(view, ct)).Select(month => month.Month).Take(SearchedMonths.Max).ToList();
        var charged = new SearchedMonths(view, months, viewer);
        List<IReadOnlyList<SearchHit>> found =
        [
            await new SearchedInvoices(view, viewer).Run(text, now, ct),
            await Projects(text, charged, ct),
            await People(text, charged, ct),
            await new SearchedResources(exchange, view, viewer, months).Run(text, now, ct),
            await Skus(text, ct),
            await Sources(text, ct),
        ];
        return new(
            text, [.. found.SelectMany(of => of.Take(MaxOfAKind))], found.Any(of => of.Count > MaxOfAKind));
    }

    /// <summary>
    /// By id and name. A PI finds what was ever theirs, under its name of then; a landlord what was used of it.
    /// </summary>
    private async Task<IReadOnlyList<SearchHit>> Projects(string text, SearchedMonths charged, CancellationToken ct)
    {
        if (viewer.Sees != "money" && viewer.Pi is null && viewer.Landlord is null)
        {
            return [];
        }

        var directory = await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var hidden = CostWalls.Of(exchange, viewer).IsConfidential;
        var named =
            from of in directory.Facts
            let own = viewer.Pi is not { } pi ? of.Value
                : of.Value.FindAll(fact => fact.Pi is { } owner && directory.PiOf(owner) == pi)
            where own.Count > 0
            let name = hidden ? of.Key.Project.Value : own[^1].Name
            where SearchText.IsIn(text, of.Key.Project.Value) || SearchText.IsIn(text, name) ||
                (!hidden && SearchText.IsIn(text, own[^1].Title))
            orderby of.Key.Project.Value, of.Key.Cluster.Value
            select (of.Key.Cluster, of.Key.Project, Name: name);
        var candidates = named.Take(MaxCandidates).ToList();
        var charges = viewer.Landlord is null ? null : await charged.Projects(
            [.. candidates.Select(of => (of.Cluster.Value, of.Project.Value))], ct);
        return
        [
            .. candidates.Where(of => charges?.Contains((of.Cluster.Value, of.Project.Value)) != false)
                .Take(MaxOfAKind + 1).Select(of => new SearchHit(
                    "project", of.Project.Value,
                    of.Name == of.Project.Value ? $"on {of.Cluster}" : $"{of.Name}, on {of.Cluster}",
                    viewer.Pi is null
                        ? charged.Costs("project", of.Project.Value, "sku")
                        : $"/pi/project?month={charged.Newest ?? BillingMonth.Of(now)}" +
                            $"&cluster={Uri.EscapeDataString(of.Cluster.Value)}" +
                            $"&project={Uri.EscapeDataString(of.Project.Value)}")),
        ];
    }

    /// <summary>Finance finds all, a payer those it pays for, a landlord customers that it may know.</summary>
    private async Task<IReadOnlyList<SearchHit>> People(string text, SearchedMonths charged, CancellationToken ct)
    {
        if (viewer.Pi is not null || CostWalls.Of(exchange, viewer).IsConfidential ||
            (viewer.Sees != "money" && viewer.Landlord is null && viewer.Payer is null))
        {
            return [];
        }

        var known = viewer.Payer is { } payer
            ? await PaidFor(payer, ct) : await exchange.People.At(now, ct);
        var candidates = known.Where(one => SearchText.IsIn(text, one.Pi.Value))
            .OrderBy(one => one.Pi.Value, StringComparer.Ordinal).Take(MaxCandidates).ToList();
        var charges = viewer.Landlord is null
            ? null
            : await charged.Pis([.. candidates.Select(one => one.Pi.Value)], ct);
        return
        [
            .. candidates.Where(one => charges?.Contains(one.Pi.Value) != false).Take(MaxOfAKind + 1).Select(
                one => new SearchHit("PI", one.Pi.Value, one.Institution ?? "", charged.Costs(
                    "pi", one.Pi.Value, viewer.Payer is null ? "project" : "month"))),
        ];
    }

    private async Task<IReadOnlyList<(PiId Pi, string? Institution)>> PaidFor(string payer, CancellationToken ct)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var programme in exchange.Programmes.Where(one => one.Payer == payer))
        {
            var fund = await exchange.Kept.State(Invoicing.Funds.Fund.Fold, programme.Id, ct);
            found.UnionWith(fund.Known().Concat(fund.Enrolments.Keys).Select(pi => pi.Value));
        }

        var owners = new Attribution(
            await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct), exchange.Institutions);
        return [.. found.Select(pi => new PiId(pi)).Select(pi => (pi, owners.InstitutionOf(pi, now)))];
    }

    /// <summary>What is offered to the reader; the same SKU of several clusters is one.</summary>
    private async Task<IReadOnlyList<SearchHit>> Skus(string text, CancellationToken ct) =>
        !Permissions.Allows(Permissions.AskForQuotes, viewer.Role) && viewer.Role is not Role.ReadKey
            ? []
            :
            [
                .. (await CatalogFor.All(exchange, await CatalogFor.Viewer(viewer, exchange, ct), ct))
                    .Where(item => SearchText.IsIn(text, item.Sku.Value)).DistinctBy(item => item.Id)
                    .Take(MaxOfAKind + 1)
                    .Select(item => new SearchHit(
                        "SKU", item.Sku.Value, $"{item.Landlord}, {item.Service}",
                        $"/catalogue/compare?offer={Uri.EscapeDataString(item.Id)}")),
            ];

    /// <summary>Whoever looks after the machine finds what reports usage.</summary>
    private async Task<IReadOnlyList<SearchHit>> Sources(string text, CancellationToken ct) =>
        viewer.Sees != "machines" ? [] :
        [
            .. (await exchange.Meter.Heard(ct)).Where(one => SearchText.IsIn(text, one.Source))
                .OrderBy(one => one.Source, StringComparer.Ordinal).Take(MaxOfAKind + 1)
                .Select(one => new SearchHit("source", one.Source, $"of {one.Landlord}", "/operator/sources")),
        ];
}
