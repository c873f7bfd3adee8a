using Exchange.Invoicing.Explaining;
using Exchange.Portal.Spend;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>GET /v1/explain?id= — a charge down to the readings that it rests on.</summary>
internal static class GetExplanation
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/v1/explain", Get)
        .Reads<IReadOnlyList<Explanation>>("ExplainCharge", "A charge with its price sheet, segments and readings.");

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, string id, CancellationToken ct)
    {
        if (!BillingMonth.TryParse(id.Split(':')[0], null, out var month) ||
            await Charges.Find(view, new(month, Id: id, Limit: 1), ct) is not [_])
        {
            return new NotThere();
        }

        var explained = await Explain.Run(exchange.Sources, id, ct);
        return new Tagged(await Confidential.For(http, exchange, ct) is { } names
            ? [.. explained.Select(names.Of)]
            : explained);
    }
}
