using Exchange.Invoicing.Funds;

namespace Exchange.Portal.Api;

/// <summary>
/// GET /v1/programmes — promotions, subsidies and other money that pays part of charges, with their terms.
/// </summary>
internal static class GetProgrammes
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet(
        "/v1/programmes",
        (Composition exchange, string? cursor, int? limit) => (IResult)new Tagged(
            PageOf<Programme>.Cut(exchange.Programmes, cursor, limit, programme => programme.Id)))
        .Reads<PageOf<Programme>>("GetProgrammes", "Promotions and subsidies with their dated terms.");
}
