using Exchange.Portal.Spend;
using Exchange.Portal.Web.Access;
using Microsoft.AspNetCore.Mvc;

namespace Exchange.Portal.Api;

/// <summary>
/// GET /v1/charges?month=&amp;project=&amp;landlord= — the charges of a month, those of the caller's
/// landlord or institution only.
/// </summary>
internal static class GetCharges
{
    /// <summary>Which charges are asked for.</summary>
    internal sealed record ChargeParameters
    {
        [FromQuery(Name = "project")]
        public ProjectId? Project { get; init; }

        [FromQuery(Name = "cluster")]
        public ClusterId? Cluster { get; init; }

        [FromQuery(Name = "landlord")]
        public LandlordId? Landlord { get; init; }

        [FromQuery(Name = "cursor")]
        public string? Cursor { get; init; }

        [FromQuery(Name = "limit")]
        public int? Limit { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/v1/charges", Get)
        .RequireAuthorization(Permissions.ReadOfInstitution).WithTags("charges").WithName("GetCharges")
        .WithSummary("The charges of a month, as last rated or as billed.")
        .Produces<PageOf<ShownCharge>>().ProducesProblem(400).ProducesProblem(401).ProducesProblem(403)
        .ChecksNames();

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, BillingMonth month, [AsParameters] ChargeParameters asked,
        CancellationToken ct)
    {
        if (LandlordScope.Of(http, asked.Landlord) is not { } reach)
        {
            return new LandlordScope.Refused();
        }

        var query = new ChargeQuery(
            month, reach.Landlord, Project: asked.Project, Cluster: asked.Cluster,
            After: Cursor.Key(asked.Cursor), Limit: Cursor.Limit(asked.Limit));
        var charges = await Charges.Find(view, query, ct);
        if (await Confidential.For(http, exchange, ct) is { } names)
        {
            charges = [.. charges.Select(names.Of)];
        }

        return new Tagged(PageOf<ShownCharge>.Of(charges, query.Limit, Confidential.KeyOf));
    }
}
