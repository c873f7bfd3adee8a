namespace Exchange.Metering;

/// <summary>Readings came for a landlord whose readings are taken in another database since.</summary>
#pragma warning disable CA1064 // Nobody outside of the meter is told of it.
internal sealed class MovedAwayException(string landlord)
    : Exception($"The readings of {landlord} are taken in another database since.")
{
    /// <summary>Stands for everybody: the whole lane is kept elsewhere.</summary>
    public const string Everybody = "/"; // No name of a landlord holds it.

    /// <summary>What is wrong with a batch where these have moved; null where nothing is.</summary>
    public static MovedAwayException? Of(string[] moved, Batch batch) =>
        moved.Contains(Everybody) ? new("everybody")
        : moved.Length > 0 && batch.Landlords()
            .Concat(batch.Misfits.Select(one => one.Misfit.Landlord?.Value).OfType<string>())
            .FirstOrDefault(moved.Contains) is { } landlord ? new(landlord)
        : null;
}
