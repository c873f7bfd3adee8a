namespace Exchange.Metering.Collectors;

/// <summary>The formats that can be read into readings, by the names that the command line knows them under.</summary>
public static class CollectorFormats
{
    /// <summary>Reads one file of a format. The context names the landlord, the cluster and the file.</summary>
    public delegate IEnumerable<Collected> Reader(Stream stream, CollectorContext context);

    public static IReadOnlyDictionary<string, Reader> All { get; } =
        new SortedDictionary<string, Reader>(StringComparer.Ordinal)
        {
            [EsiLeases.Format] = EsiLeases.Read,
            [NovaDatabase.Format] = NovaDatabase.Read,
            [OpenShiftMetrics.Format] = OpenShiftMetrics.Read,
            [OpenStackNotifications.Format] = OpenStackNotifications.Read,
            [PrometheusAnswers.Format] = PrometheusAnswers.Read,
            [StorageQuotas.Format] = StorageQuotas.Read,
        };

    /// <exception cref="RefusedException">There is no such format among those that give readings.</exception>
    public static IEnumerable<Collected> Read(string format, Stream stream, CollectorContext context) =>
        All.TryGetValue(format, out var reader)
            ? reader(stream, context)
            : throw new RefusedException(new("file/unknown-format",
                $"'{format}' is not a format of readings. Known are {string.Join(", ", All.Keys)}.", context.File));
}
