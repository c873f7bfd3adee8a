using System.Globalization;
using System.Text;
using Exchange.Portal.Collecting;
using Exchange.Portal.Web.Access;
using Microsoft.AspNetCore.Authentication;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Exchange.Portal.Web;

/// <summary>GET /metrics — what is measured, in Prometheus' text format, collected when it is asked for.</summary>
internal sealed class MetricsText : BaseExporter<Metric>
{
    private readonly Lock _turn = new();
    private readonly StringBuilder _text = new();

    public MetricsText() => Reader = new BaseExportingMetricReader(this);

    public BaseExportingMetricReader Reader { get; }

    public void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/metrics", async (HttpContext http, Composition exchange, CancellationToken ct) =>
            await MayRead(http)
                ? Results.Text(Show() + await OfCollectors(exchange, ct), "text/plain; version=0.0.4")
                : new NoKey())
        .AllowAnonymous().WithTags("health")
        .WithSummary("Requests, the process, and how far collectors are, in Prometheus' text format; on this machine " +
            "to anybody, elsewhere to a key of the exchange that reads.")
        .Produces<string>(200, "text/plain").ProducesProblem(401);

    public override ExportResult Export(in Batch<Metric> batch)
    {
        foreach (var metric in batch)
        {
            Write(metric);
        }

        return ExportResult.Success;
    }

    /// <summary>It names keys, collectors and sources, so strangers are turned away before anything is done.</summary>
    private static async Task<bool> MayRead(HttpContext http)
    {
        if (PublicAddress.IsThisMachine(http))
        {
            return true;
        }

        var viewer = Viewer.Of(http.User) ??
            ((await http.AuthenticateAsync(Viewer.KeyScheme)).Principal is { } program ? Viewer.Of(program) : null);
        return viewer is { Role: Role.Operator } or { Role: Role.ReadKey, Landlord: null };
    }

    private string Show()
    {
        lock (_turn)
        {
            _text.Clear();
            Reader.Collect();
            return _text.ToString();
        }
    }

    private static async Task<string> OfCollectors(Composition exchange, CancellationToken ct)
    {
        try
        {
            return await CollectorMetrics.Show(exchange, ct);
        }
        catch (NpgsqlException e)
        {
            return $"# The database does not answer: {e.Message.ReplaceLineEndings(" ")}\n";
        }
    }

    private void Write(Metric metric)
    {
        var name = NameOf(metric);
        var type = metric.MetricType switch
        {
            MetricType.Histogram => "histogram",
            MetricType.LongSum or MetricType.DoubleSum => "counter",
            MetricType.LongGauge or MetricType.DoubleGauge or MetricType.LongSumNonMonotonic
                or MetricType.DoubleSumNonMonotonic => "gauge",
            _ => null,
        };
        if (type is null)
        {
            return;
        }

        _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {metric.Description.ReplaceLineEndings(" ")}\n");
        _text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {type}\n");
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var labels = Labels(point);
            if (labels.Contains("Host=", StringComparison.OrdinalIgnoreCase))
            {
                continue; // A pool without a name is called as it is reached, which is nobody's business.
            }

            if (type == "histogram")
            {
                Buckets(name, labels, point);
            }
            else
            {
                Line(name, labels, metric.MetricType switch
                {
                    MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
                    MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
                    MetricType.LongGauge => point.GetGaugeLastValueLong(),
                    _ => point.GetGaugeLastValueDouble(),
                });
            }
        }
    }

    private void Buckets(string name, string labels, in MetricPoint point)
    {
        var total = 0L;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            total += bucket.BucketCount;
            var bound = double.IsPositiveInfinity(bucket.ExplicitBound)
                ? "+Inf" : bucket.ExplicitBound.ToString(CultureInfo.InvariantCulture);
            Line($"{name}_bucket", $"{labels}{(labels.Length > 0 ? "," : "")}le=\"{bound}\"", total);
        }

        Line($"{name}_count", labels, point.GetHistogramCount());
        Line($"{name}_sum", labels, point.GetHistogramSum());
    }

    private void Line(string name, string labels, double value) => _text.Append(
        CultureInfo.InvariantCulture, $"{name}{(labels.Length > 0 ? $"{{{labels}}}" : "")} {value}\n");

    /// <summary>Ours are named as Prometheus writes them; others get their unit, as its own exporter does.</summary>
    private static string NameOf(Metric metric)
    {
        var name = Plain(metric.Name);
        if (metric.MeterName == Telemetry.Name)
        {
            return name;
        }

        var unit = metric.Unit switch { "s" => "_seconds", "By" => "_bytes", "ms" => "_milliseconds", _ => "" };
        return $"{name}{(name.EndsWith(unit, StringComparison.Ordinal) ? "" : unit)}" +
            (metric.MetricType is MetricType.LongSum or MetricType.DoubleSum ? "_total" : "");
    }

    private static string Labels(in MetricPoint point)
    {
        var labels = new StringBuilder();
        foreach (var (key, value) in point.Tags)
        {
            var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            labels.Append(labels.Length > 0 ? "," : "").Append(Plain(key)).Append("=\"")
                .Append(text.Replace("\\", "\\\\", StringComparison.Ordinal)
                    .Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings("\\n")).Append('"');
        }

        return labels.ToString();
    }

    private static string Plain(string name) =>
        string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or ':' ? c : '_'));
}
