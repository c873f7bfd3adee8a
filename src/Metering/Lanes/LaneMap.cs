namespace Exchange.Metering;

/// <summary>The lanes as they were at one version of what was decided about them.</summary>
/// <param name="Version">How many decisions there were.</param>
/// <param name="Lanes">Home first.</param>
internal sealed record LaneMap(long Version, LaneBook Book, IReadOnlyList<Lane> Lanes)
{
    private readonly Dictionary<int, Lane> _byNumber = Lanes.ToDictionary(lane => lane.Number);

    public bool IsSingle => Lanes.Count == 1;

    /// <summary>Where a landlord lives.</summary>
    public Lane Of(LandlordId landlord) => IsSingle ? Lanes[0] : _byNumber[Book.Of(landlord)];

    public Lane this[int number] => _byNumber[number];

    /// <summary>Whether a lane still takes the readings of those who live there, as far as it was folded.</summary>
    public bool Fits(Lane lane, LandlordId? whose)
    {
        foreach (var moved in lane.Folding.Moved)
        {
            var concerns = moved == MovedAwayException.Everybody ||
                (whose is { } one ? one.Value == moved : Of(new(moved)) == lane);
            if (concerns)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Who of a lane's landlords lives there; null where all do.</summary>
    public Func<LandlordId, bool>? LivesIn(Lane lane)
    {
        if (IsSingle)
        {
            return null;
        }

        // Resources come in the order of their landlords, mostly, and each has the same text.
        var (last, lives) = (default(LandlordId), false);
        return landlord =>
        {
            if (!ReferenceEquals(landlord.Value, last.Value))
            {
                (last, lives) = (landlord, Of(landlord) == lane);
            }

            return lives;
        };
    }
}
