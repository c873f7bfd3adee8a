using Exchange.Portal.Spend;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>
/// GET /v1/charges?month=&amp;project=&amp;landlord= — the charges of a month, the caller's landlord's only.
/// </summary>
internal static class GetCharges
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/v1/charges", Get)
        .RequireAuthorization(Permissions.ReadByKey).WithTags("charges").WithName("GetCharges")
        .WithSummary("The charges of a month, as last rated or as billed.")
        .Produces<PageOf<ShownCharge>>().ProducesProblem(400).ProducesProblem(401).ProducesProblem(403)
        .ChecksNames();

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, BillingMonth month, ProjectId? project, ClusterId? cluster,
        LandlordId? landlord, string? cursor, int? limit, CancellationToken ct)
    {
        if (LandlordScope.Of(http, landlord) is not { } reach)
        {
            return new LandlordScope.Refused();
        }

        var query = new ChargeQuery(
            month, reach.Landlord, Project: project, Cluster: cluster, After: Cursor.Key(cursor),
            Limit: Cursor.Limit(limit));
        var charges = await Charges.Find(view, query, ct);
        if (await Confidential.For(http, exchange, ct) is { } names)
        {
            charges = [.. charges.Select(names.Of)];
        }

        return new Tagged(PageOf<ShownCharge>.Of(charges, query.Limit, Confidential.KeyOf));
    }
}
