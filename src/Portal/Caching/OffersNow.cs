using Exchange.Journal;
using Exchange.Market.Offers;

namespace Exchange.Portal;

/// <summary>
/// On what terms landlords offer what they sell, kept between requests: each time the journal is asked once, for all of
/// them, whether anything was added, so they are as new as it is. Fifty landlords were fifty questions for each quote.
/// </summary>
internal sealed class OffersNow(PostgresJournal journal)
{
    private Read? _kept;

    /// <param name="Streams">Those of the offers, and of who was erased.</param>
    private sealed record Read(
        IReadOnlyList<string> Streams, IReadOnlyList<long> Versions,
        IReadOnlyDictionary<LandlordId, LandlordOffers> Offers);

    public async Task<IReadOnlyDictionary<LandlordId, LandlordOffers>> Of(
        IReadOnlyList<LandlordId> landlords, CancellationToken ct)
    {
        List<string> streams =
            [ErasureEvent.Stream, .. landlords.Select(landlord => LandlordOffers.Fold.StreamOf(landlord))];
        var versions = await journal.Versions(streams, ct); // What is added while they are read is seen the next time.
        if (_kept is { } kept && kept.Versions.SequenceEqual(versions) && kept.Streams.SequenceEqual(streams))
        {
            return kept.Offers;
        }

        var offers = new Dictionary<LandlordId, LandlordOffers>();
        foreach (var landlord in landlords)
        {
            offers[landlord] = await journal.State(LandlordOffers.Fold, landlord, ct);
        }

        _kept = new(streams, versions, offers);
        return offers;
    }
}
