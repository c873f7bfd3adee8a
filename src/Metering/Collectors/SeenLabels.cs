namespace Exchange.Metering.Collectors;

/// <summary>One moment of a pod.</summary>
internal readonly record struct PodMoment(string Namespace, string Pod, long Epoch);

/// <summary>
/// Labels of nodes and pods, each for the moments at which it was seen and for no other: a node that gets other GPUs at
/// noon had the old ones in the morning, whatever else is in the same file.
/// </summary>
internal sealed class SeenLabels(IEnumerable<MetricSeries> all)
{
    private readonly ILookup<string?, MetricSeries> _nodes = all.Where(s => s["__name__"] == "kube_node_labels")
        .ToLookup(s => s["node"]);

    private readonly ILookup<(string?, string?), MetricSeries> _pods = all
        .Where(s => s["__name__"] == "kube_pod_labels").ToLookup(s => (s["namespace"], s["pod"]));

    public static SeenLabels None { get; } = new([]);

    public string? OfNode(string? node, string label, long epoch) => At(_nodes[node], label, epoch);

    public string? OfPod(string project, string pod, string label, long epoch) =>
        At(_pods[(project, pod)], label, epoch);

    /// <summary>
    /// Two at once are told apart by their text, so that the order of a file is nothing. An answer for one instant, to
    /// which nothing in the file is contrary, holds for all of it.
    /// </summary>
    private static string? At(IEnumerable<MetricSeries> series, string label, long epoch)
    {
        var told = series.Where(one => one[label] is not null).ToList();
        return told.Where(one => one.HasSample(epoch)).Select(one => one[label]).Min(StringComparer.Ordinal) ??
            (told.Count > 0 && told.TrueForAll(one => one.IsInstant && one[label] == told[0][label])
                ? told[0][label]
                : null);
    }
}
