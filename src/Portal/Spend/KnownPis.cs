using Exchange.Journal;
using Exchange.Rating;

namespace Exchange.Portal.Spend;

/// <summary>Requests to rate with the PIs that the directory knows: tiers of a PI add up what is theirs.</summary>
internal static class KnownPis
{
    public static async Task<RateRequest> WithPis(
        this RateRequest request, Composition exchange, CancellationToken ct) => new Attribution(
            await exchange.Journal.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct), exchange.Institutions)
            .For(request);
}
