namespace Exchange.Metering;

/// <summary>The lanes as they were at one version of what was decided about them.</summary>
/// <param name="Version">How many decisions there were.</param>
/// <param name="Reachable">Those that the settings say how to reach, home first.</param>
/// <param name="Missing">Why the others cannot be reached, by their numbers.</param>
internal sealed record LaneMap(
    long Version, LaneBook Book, IReadOnlyList<Lane> Reachable, IReadOnlyDictionary<int, Refusal> Missing)
{
    private readonly Dictionary<int, Lane> _byNumber = Reachable.ToDictionary(lane => lane.Number);

    /// <summary>All of them, home first.</summary>
    /// <exception cref="RefusedException">The settings do not say how to reach one of them.</exception>
    public IReadOnlyList<Lane> Lanes => Missing.Count == 0
        ? Reachable
        : throw new RefusedException(Missing.MinBy(one => one.Key).Value);

    public Lane Home => Reachable[0];
    public bool IsSingle => Book.Lanes.Count == 0;

    /// <summary>Where a landlord lives.</summary>
    public Lane Of(LandlordId landlord) => IsSingle ? Home : this[Book.Of(landlord)];

    /// <exception cref="RefusedException">The settings do not say how to reach it: what is of it waits.</exception>
    public Lane this[int number] => Missing.TryGetValue(number, out var why)
        ? throw new RefusedException(why)
        : _byNumber[number];

    /// <summary>Whether a lane still takes the readings of those who live there, as far as it was folded.</summary>
    public bool Fits(Lane lane, LandlordId? whose)
    {
        foreach (var moved in lane.Folding.Moved)
        {
            var concerns = moved == MovedAwayException.Everybody ||
                (whose is { } one ? one.Value == moved : Book.Of(new(moved)) == lane.Number);
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
                (last, lives) = (landlord, Book.Of(landlord) == lane.Number);
            }

            return lives;
        };
    }
}
