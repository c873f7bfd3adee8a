namespace Exchange.Metering;

/// <summary>The fields of an event that the meter reads.</summary>
internal enum Field
{
    SpecVersion,
    Id,
    Source,
    Type,
    Subject,
    Time,
    Landlord,
    Cluster,
    Project,
    Kind,
    From,
    To,
    State,
    Meter,
    Shape,
    Step,
    Quantity,
}

/// <summary>Tells fast that no name stands twice in an object.</summary>
internal static class SeenNames
{
    /// <summary>
    /// Whether a name may have been seen in the object before. The names of events differ in what is added up here; of
    /// others some are taken for one another, which the slow reader finds out.
    /// </summary>
    public static bool MaybeAgain(scoped ReadOnlySpan<byte> name, scoped ref ulong seen)
    {
        var bit = 1UL << (name.Length < 2 ? 63 : (name.Length + name[0] + (name[1] * 3)) & 63);
        var isAgain = (seen & bit) != 0;
        seen |= bit;
        return isAgain;
    }
}
