using Exchange.Portal.Peers;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>/v1/peers/PEER/disputes — lines of statements that either exchange disputes, for finance's programs.
/// </summary>
internal static class PeerDisputesOverHttp
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/v1/peers/{peer}/disputes", List).Finance<PageOf<DisputeRow>>(
            "GetPeerDisputes", "Lines of statements that either exchange disputes, and what became of that.");

    private static async Task<IResult> List(
        Composition exchange, string peer, string? cursor, int? limit, CancellationToken ct) =>
        await PeersFor.Find(exchange, peer, ct) is { } known
            ? new Tagged(PageOf<DisputeRow>.Cut(
                PeersFor.Disputes(known), cursor, limit, row => $"{row.Month} {row.Number:000000} {row.IsOurs}"))
            : new NotThere();
}
