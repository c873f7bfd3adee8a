namespace Exchange.Metering.Collectors;

/// <summary>
/// Puts together what the series of a pod say of each moment; what comes later in the file wins. Of several kinds of
/// GPU the later in the file goes with the pod's CPU and memory, and each other kind counts alone, by its own number.
/// </summary>
internal sealed class MergedRequests(string project, string pod, SeenLabels labels)
{
    private const decimal BytesInMib = 1 << 20;
    private const string Product = "label_nvidia_com_gpu_product";
    private const string Machine = "label_nvidia_com_gpu_machine";
    private const string Class = "label_nerc_mghpcc_org_class";

    public SortedDictionary<long, PodRequest> Pod { get; } = [];

    /// <summary>GPUs of other kinds than the pod's own, by the name of their resource.</summary>
    public SortedDictionary<string, SortedDictionary<long, PodRequest>> OtherGpus { get; } =
        new(StringComparer.Ordinal);

    /// <param name="step">The seconds that one sample stands for.</param>
    public void Add(SeriesOfPod requests, long step)
    {
        foreach (var series in requests.Processors)
        {
            Apply(series, (moment, _, cores) => moment with { Processors = cores });
        }

        foreach (var series in requests.Memory)
        {
            Apply(series, (moment, _, bytes) => moment with { RamMib = bytes / BytesInMib });
        }

        foreach (var series in requests.Gpus.OrderBy(one => PodResources.IsShare(one["resource"] ?? "") ? 0 : 1))
        {
            AddGpus(series);
        }

        // It asked and was given nothing yet; or how many GPUs it has is not told, and a pod without is another.
        var nothing = requests.Unschedulable.SelectMany(series => series.Samples())
            .Where(sample => sample.Value != 0).Select(sample => sample.Epoch)
            .Concat(requests.Gpus.SelectMany(series => series.Strange).Select(strange => strange.Epoch));
        foreach (var epoch in nothing.Concat(Replicas.Repeated(requests, step)).ToList())
        {
            Pod.Remove(epoch);
            foreach (var gpus in OtherGpus.Values)
            {
                gpus.Remove(epoch);
            }
        }
    }

    private void AddGpus(MetricSeries series)
    {
        var resource = series["resource"] ?? "unknown";
        Apply(series, (moment, epoch, gpus) =>
        {
            var product = series[Product] ?? labels.OfNode(series["node"], Product, epoch);
            var told = PodResources.Describe(resource, product);
            if (moment is { GpuResource: { } other, Gpus: > 0 } && !PodResources.IsShare(other) &&
                !PodResources.AreSame(other, told))
            {
                OfKind(other)[epoch] = moment with { Processors = 0, RamMib = 0 };
            }

            foreach (var (_, again) in OtherGpus.Where(kind => PodResources.AreSame(kind.Key, told)))
            {
                again.Remove(epoch);
            }

            return moment with { Gpus = gpus, GpuResource = told, GpuProduct = product };
        });
    }

    private SortedDictionary<long, PodRequest> OfKind(string resource)
    {
        if (!OtherGpus.TryGetValue(resource, out var moments))
        {
            OtherGpus.Add(resource, moments = []);
        }

        return moments;
    }

    /// <summary>Changes each moment of which a series tells a value, and by its labels where the pod ran.</summary>
    private void Apply(MetricSeries series, Func<PodRequest, long, decimal, PodRequest> apply)
    {
        var (node, model, group) = (series["node"], series[Machine], series[Class]);
        foreach (var (epoch, value) in series.Samples())
        {
            var moment = Pod.GetValueOrDefault(epoch);
            Pod[epoch] = apply(moment, epoch, value) with
            {
                Node = node ?? moment.Node,
                NodeModel = model ?? labels.OfNode(node, Machine, epoch) ?? moment.NodeModel,
                Class = group ?? labels.OfPod(project, pod, Class, epoch) ?? moment.Class,
            };
        }
    }
}
