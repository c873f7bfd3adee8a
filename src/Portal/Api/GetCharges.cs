using System.Buffers.Text;
using System.Text;
using Exchange.Portal.Spend;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>One page of an answer, and the cursor that asks for the next; none on the last page.</summary>
internal sealed record PageOf<T>(IReadOnlyList<T> Items, string? Next)
{
    public static PageOf<T> Of(IReadOnlyList<T> items, int limit, Func<T, string> key) =>
        new(items, items.Count == limit ? Cursor.Of(key(items[^1])) : null);
}

/// <summary>Where the next page begins. Opaque to callers, so that it can change.</summary>
internal static class Cursor
{
    public static string Of(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key));

    /// <exception cref="FormatException">It is not a cursor that we gave out.</exception>
    public static string Key(string? cursor)
    {
        if (string.IsNullOrEmpty(cursor))
        {
            return "";
        }

        return Base64Url.IsValid(cursor)
            ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor))
            : throw new FormatException("'cursor' is not one that was given out. Leave it out to begin at the start.");
    }

    /// <exception cref="FormatException">Too few or too many were asked for.</exception>
    public static int Limit(int? limit) => limit switch
    {
        null => 200,
        >= 1 and <= 1_000 => limit.Value,
        _ => throw new FormatException("'limit' is between 1 and 1000."),
    };
}

/// <summary>
/// GET /v1/charges?month=&amp;project=&amp;landlord= — the charges of a month, the caller's landlord's only.
/// </summary>
internal static class GetCharges
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/v1/charges", Get)
        .RequireAuthorization(Acts.ReadByKey).WithTags("charges").WithName("GetCharges")
        .WithSummary("The charges of a month, as last rated or as billed.")
        .Produces<PageOf<ShownCharge>>().ProducesProblem(400).ProducesProblem(401).ProducesProblem(403);

    private static async Task<IResult> Get(
        HttpContext http, View view, BillingMonth month, ProjectId? project, ClusterId? cluster,
        LandlordId? landlord, string? cursor, int? limit, CancellationToken ct)
    {
        if (Reach.Of(http, landlord) is not { } reach)
        {
            return new Reach.Refused();
        }

        var query = new ChargeQuery(
            month, reach.Landlord, Project: project, Cluster: cluster, After: Cursor.Key(cursor),
            Limit: Cursor.Limit(limit));
        var charges = await Charges.Find(view, query, ct);
        return Results.Ok(PageOf<ShownCharge>.Of(charges, query.Limit, c => c.Id));
    }
}
