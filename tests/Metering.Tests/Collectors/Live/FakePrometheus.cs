using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Web;
using NodaTime;

namespace Exchange.Metering.Tests.Collectors.Live;

/// <summary>Answers 'query_range' from series that a test makes up and changes meanwhile.</summary>
internal sealed class FakePrometheus : HttpMessageHandler
{
    /// <summary>A series, and what it says at each moment of its time; null for nothing.</summary>
    public sealed record Series(string Metric, Dictionary<string, string> Labels, Func<Instant, string?> At);

    public List<Series> All { get; } = [];

    /// <summary>The requests of a pod.</summary>
    public void Pod(
        string project, string pod, Instant from, Instant to, int cpu, params (string, string)[] more)
    {
        foreach (var (resource, value) in ((string, string)[])[("cpu", $"{cpu}"), ("memory", "1073741824")])
        {
            Dictionary<string, string> labels = new()
            {
                ["namespace"] = project,
                ["pod"] = pod,
                ["node"] = "n1",
                ["uid"] = pod,
                ["resource"] = resource,
            };
            foreach (var (key, said) in more)
            {
                labels[key] = said;
            }

            All.Add(new("kube_pod_resource_request", labels, at => at >= from && at < to ? value : null));
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = HttpUtility.ParseQueryString(await request.Content!.ReadAsStringAsync(cancellationToken));
        long Number(string name) => long.Parse(asked[name]!, CultureInfo.InvariantCulture);
        var (query, start, end, step) = (asked["query"]!, Number("start"), Number("end"), Number("step"));
        var result = All.Where(series => IsAsked(query, series)).Select(series => new
        {
            metric = new Dictionary<string, string>(series.Labels) { ["__name__"] = series.Metric },
            values = Enumerable.Range(0, (int)((end - start) / step) + 1).Select(n => start + (n * step))
                .Select(at => (At: at, Value: series.At(Instant.FromUnixTimeSeconds(at))))
                .Where(sample => sample.Value is not null)
                .Select(sample => new object[] { sample.At, sample.Value! }).ToArray(),
        }).Where(series => series.values.Length > 0);
        return new(HttpStatusCode.OK)
        {
            Content = new StringContent(JsonSerializer.Serialize(new
            {
                status = "success",
                data = new { resultType = "matrix", result },
            })),
        };
    }

    private static bool IsAsked(string query, Series series) =>
        query.StartsWith(series.Metric, StringComparison.Ordinal) &&
        (series.Labels.GetValueOrDefault("resource") is not ("cpu" or "memory") and not null
            ? query.Contains("resource!~", StringComparison.Ordinal)
            : series.Labels.GetValueOrDefault("resource") is not { } resource ||
                query.Contains($"resource=\"{resource}\"", StringComparison.Ordinal));
}
