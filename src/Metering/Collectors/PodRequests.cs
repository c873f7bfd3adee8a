using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>Which cluster the pods are of, under which source they are kept, and what one sample stands for.</summary>
internal sealed record PodCluster(LandlordId Landlord, ClusterId Cluster, string Source, Duration Step);

/// <summary>The requests of all pods of a file, by namespace and pod, and the samples that they come to.</summary>
internal sealed class PodRequests
{
    private const decimal BytesInMib = 1 << 20;

    private readonly Dictionary<(string Namespace, string Pod), Requests> _pods = [];
    private readonly List<MetricSeries> _nameless = [];

    public bool HasProcessors { get; private set; }
    public bool HasMemory { get; private set; }

    public void Add(string metric, MetricSeries series)
    {
        HasProcessors |= metric == "cpu_metrics";
        HasMemory |= metric == "memory_metrics";
        if (series["namespace"] is not { } project || series["pod"] is not { } pod ||
            !Name.IsOne(project) || !Name.IsOne($"{project}/{pod}"))
        {
            _nameless.Add(series);
            return;
        }

        if (!_pods.TryGetValue((project, pod), out var requests))
        {
            _pods.Add((project, pod), requests = new([], [], [], []));
        }

        (metric switch
        {
            "cpu_metrics" => requests.Processors,
            "memory_metrics" => requests.Memory,
            "unschedulable" => requests.Unschedulable,
            _ => requests.Gpus,
        }).Add(series);
    }

    public IEnumerable<Collected> Collect(PodCluster cluster)
    {
        foreach (var series in _nameless)
        {
            yield return Misfit("record/not-a-name",
                "The series has no namespace and pod that can name a resource. Correct the query, or discard it.",
                LabelsOf(series), cluster);
        }

        foreach (var ((project, pod), requests) in _pods)
        {
            foreach (var collected in Samples(project, pod, requests, cluster))
            {
                yield return collected;
            }
        }
    }

    private static IEnumerable<Collected> Samples(string project, string pod, Requests requests, PodCluster cluster)
    {
        var subject = $"{project}/{pod}";
        foreach (var (series, strange) in requests.All.SelectMany(s => s.Strange, (s, strange) => (s, strange)))
        {
            yield return Misfit("record/not-a-number",
                $"'{strange.Text}' is not a number. Collect the day again, or discard the sample.",
                $"{LabelsOf(series)} {strange.Epoch} {strange.Text}", cluster);
        }

        var resource = new ResourceId(cluster.Landlord, cluster.Cluster, "pod", subject);
        var seen = Merge(requests, out var doubled);
        if (doubled is not null)
        {
            yield return Misfit("openshift/two-gpu-resources",
                $"Pod {subject} requests {doubled} beside another GPU resource at the same time; the later one in " +
                "the file counts. Check the pod, then discard this.", $"{subject} {doubled}", cluster);
        }

        var (last, shape) = (default(Moment), Shape.Empty);
        foreach (var (epoch, moment) in seen)
        {
            if (moment != last)
            {
                (last, shape) = (moment, moment.Shape());
            }

            var at = Instant.FromUnixTimeSeconds(epoch);
            yield return new Reading
            {
                Source = cluster.Source,
                Id = string.Create(null, $"{subject}@{epoch}"),
                Type = ReadingType.Sample,
                Resource = resource,
                Project = new(project),
                From = at,
                To = at + cluster.Step,
                State = ResourceState.Running,
                Shape = shape,
            };
        }
    }

