using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// That some usage exists, of a kind in a cluster during a time: what a gap between sheets would leave unpriced.
/// </summary>
public sealed record UsedSpan(LandlordId Landlord, ClusterId Cluster, string Kind, Period Period);

/// <summary>What a publication must respect: the months that are closed, and the usage that there is.</summary>
public sealed record PricePublishContext(IReadOnlySet<BillingMonth> Closed, IReadOnlyList<UsedSpan> Usage)
{
    public static PricePublishContext Nothing { get; } = new(ImmutableHashSet<BillingMonth>.Empty, []);

    /// <summary>Who may be paid besides landlords with sheets: whoever the exchange has terms with.</summary>
    public IReadOnlySet<LandlordId> Known { get; init; } = ImmutableHashSet<LandlordId>.Empty;

    /// <summary>From when on customers may be asked for more than now; null where nobody needs notice.</summary>
    public Instant? RaisesFrom { get; init; }

    /// <summary>The same with the notice that customers have of what is published now.</summary>
    public PricePublishContext WithNotice(ExchangeLists lists, Instant now) =>
        this with { RaisesFrom = lists.RaisesFrom(now) };

    /// <summary>
    /// How many characters all that a landlord ever published may have with it: whoever asks for prices reads all of
    /// it. Null for who is trusted with the machine.
    /// </summary>
    public long? MaxOfLandlord { get; init; }

    /// <summary>Whether the publication is a correction of closed months that finance has accepted.</summary>
    public bool IsAccepted { get; init; }
}
