using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>Which cluster the pods are of, under which source they are kept, and what one sample stands for.</summary>
internal sealed record PodCluster(LandlordId Landlord, ClusterId Cluster, string Source, Duration Step);

/// <summary>The requests of all pods of a file, by namespace and pod, and the samples that they come to.</summary>
/// <param name="labels">Labels that were told beside the requests.</param>
/// <param name="withheld">Moments that are not taken; null for none.</param>
internal sealed class PodRequests(SeenLabels labels, IReadOnlySet<PodMoment>? withheld)
{
    private readonly Dictionary<(string Namespace, string Pod), SeriesOfPod> _pods = [];
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

    private SeriesOfPod? Of(MetricSeries series)
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

    private IEnumerable<Collected> Samples(string project, string pod, SeriesOfPod requests, PodCluster cluster)
    {
        var subject = $"{project}/{pod}";
        foreach (var (series, strange) in requests.All.SelectMany(s => s.Strange, (s, strange) => (s, strange)))
        {
            yield return Reject("record/not-a-number",
                $"'{strange.Text}' is not a number. Collect the day again, or discard the sample.",
                $"{LabelsOf(series)} {strange.Epoch} {strange.Text}", cluster);
        }

        var merged = new MergedRequests(project, pod, labels);
        merged.Add(requests, (long)cluster.Step.TotalSeconds);
        foreach (var reading in Samples(subject, project, pod, merged.Pod, cluster))
        {
            yield return reading;
        }

        foreach (var (gpus, moments) in merged.OtherGpus)
        {
            foreach (var reading in Samples($"{subject}+{gpus}", project, pod, moments, cluster))
            {
                yield return reading;
            }
        }
    }

    private IEnumerable<Collected> Samples(
        string subject, string project, string pod, SortedDictionary<long, PodRequest> seen, PodCluster cluster)
    {
        var resource = new ResourceId(cluster.Landlord, cluster.Cluster, "pod", subject);
        var (last, shape) = (default(PodRequest), Shape.Empty);
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

    private static RejectedReading Reject(string reason, string why, string text, PodCluster cluster) =>
        new(reason, why, cluster.Source, Record.Hash($"{reason} {text}"), cluster.Landlord, Record.Kept(text));

    internal static string LabelsOf(MetricSeries series) =>
        string.Join(',', series.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"));
}
