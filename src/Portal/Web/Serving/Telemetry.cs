using System.Collections.Frozen;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Exchange.Portal.Web;

/// <summary>
/// What the server measures of itself, by OpenTelemetry: requests, the runtime, the database and connections. /metrics
/// shows it as text; with OTEL_EXPORTER_OTLP_ENDPOINT it is sent there too, with traces. Whatever is sent to the
/// server, the names and labels come from this program and not from the request.
/// </summary>
internal sealed class Telemetry : IDisposable
{
    public const string Name = "Exchange";

    /// <summary>Series of one metric; what is beyond is counted together.</summary>
    private const int MaxSeries = 2_000;

    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string OtherMethod = "_OTHER";

    private static readonly double[] Bounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];

    private static readonly FrozenSet<string> Methods =
        FrozenSet.Create(StringComparer.Ordinal, "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS");

    private readonly Meter _meter = new(Name);
    private readonly Histogram<double> _requests;

    public Telemetry()
    {
        _requests = _meter.CreateHistogram<double>(
            "exchange_request_seconds", "s", "Time taken to answer requests.");
        _meter.CreateObservableGauge(
            "process_resident_memory_bytes", () => Environment.WorkingSet, "By", "Memory of the process.");
    }

    public static void AddTo(IServiceCollection services, MetricsText text)
    {
        var sends = Environment.GetEnvironmentVariable(Endpoint) is { Length: > 0 };
        var telemetry = services.AddSingleton<Telemetry>().AddSingleton(text).AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("exchange"))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Name, "Npgsql", "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel")
                    .AddView("exchange_request_seconds", new ExplicitBucketHistogramConfiguration
                    {
                        Boundaries = Bounds,
                        CardinalityLimit = MaxSeries,
                    })
                    .AddReader(text.Reader);
                if (sends)
                {
                    metrics.AddOtlpExporter();
                }
            });
        if (sends)
        {
            telemetry.WithTracing(traces => traces
                .AddSource("Microsoft.AspNetCore", "Npgsql").AddOtlpExporter());
        }
    }

    public void Use(WebApplication app) => app.Use(async (http, next) =>
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            await next(http);
        }
        finally
        {
            var method = Methods.Contains(http.Request.Method) ? http.Request.Method : OtherMethod;
            var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";
            _requests.Record(
                Stopwatch.GetElapsedTime(start).TotalSeconds, new("method", method), new("route", route),
                new("status", http.Response.StatusCode));
        }
    });

    public void Dispose() => _meter.Dispose();
}
