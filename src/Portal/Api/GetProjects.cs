using Exchange.Portal.Funds;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>
/// /v1/projects — who answers for projects, and what one cost this month, before and after funds: as JSON, and as a
/// panel that another portal puts into its own page.
/// </summary>
internal static class GetProjects
{
    /// <summary>What a project used of a SKU.</summary>
    internal sealed record OfSku(LandlordId Landlord, string Service, SkuId Sku, Quantity Quantity, Money Amount);

    /// <param name="Funds">What programmes pay of it; null for a landlord or institution, who do not see that.</param>
    /// <param name="Owed">What its PI will owe; null for a landlord or institution.</param>
    internal sealed record Spend(
        ProjectId Project, string Name, BillingMonth Month, bool Billed, Instant? AsOf, Money Amount, Money? Funds,
        Money? Owed, IReadOnlyList<OfSku> Skus);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/projects", List).Reads<PageOf<ListProjects.ListedProject>>(
            "GetProjects", "Every project, and who answers for it now.", Permissions.ReadOfInstitution);
        app.MapGet("/v1/projects/{id}/spend", OfProject).Reads<Spend>(
            "GetProjectSpend", "What a project costs in a month, after funds.", Permissions.ReadOfInstitution);
        app.MapGet("/v1/projects/{id}/panel", Panel).ReadsFile(
            "GetProjectPanel", "The same as a piece of HTML to put into a page.", "text/html",
            Permissions.ReadOfInstitution);
    }

    private static async Task<IResult> List(
        HttpContext http, Composition exchange, IClock clock, string? cursor, int? limit, CancellationToken ct) =>
        Viewer.Needed(http) is { Landlord: null, Institution: var institution }
            ? new Tagged(PageOf<ListProjects.ListedProject>.Cut(
                (await ListProjects.Run(exchange.Journal, exchange.Institutions, clock.GetCurrentInstant(), ct))
                    .Where(row => institution is null || row.Institution == institution), cursor,
                limit, row => $"{row.Cluster} {row.Project}"))
            : new LandlordScope.Refused();

    private static async Task<IResult> OfProject(
        HttpContext http, View view, Composition exchange, ProjectId id, BillingMonth? month, ClusterId? cluster,
        CancellationToken ct) =>
        await Find(http, view, exchange, id, month, cluster, ct) is { } spend ? new Tagged(spend) : new NotThere();

    private static async Task<IResult> Panel(
        HttpContext http, View view, Composition exchange, ProjectId id, BillingMonth? month, ClusterId? cluster,
        CancellationToken ct) =>
        await Find(http, view, exchange, id, month, cluster, ct) is { } spend
            ? Results.Content(
                PageRenderer.Text(null, new(), Cell.Of<ProjectPanel>(nameof(ProjectPanel.Of), PanelOf(spend))),
                "text/html; charset=utf-8")
            : new NotThere();

    public static async Task<Spend?> Find(
        HttpContext http, View view, Composition exchange, ProjectId id, BillingMonth? month, ClusterId? cluster,
        CancellationToken ct)
    {
        var now = exchange.Clock.GetCurrentInstant();
        var shown = month ?? BillingMonth.Of(now);
        var charges = await Charges.Find(view, new(shown, Project: id, Cluster: cluster, Limit: 5_000), ct);
        if (charges is not [var first, ..])
        {
            return null;
        }

        if (await Confidential.For(http, exchange, ct) is { } names)
        {
            first = names.Of(first);
        }

        var amount = Money.Sum(charges.Select(c => c.Amount));
        var funds = ReadRoute.IsForAll(http) && first.Pi is { } pi
            ? await AfterFunds.Of(view, exchange, shown, pi, now, ct)
            : null;
        var paid = funds is null ? (Money?)null : Money.Sum(funds.Lines
            .Where(l => l.Project == id && (cluster is null || l.Cluster == cluster) && l.Adjusts is null)
            .SelectMany(l => l.Funds).Select(f => f.Amount));
        var rated = (await MonthSpend.Months(view, ct)).FirstOrDefault(r => r.Month == shown);
        return new(
            id, first.ProjectName, shown, funds?.IsBilled ?? rated?.IsClosed ?? false, rated?.At, amount, paid,
            amount - paid,
            [.. charges.Select(c => new OfSku(c.Landlord, c.Service, c.Sku, c.Quantity, c.Amount))]);
    }

    public static ProjectPanel.Cost PanelOf(Spend spend) => new(
        spend.Name, spend.Month, spend.Billed, spend.Amount, spend.Funds, spend.Owed,
        new TableOf<OfSku>("By SKU", spend.Skus,
        [
            Column<OfSku>.Words("Landlord", s => s.Landlord.Value),
            Column<OfSku>.Words("SKU", s => s.Sku.Value),
            Column<OfSku>.Usage("Quantity", s => s.Quantity),
            Column<OfSku>.Amount("Amount", s => s.Amount),
        ], ""));
}
