using NodaTime;

namespace Exchange.Metering.Collectors.Live;

/// <summary>What pods request in a window: requests of scheduled pods, joined with labels of their nodes.</summary>
internal static class PodWindow
{
    private const string Scheduled = "unless on (pod, namespace) kube_pod_status_unschedulable == 1";

    /// <summary>What is asked for elsewhere or is not for sale; every other resource is a device.</summary>
    private const string NotDevices = "cpu|memory|pods|storage|ephemeral.storage|hugepages.*|attachable.*";

    private static readonly string[] Queries =
    [
        $$"""kube_pod_resource_request{resource="cpu", node!=""} {{Scheduled}}""",
        $$"""kube_pod_resource_request{resource="memory", node!=""} {{Scheduled}}""",
        $$"""kube_pod_resource_request{resource!~"{{NotDevices}}", node!=""} {{Scheduled}}""",
        """kube_node_labels{label_nvidia_com_gpu_product!=""}""",
        """kube_pod_labels{label_nerc_mghpcc_org_class!=""}""",
    ];

    public static async Task<WindowRead> Read(
        PrometheusApi prometheus, Period window, Duration step, CollectorContext context, CancellationToken ct)
    {
        List<MetricSeries> all = [];
        foreach (var query in Queries)
        {
            all.AddRange(await prometheus.Range(query, window, step, context, ct));
        }

        var requests = all.Where(series => series["resource"] is not null).ToLookup(series => series["resource"]);
        if (requests["cpu"].Any() != requests["memory"].Any())
        {
            // A moment is taken once: with half of its requests it would stay wrong.
            throw new RefusedException(new("openshift/no-requests",
                "Prometheus tells of CPU requests or of memory requests, and not of the others. The window is read " +
                "again; look at kube-state-metrics.", $"{context.File} {window}"));
        }

        var incomplete = IncompleteMoments.Of(all);
        var seen = requests["cpu"].SelectMany(series => series.Samples())
            .Select(sample => Instant.FromUnixTimeSeconds(sample.Epoch)).ToHashSet();
        seen.ExceptWith(incomplete.Select(moment => Instant.FromUnixTimeSeconds(moment.Epoch)));
        return new(
            [.. PrometheusAnswers.Collect(all, context.RequiredCluster("prometheus"), context, step, incomplete)],
            seen);
    }
}