    /// <summary>Puts together what the three metrics say of each moment; what comes later in the file wins.</summary>
    private static SortedDictionary<long, Moment> Merge(Requests requests, out string? doubled)
    {
        SortedDictionary<long, Moment> seen = [];
        foreach (var series in requests.Processors)
        {
            Apply(series, (moment, cores) => moment with { Processors = cores });
        }

        foreach (var series in requests.Memory)
        {
            Apply(series, (moment, bytes) => moment with { RamMib = bytes / BytesInMib });
        }

        string? twice = null;
        foreach (var series in requests.Gpus)
        {
            var resource = series["resource"] ?? "unknown";
            Apply(series, (moment, gpus) =>
            {
                twice = moment.GpuResource is { } other && other != resource ? resource : twice;
                return moment with
                {
                    Gpus = gpus,
                    GpuResource = resource,
                    GpuModel = series["label_nvidia_com_gpu_product"] ?? NodeGpus.Of(series["node"]),
                };
            });
        }

        foreach (var (epoch, waits) in requests.Unschedulable.SelectMany(series => series.Samples()))
        {
            if (waits != 0)
            {
                seen.Remove(epoch); // It asked, and was given nothing yet.
            }
        }

        doubled = twice;
        return seen;

        void Apply(MetricSeries series, Func<Moment, decimal, Moment> apply)
        {
            var (node, model, group) = (
                series["node"], series["label_nvidia_com_gpu_machine"], series["label_nerc_mghpcc_org_class"]);
            foreach (var (epoch, value) in series.Samples())
            {
                var moment = seen.GetValueOrDefault(epoch);
                seen[epoch] = apply(moment, value) with
                {
                    Node = node ?? moment.Node,
                    NodeModel = model ?? moment.NodeModel,
                    Class = group ?? moment.Class,
                };
            }
        }
    }

    private static Misfit Misfit(string reason, string why, string text, PodCluster cluster) =>
        new(reason, why, cluster.Source, Record.Hash($"{reason} {text}"), cluster.Landlord, Record.Kept(text));

    internal static string LabelsOf(MetricSeries series) =>
        string.Join(',', series.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"));

    private sealed record Requests(
        List<MetricSeries> Processors, List<MetricSeries> Memory, List<MetricSeries> Gpus,
        List<MetricSeries> Unschedulable)
    {
        public IEnumerable<MetricSeries> All => [.. Processors, .. Memory, .. Gpus];
    }

    /// <summary>What is known of a pod at one moment.</summary>
    private readonly record struct Moment(
        decimal Processors, decimal RamMib, decimal Gpus, string? GpuResource, string? GpuModel,
        string? Node, string? NodeModel, string? Class)
    {
        public Shape Shape()
        {
            Dictionary<string, string> values = new() { ["vcpu"] = Text.Of(Processors), ["ram_mib"] = Text.Of(RamMib) };
            if (GpuResource is not null)
            {
                values["gpu"] = Text.Of(Gpus);
            }

            (string Key, string? Value)[] words =
            [
                ("gpu_resource", GpuResource), ("gpu_model", GpuModel), ("node", Node), ("node_model", NodeModel),
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
}

/// <summary>The GPUs of nodes that were not labelled with their product when their metrics were taken.</summary>
internal static class NodeGpus
{
    private const string V100 = "Tesla-V100-PCIE-32GB";
    private const string A100Sxm4 = "NVIDIA-A100-SXM4-40GB";
    private const string H100 = "NVIDIA-H100-80GB-HBM3";

    private static readonly Dictionary<string, string> Products = new(StringComparer.Ordinal)
    {
        ["wrk-88"] = V100,
        ["wrk-89"] = V100,
        ["wrk-102"] = V100,
        ["wrk-103"] = V100,
        ["wrk-104"] = V100,
        ["wrk-105"] = V100,
        ["wrk-106"] = V100,
        ["wrk-107"] = V100,
        ["wrk-108"] = V100,
        ["wrk-94"] = A100Sxm4,
        ["wrk-95"] = A100Sxm4,
        ["wrk-97"] = A100Sxm4,
        ["wrk-98"] = A100Sxm4,
        ["wrk-109"] = H100,
        ["wrk-110"] = H100,
        ["wrk-111"] = H100,
        ["wrk-112"] = H100,
    };

    public static string? Of(string? node) => node is null ? null : Products.GetValueOrDefault(node);
}
