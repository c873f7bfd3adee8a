namespace Exchange.Metering.Collectors;

/// <summary>What a pod requests at one moment, and where it ran.</summary>
internal readonly record struct PodRequest(
    decimal Processors, decimal RamMib, decimal Gpus, string? GpuResource, string? GpuProduct,
    string? Node, string? NodeModel, string? Class)
{
    public Shape Shape(PodCluster cluster)
    {
        Dictionary<string, string> values = new() { ["vcpu"] = Text.Of(Processors), ["ram_mib"] = Text.Of(RamMib) };
        if (GpuResource is not null)
        {
            values["gpu"] = Text.Of(Gpus);
        }

        (string Key, string? Value)[] words =
        [
            ("gpu_resource", GpuResource),
            ("gpu_model", GpuResource is null
                ? null
                : PodResources.ModelOf(GpuResource, GpuProduct ?? NodeGpus.Of(cluster, Node))),
            ("node", Node), ("node_model", NodeModel),
            ("class", Class),
        ];
        foreach (var (key, value) in words)
        {
            if (value is not null)
            {
                values[key] = value;
            }
        }

        return Metering.Shape.Of(values);
    }
}

/// <summary>The series of one pod, by what they tell of it.</summary>
internal sealed record SeriesOfPod(
    List<MetricSeries> Processors, List<MetricSeries> Memory, List<MetricSeries> Gpus, List<MetricSeries> Unschedulable)
{
    public IEnumerable<MetricSeries> All => [.. Processors, .. Memory, .. Gpus];
}
