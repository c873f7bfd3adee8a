using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>Which cluster the pods are of, under which source they are kept, and what one sample stands for.</summary>
internal sealed record PodCluster(LandlordId Landlord, ClusterId Cluster, string Source, Duration Step);

/// <summary>The requests of all pods of a file, by namespace and pod, and the samples that they come to.</summary>
/// <param name="labels">Labels that were told beside the requests.</param>
/// <param name="withheld">Moments that are not taken; null for none.</param>
internal sealed class PodRequests(SeenLabels labels, IReadOnlySet<PodMoment>? withheld)
{
    private const decimal BytesInMib = 1 << 20;
    private const string Product = "label_nvidia_com_gpu_product";
    private const string Machine = "label_nvidia_com_gpu_machine";
    private const string Class = "label_nerc_mghpcc_org_class";

    private readonly Dictionary<(string Namespace, string Pod), Requests> _pods = [];
    private readonly List<MetricSeries> _nameless = [];

    public bool HasProcessors { get; private set; }
    public bool HasMemory { get; private set; }

    /// <returns>Whether it counts: what is not for sale is passed over.</returns>
    public bool Add(PodResource resource, MetricSeries series)
    {
        HasProcessors |= resource == PodResource.Processors;
        HasMemory |= resource == PodResource.Memory;
        if (resource == PodResource.NotForSale)
        {
            return false;
        }

        if (Of(series) is { } requests)
        {
            (resource switch
            {
                PodResource.Processors => requests.Processors,
                PodResource.Memory => requests.Memory,
                _ => requests.Gpus,
            }).Add(series);
        }

        return true;
    }

    public void AddUnschedulable(MetricSeries series) => Of(series)?.Unschedulable.Add(series);

    private Requests? Of(MetricSeries series)
    {
        if (series["namespace"] is not { } project || series["pod"] is not { } pod ||
            !Name.IsOne(project) || !Name.IsOne($"{project}/{pod}") || series.Labels.Values.Any(Record.HasLost))
        {
            _nameless.Add(series);
            return null;
        }

        if (!_pods.TryGetValue((project, pod), out var requests))
        {
            _pods.Add((project, pod), requests = new([], [], [], []));
        }

        return requests;
    }

    public IEnumerable<Collected> Collect(PodCluster cluster)
    {
        foreach (var series in _nameless)
        {
            yield return Reject("record/not-a-name",
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

    private IEnumerable<Collected> Samples(string project, string pod, Requests requests, PodCluster cluster)
    {
        var subject = $"{project}/{pod}";
        foreach (var (series, strange) in requests.All.SelectMany(s => s.Strange, (s, strange) => (s, strange)))
        {
            yield return Reject("record/not-a-number",
                $"'{strange.Text}' is not a number. Collect the day again, or discard the sample.",
                $"{LabelsOf(series)} {strange.Epoch} {strange.Text}", cluster);
        }

        var resource = new ResourceId(cluster.Landlord, cluster.Cluster, "pod", subject);
        var seen = Merge(project, pod, requests, out var doubled);
        if (doubled is not null)
        {
            yield return Reject("openshift/two-gpu-resources",
                $"Pod {subject} requests {doubled} beside another GPU resource at the same time; the later one in " +
                "the file counts. Check the pod, then discard this.", $"{subject} {doubled}", cluster);
        }

        var (last, shape) = (default(Moment), Shape.Empty);
        foreach (var (epoch, moment) in seen.Where(one => withheld?.Contains(new(project, pod, one.Key)) != true))
        {
            if (moment != last)
            {
                (last, shape) = (moment, moment.Shape(cluster));
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
    private SortedDictionary<long, Moment> Merge(string project, string pod, Requests requests, out string? doubled)
    {
        SortedDictionary<long, Moment> seen = [];
        foreach (var series in requests.Processors)
        {
            Apply((project, pod), seen, series, (moment, _, cores) => moment with { Processors = cores });
        }

        foreach (var series in requests.Memory)
        {
            Apply((project, pod), seen, series, (moment, _, bytes) => moment with { RamMib = bytes / BytesInMib });
        }

        string? twice = null;
        foreach (var series in requests.Gpus.OrderBy(one => PodResources.IsShare(one["resource"] ?? "") ? 0 : 1))
        {
            var resource = series["resource"] ?? "unknown";
            Apply((project, pod), seen, series, (moment, epoch, gpus) =>
            {
                var product = series[Product] ?? labels.OfNode(series["node"], Product, epoch);
                var told = PodResources.Describe(resource, product);
                twice = moment.GpuResource is { } other && other != told && !PodResources.IsShare(other) ? told : twice;
                return moment with { Gpus = gpus, GpuResource = told, GpuModel = product };
            });
        }

        // It asked and was given nothing yet; or how many GPUs it has is not told, and a pod without is another.
        foreach (var epoch in requests.Unschedulable.SelectMany(series => series.Samples())
            .Where(sample => sample.Value != 0).Select(sample => sample.Epoch)
            .Concat(requests.Gpus.SelectMany(series => series.Strange).Select(strange => strange.Epoch)))
        {
            seen.Remove(epoch);
        }

        doubled = twice;
        return seen;
    }

    /// <summary>Changes each moment of a pod of which a series tells a value, and by its labels where it ran.</summary>
    private void Apply(
        (string Project, string Name) pod, SortedDictionary<long, Moment> seen, MetricSeries series,
        Func<Moment, long, decimal, Moment> apply)
    {
        var (node, model, group) = (series["node"], series[Machine], series[Class]);
        foreach (var (epoch, value) in series.Samples())
        {
            var moment = seen.GetValueOrDefault(epoch);
            seen[epoch] = apply(moment, epoch, value) with
            {
                Node = node ?? moment.Node,
                NodeModel = model ?? labels.OfNode(node, Machine, epoch) ?? moment.NodeModel,
                Class = group ?? labels.OfPod(pod.Project, pod.Name, Class, epoch) ?? moment.Class,
            };
        }
    }

    private static RejectedReading Reject(string reason, string why, string text, PodCluster cluster) =>
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
                ("gpu_model", GpuModel ?? (GpuResource is null ? null : NodeGpus.Of(cluster, Node))),
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
}
