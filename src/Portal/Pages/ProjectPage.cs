using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>GET /pi/project — the lines of one project in a month; each leads to what explains it.</summary>
internal static class ProjectPage
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/pi/project", Get)
        .RequireAuthorization(Acts.SeeSpending).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, BillingMonth month, ClusterId cluster, ProjectId project,
        string? after, CancellationToken ct)
    {
        var query = new ChargeQuery(
            month, Pi: Viewer.Needed(http).Pi!.Value, Project: project, Cluster: cluster, After: after ?? "");
        var charges = await Charges.Find(view, query, ct);
        if (charges is not [var first, ..])
        {
            return after is null ? new NotThere() : Results.Redirect(Start(query));
        }

        return Layout.Page(http, $"{first.ProjectName} in {Show.Of(month)}", Html.Of($"""
            <p class="crumbs"><a href="/pi?month={month}">Spending in {Show.Of(month)}</a></p>
            {ChargeTable.Of(charges)}
            {Html.If(charges.Count == query.Limit, () => Html.Of($"""
            <p><a class="button" href="{Href(query, charges[^1].Id)}">More</a></p>
            """))}
            """));
    }

    private static string Href(ChargeQuery query, string after) =>
        $"{Start(query)}&after={Uri.EscapeDataString(after)}";

    private static string Start(ChargeQuery query) =>
        $"/pi/project?month={query.Month}&cluster={Uri.EscapeDataString(query.Cluster!.Value.Value)}" +
        $"&project={Uri.EscapeDataString(query.Project!.Value.Value)}";
}

/// <summary>Charges as lines; the amount of each leads to what explains it.</summary>
internal static class ChargeTable
{
    public static string Href(ShownCharge charge) =>
        $"/charge?month={charge.Month}&id={Uri.EscapeDataString(charge.Id)}";

    public static Html Of(IReadOnlyList<ShownCharge> charges) => Table.Of("Lines", charges, [
        Column<ShownCharge>.Words("Landlord", c => c.Landlord.Value),
        Column<ShownCharge>.Words("Service", c => c.Service),
        Column<ShownCharge>.Words("SKU", c => c.Sku.Value),
        Column<ShownCharge>.Number("Quantity", c => Show.Of(c.Quantity)),
        Column<ShownCharge>.Number("Price", c => $"${Text.Of(c.Rate.Amount)}"),
        new("Amount", c => Html.Of($"""<a href="{Href(c)}">{Show.Of(c.Amount)}</a>{Spared(c)}"""), IsNumber: true),
    ], "There is nothing here that is yours.", Table.Foot("Together", 5, Html.Of($"""
        {Show.Of(Money.Sum(charges.Select(c => c.Amount)))}
        """)));

    /// <summary>Egress costs nothing here; the line says what it would have cost elsewhere.</summary>
    public static Html Spared(ShownCharge charge) => charge.Avoided is { } avoided
        ? Html.Of($"""<br><small>{Show.Of(avoided)} at public list prices</small>""")
        : Html.None;
}
