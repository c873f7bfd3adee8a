using System.Text.Json;
using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>
/// Format 'prometheus': the answers of query_range for what pods request, one after the other in a file. The step is
/// the shortest distance between two samples. Labels of nodes and pods may be among the answers and are joined.
/// </summary>
public static class PrometheusAnswers
{
    public const string Format = "prometheus";

    private static readonly Duration DefaultStep = Duration.FromMinutes(15);

    public static IEnumerable<Collected> Read(Stream stream, CollectorContext context)
    {
        var cluster = context.RequiredCluster(Format);
        return Collect([.. Series(stream, context)], cluster, context, null);
    }

    /// <param name="step">What one sample stands for; null when only the samples tell.</param>
    internal static IEnumerable<Collected> Collect(
        List<MetricSeries> all, ClusterId cluster, CollectorContext context, Duration? step)
    {
        var source = context.Source(cluster, Format);
        var nodes = all.Where(s => s["__name__"] == "kube_node_labels").ToLookup(s => s["node"]);
        var labels = all.Where(s => s["__name__"] == "kube_pod_labels").ToLookup(s => (s["namespace"], s["pod"]));
        var pods = new PodRequests();
        List<Collected> strange = [];
        foreach (var series in all)
        {
            switch (series["__name__"])
            {
                case "kube_pod_resource_request" or null when Metric(series) is { } metric:
                    Join(series, nodes[series["node"]], "label_nvidia_com_gpu_product", "label_nvidia_com_gpu_machine");
                    Join(series, labels[(series["namespace"], series["pod"])], "label_nerc_mghpcc_org_class");
                    pods.Add(metric, series);
                    break;
                case "kube_pod_status_unschedulable":
                    pods.Add("unschedulable", series);
                    break;
                case "kube_node_labels" or "kube_pod_labels":
                    break;
                default:
                    strange.Add(Unknown(series, source, context));
                    break;
            }
        }

        return strange.Concat(pods.Collect(new(context.Landlord, cluster, source, step ?? Step(all))));
    }

    internal static IEnumerable<MetricSeries> Series(Stream stream, CollectorContext context)
    {
        var tokens = new JsonTokens(stream, context.File);
        var answers = 0;
        while (tokens.Next())
        {
            if (tokens.Type == JsonTokenType.PropertyName && tokens.Value == "result")
            {
                answers++;
                foreach (var series in MetricSeries.ReadAll(tokens))
                {
                    context.Tally.Records++;
                    yield return series;
                }
            }
            else if (tokens.Type == JsonTokenType.PropertyName && tokens.Value == "error")
            {
                tokens.Next();
                throw new RefusedException(new("prometheus/failed-query",
                    $"Prometheus answered with an error: {tokens.Value}. Ask again and replace the file.",
                    tokens.Where));
            }
        }

        if (answers == 0)
        {
            throw new RefusedException(new("prometheus/no-answer",
                "The file holds no 'result', so it is no answer of query_range. Keep what /api/v1/query_range " +
                "answers, or name the file's format with --format.", context.File));
        }
    }

    private static string? Metric(MetricSeries series) => series["resource"] switch
    {
        "cpu" => "cpu_metrics",
        "memory" => "memory_metrics",
        { } resource when resource.StartsWith("nvidia", StringComparison.Ordinal) => "gpu_metrics",
        _ => null,
    };

    private static void Join(MetricSeries series, IEnumerable<MetricSeries> others, params ReadOnlySpan<string> labels)
    {
        foreach (var other in others)
        {
            foreach (var label in labels)
            {
                if (other[label] is { } value)
                {
                    series.Labels.TryAdd(label, value);
                }
            }
        }
    }

    private static Duration Step(IEnumerable<MetricSeries> all) => all
        .SelectMany(series => series.Runs.Select(run => run.Step)
            .Concat(series.Runs.Zip(series.Runs.Skip(1), (a, b) => b.First - a.Last)))
        .Where(distance => distance > 0)
        .DefaultIfEmpty((long)DefaultStep.TotalSeconds).Min() is var seconds
            ? Duration.FromSeconds(seconds)
            : DefaultStep;

    private static Misfit Unknown(MetricSeries series, string source, CollectorContext context) => new(
        "prometheus/unknown-metric",
        $"Nothing is known of metric '{series["__name__"]}' of resource '{series["resource"]}'. " +
        "Ask for kube_pod_resource_request.",
        source, Record.Hash(PodRequests.LabelsOf(series)), context.Landlord, Record.Kept(PodRequests.LabelsOf(series)));
}
