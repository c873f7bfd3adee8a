using System.Globalization;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>GET /pi/project — the lines of one project in a month; each leads to what explains it.</summary>
internal static class ProjectPage
{
    private const int MaxLines = 5_000;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/pi/project", Get)
        .RequireAuthorization(Permissions.SeeSpending).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, BillingMonth month, ClusterId cluster, ProjectId project, CancellationToken ct)
    {
        var query = new ChargeQuery(
            month, Pi: Viewer.Needed(http).Pi!.Value, Project: project, Cluster: cluster, Limit: MaxLines);
        var charges = await Charges.Find(view, query, ct);
        if (charges is not [var first, ..])
        {
            return new NotThere();
        }

        return Layout.Page(http, $"{first.ProjectName} in {Show.Of(month)}", Html.Of($"""
            <p class="crumbs"><a href="/pi?month={month}">Spending in {Show.Of(month)}</a></p>
            {Html.If(charges.Count == MaxLines, () => Html.Of($"""
            <p class="lead">The first {Show.Of((long)MaxLines)} lines; the whole list is what
            <code>/v1/charges</code> answers.</p>
            """))}
            {ChargeTable.Of(http, charges)}
            """));
    }
}

/// <summary>Charges as lines; the amount of each leads to what explains it.</summary>
internal static class ChargeTable
{
    public static string Href(ShownCharge charge) =>
        $"/charge?month={charge.Month}&id={Uri.EscapeDataString(charge.Id)}";

    public static Html Of(HttpContext http, IReadOnlyList<ShownCharge> charges) =>
        new Listing<ShownCharge>("lines", "Line items", charges,
        [
            Column<ShownCharge>.Words("Landlord", c => c.Landlord.Value),
            Column<ShownCharge>.Words("Service", c => c.Service),
            Column<ShownCharge>.Words("SKU", c => c.Sku.Value),
            Column<ShownCharge>.Usage("Quantity", c => c.Quantity),
            Column<ShownCharge>.Number("Price", c => $"${Text.Of(c.Rate.Amount)}", c => c.Rate.Amount),
            new("Amount", c => Html.Of($"""<a href="{Href(c)}">{Show.Of(c.Amount)}</a>{Spared(c)}"""), IsNumber: true,
                c => c.Amount.Amount.ToString(CultureInfo.InvariantCulture), c => c.Amount.Cents),
        ], "There is nothing here that is yours.")
        {
            Foot = Table.Foot("Total", 5, Html.Of($"{Show.Of(Money.Sum(charges.Select(c => c.Amount)))}")),
        }.Of(http);

    /// <summary>Egress costs nothing here; the line says what it would have cost elsewhere.</summary>
    public static Html Spared(ShownCharge charge) => charge.Avoided is { } avoided
        ? Html.Of($"""<br><small>{Show.Of(avoided)} at public list prices</small>""")
        : Html.None;
}
