using System.Globalization;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Pages;

/// <summary>GET /pi/project — the lines of one project in a month; each leads to what explains it.</summary>
public sealed partial class ProjectPage
{
    private const int MaxLines = 5_000;

    /// <summary>The lines of a project in a month, or the first of very many.</summary>
    public sealed record Charged(BillingMonth Month, bool IsCut, IListing Lines);

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

        var lines = ChargeTable.List(charges);
        return lines.Answer(http) ?? Page.Of<ProjectPage, Charged>(
            http, $"{first.ProjectName} in {Show.Of(month)}", new(month, charges.Count == MaxLines, lines));
    }
}

/// <summary>Charges as lines; the amount of each leads to what explains it.</summary>
internal static class ChargeTable
{
    public static string Href(ShownCharge charge) =>
        $"/charge?month={charge.Month}&id={Uri.EscapeDataString(charge.Id)}";

    public static Listing<ShownCharge> List(IReadOnlyList<ShownCharge> charges) =>
        new("lines", "Line items", charges,
        [
            Column<ShownCharge>.Words("Landlord", c => c.Landlord.Value),
            Column<ShownCharge>.Words("Service", c => c.Service),
            Column<ShownCharge>.Words("SKU", c => c.Sku.Value),
            Column<ShownCharge>.Words("Tier", c => Charge.ShownStep(c.Id, Charge.StepOf(c.Id))),
            Column<ShownCharge>.Usage("Quantity", c => c.Quantity),
            Column<ShownCharge>.Rate("Price", c => c.Rate.Amount),
            new("Amount", c => ProjectPage.Amount(Href(c), c.Amount, c.Avoided), IsNumber: true,
                c => c.Amount.Amount.ToString(CultureInfo.InvariantCulture), c => c.Amount.Cents),
        ], "There is nothing here that is yours.")
        {
            Foot = Table.Foot("Total", 6, Money.Sum(charges.Select(c => c.Amount))),
        };
}
