using System.Text.Json;
using NodaTime;

namespace Exchange.Portal.Tests.Cases;

/// <summary>Answers of Prometheus as files: series of samples every quarter of an hour of October 5, 2026.</summary>
internal sealed class Answers
{
    private const int Step = 900;
    private readonly List<object> _series = [];

    public static Instant Midnight { get; } = Instant.FromUtc(2026, 10, 5, 0, 0);

    /// <summary>What a pod requests from one hour to another: cores, GiB, and devices by resource and product.</summary>
    public Answers Pod(
        string project, int from, int to, int cores, int gib,
        params (string Resource, int Count, string? Product)[] devices)
    {
        Add(project, "cpu", $"{cores}", from, to);
        Add(project, "memory", $"{(long)gib << 30}", from, to);
        foreach (var (resource, count, product) in devices)
        {
            Add(project, resource, $"{count}", from, to, ("label_nvidia_com_gpu_product", product));
        }

        return this;
    }

    public Answers NodeLabel(string label, string value, int from, int to) => Series(
        new() { ["__name__"] = "kube_node_labels", ["node"] = "n1", [label] = value }, "1", from, to);

    /// <summary>The answer, or only what it says from one hour to another.</summary>
    public string Text(int from = 0, int to = 24) => JsonSerializer.Serialize(new
    {
        status = "success",
        data = new { resultType = "matrix", result = _series.Select(one => Cut(one, from, to)).OfType<object>() },
    });

    private void Add(
        string project, string resource, string value, int from, int to, (string Name, string? Value)? label = null)
    {
        Dictionary<string, string> metric = new()
        {
            ["__name__"] = "kube_pod_resource_request",
            ["namespace"] = project,
            ["pod"] = "job-0",
            ["node"] = "n1",
            ["resource"] = resource,
        };
        if (label is { Value: { } word } told)
        {
            metric[told.Name] = word;
        }

        Series(metric, value, from, to);
    }

    private Answers Series(Dictionary<string, string> metric, string value, int from, int to)
    {
        _series.Add(new One(metric, value, from, to));
        return this;
    }

    private static object? Cut(object series, int from, int to)
    {
        var one = (One)series;
        var (start, end) = (int.Max(one.From, from), int.Min(one.To, to));
        return start >= end ? null : new
        {
            metric = one.Metric,
            values = Enumerable.Range(start * 4, (end - start) * 4)
                .Select(i => new object[] { Midnight.ToUnixTimeSeconds() + (i * Step), one.Value }),
        };
    }

    private sealed record One(Dictionary<string, string> Metric, string Value, int From, int To);
}
