using System.Text.Json;
using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>
/// Format 'prometheus': the answers of query_range for what pods request, one after the other in a file. The step is
/// the shortest distance between two samples unless it is named. Labels of nodes and pods may be among the answers and
/// hold for the moments at which they were seen.
/// </summary>
public static class PrometheusAnswers
{
    public const string Format = "prometheus";

    /// <summary>The refusal of an answer that is not whole.</summary>
    internal const string Partial = "prometheus/partial-answer";

    private static readonly Duration DefaultStep = Duration.FromMinutes(15);

    public static IEnumerable<Collected> Read(Stream stream, CollectorContext context)
    {
        var cluster = context.RequiredCluster(Format);
        return Collect([.. Series(stream, context)], cluster, context, null);
    }

    /// <param name="step">What one sample stands for; null when only the samples tell.</param>
    /// <param name="withheld">Moments of pods that are not taken; null for none.</param>
    internal static IEnumerable<Collected> Collect(
        List<MetricSeries> all, ClusterId cluster, CollectorContext context, Duration? step,
        IReadOnlySet<PodMoment>? withheld = null)
    {
        var source = context.Source(cluster, Format);
        var pods = new PodRequests(new(all), withheld);
        List<Collected> strange = [];
        foreach (var series in all)
        {
            switch (series["__name__"])
            {
                case "kube_pod_resource_request" or null when series["resource"] is { } resource:
                    context.Tally.Ignored += pods.Add(PodResources.KindOf(resource), series) ? 0 : 1;
                    break;
                case "kube_pod_status_unschedulable":
                    pods.AddUnschedulable(series);
                    break;
                case "kube_node_labels" or "kube_pod_labels":
                    break;
                default:
                    strange.Add(Unknown(series, source, context));
                    break;
            }
        }

        return strange.Concat(pods.Collect(
            new(context.Landlord, cluster, source, step ?? context.Step ?? Step(all))));
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
            else if (tokens.Type == JsonTokenType.PropertyName)
            {
                AnswerSigns.Check(tokens);
            }
        }

        if (answers == 0)
        {
            throw new RefusedException(new("prometheus/no-answer",
                "The file holds no 'result', so it is no answer of query_range. Keep what /api/v1/query_range " +
                "answers, or name the file's format with --format.", context.File));
        }
    }

    private static Duration Step(IEnumerable<MetricSeries> all) => all
        .SelectMany(series => series.Runs.Select(run => run.Step)
            .Concat(series.Runs.Zip(series.Runs.Skip(1), (a, b) => b.First - a.Last)))
        .Where(distance => distance > 0)
        .DefaultIfEmpty((long)DefaultStep.TotalSeconds).Min() is var seconds
            ? Duration.FromSeconds(seconds)
            : DefaultStep;

    private static RejectedReading Unknown(MetricSeries series, string source, CollectorContext context) => new(
        "prometheus/unknown-metric",
        $"Nothing is known of metric '{series["__name__"]}' of resource '{series["resource"]}'. " +
        "Ask for kube_pod_resource_request.",
        source, Record.Hash(PodRequests.LabelsOf(series)), context.Landlord, Record.Kept(PodRequests.LabelsOf(series)));
}
