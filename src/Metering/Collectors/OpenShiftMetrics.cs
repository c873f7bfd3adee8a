using System.Globalization;
using System.Text.Json;
using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>
/// Format 'openshift-metrics': what pods requested of CPU, memory and GPU, sampled every so many minutes, as the
/// collector files of NERC hold it. Every moment at which a pod was seen is a sample of one step, so that files may
/// overlap and be read twice.
/// </summary>
public static class OpenShiftMetrics
{
    public const string Format = "openshift-metrics";

    private const int DefaultMinutes = 15;

    public static IEnumerable<Collected> Read(Stream stream, CollectorContext context)
    {
        var (pods, minutes, said) = ReadFile(new(stream, context.File), context);
        if (!pods.HasProcessors || !pods.HasMemory)
        {
            throw new RefusedException(new("openshift/no-requests",
                "The file holds no CPU or no memory requests, so the query that made it failed. Collect the day again.",
                context.File));
        }

        var cluster = context.Cluster ?? OpenShiftCluster.Of(said) ?? context.RequiredCluster(Format);
        return pods.Collect(
            new(context.Landlord, cluster, context.Source(cluster, Format), Duration.FromMinutes(minutes)));
    }

    private static (PodRequests Pods, int Minutes, string? Cluster) ReadFile(
        JsonTokens tokens, CollectorContext context)
    {
        var pods = new PodRequests(SeenLabels.None, null);
        var minutes = DefaultMinutes;
        string? cluster = null;
        tokens.Expect(JsonTokenType.StartObject, "an object with cpu_metrics and memory_metrics");
        while (tokens.Next() && tokens.Type == JsonTokenType.PropertyName)
        {
            switch (tokens.Value)
            {
                case "interval_minutes":
                    minutes = Minutes(tokens);
                    break;
                case "cluster_name":
                    tokens.Next();
                    cluster = tokens.Value;
                    break;
                case "cpu_metrics" or "memory_metrics" or "gpu_metrics":
                    var wanted = tokens.Value switch
                    {
                        "cpu_metrics" => PodResource.Processors,
                        "memory_metrics" => PodResource.Memory,
                        _ => PodResource.Gpu,
                    };
                    foreach (var series in MetricSeries.ReadAll(tokens))
                    {
                        context.Tally.Records++;
                        pods.Add(wanted, series);
                    }

                    break;
                default:
                    tokens.Pass();
                    break;
            }
        }

        return (pods, minutes, cluster);
    }

    private static int Minutes(JsonTokens tokens) => tokens.Next() &&
        int.TryParse(tokens.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var told) &&
        told is > 0 and <= 1440
            ? told
            : throw tokens.Refuse($"'{tokens.Value}' is not a number of minutes from 1 to 1440");
}

/// <summary>The name of an OpenShift cluster, from the address of its Prometheus or as its file gives it.</summary>
internal static class OpenShiftCluster
{
    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal)
    {
        ["shift"] = "ocp-prod",
        ["ocp-test"] = "ocp-test",
        ["edu"] = "academic",
        ["barcelona"] = "barcelona",
    };

    public static ClusterId? Of(string? said)
    {
        if (string.IsNullOrWhiteSpace(said))
        {
            return null;
        }

        if (!said.Contains("://", StringComparison.Ordinal))
        {
            return ClusterId.TryParse(said.Replace('/', '-'), null, out var name) ? name : null;
        }

        var host = said.Split("://")[1].Split('/', ':')[0];
        return new ClusterId(Known.GetValueOrDefault(host.Split(".apps.")[^1].Split('.')[0], host));
    }
}
