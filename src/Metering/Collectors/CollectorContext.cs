using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>
/// What a collector is told about the file it reads: whose it is, where it comes from, and the time now.
/// </summary>
/// <param name="Cluster">Stands for what the file does not say itself; null when the file must say it.</param>
/// <param name="Now">Cuts what is open at the end where a format needs one; never read from a clock in here.</param>
/// <param name="File">The name that messages show.</param>
public sealed record CollectorContext(LandlordId Landlord, ClusterId? Cluster, Instant Now, string File = "-")
{
    /// <summary>What one sample stands for, where a format does not say it; null to take the least distance.</summary>
    public Duration? Step { get; init; }

    /// <summary>Who brings the file: a collector, or whoever read it in.</summary>
    public string By { get; init; } = HeardSource.Files;

    /// <summary>Counts what was read and left out; the caller may print it when the reading has ended.</summary>
    public Tally Tally { get; } = new();

    /// <summary>
    /// Who reports, as readings carry it: the same for the same landlord, cluster and format, for ever.
    /// </summary>
    public string Source(ClusterId cluster, string format) => $"urn:exchange:{Landlord}:{cluster}:{format}";

    /// <exception cref="RefusedException">Neither the file nor the caller named the cluster.</exception>
    public ClusterId RequiredCluster(string format) => Cluster ?? throw new RefusedException(new("file/no-cluster",
        $"Files of format {format} do not say which cluster they come from. Add --cluster NAME.", File));
}

/// <summary>How many records of a file were read, and how many of them say nothing about usage.</summary>
public sealed class Tally
{
    public long Records { get; internal set; }
    public long Ignored { get; internal set; }
}
