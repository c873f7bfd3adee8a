using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Exchange.Portal.Collecting;
using Npgsql;

namespace Exchange.Portal.Web;

/// <summary>Counts requests by route and status, with their times, for /metrics in Prometheus' text format.</summary>
internal sealed class Traffic
{
    private static readonly long[] BoundsInMicroseconds = [1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000,
        2_500_000];

    private readonly ConcurrentDictionary<(string Method, string Route, int Status), Times> _seen = new();

    public void Use(WebApplication app) => app.Use(async (http, next) =>
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            await next(http);
        }
        finally
        {
            var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";
            _seen.GetOrAdd((http.Request.Method, route, http.Response.StatusCode), _ => new())
                .Add((long)Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }
    });

    public void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/metrics", async (Composition exchange, CancellationToken ct) => Results.Text(
            Show() + await OfCollectors(exchange, ct), "text/plain; version=0.0.4"))
        .AllowAnonymous().WithTags("health")
        .WithSummary("Requests, and how far collectors are, in Prometheus' text format.")
        .Produces<string>(200, "text/plain");

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

    private string Show()
    {
        var text = new StringBuilder("# HELP exchange_request_seconds Time taken to answer requests.\n");
        text.Append("# TYPE exchange_request_seconds histogram\n");
        foreach (var ((method, route, status), times) in _seen.OrderBy(s => s.Key))
        {
            var labels = string.Create(
                CultureInfo.InvariantCulture, $"method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            times.Write(text, labels);
        }

        text.Append("# HELP process_resident_memory_bytes Memory of the process.\n");
        text.Append("# TYPE process_resident_memory_bytes gauge\n");
        text.Append(CultureInfo.InvariantCulture, $"process_resident_memory_bytes {Environment.WorkingSet}\n");
        return text.ToString();
    }

    private sealed class Times
    {
        private readonly long[] _counts = new long[BoundsInMicroseconds.Length + 1];
        private long _microseconds;

        public void Add(long microseconds)
        {
            var bucket = Array.FindIndex(BoundsInMicroseconds, bound => microseconds <= bound);
            Interlocked.Increment(ref _counts[bucket < 0 ? ^1 : bucket]);
            Interlocked.Add(ref _microseconds, microseconds);
        }

        public void Write(StringBuilder text, string labels)
        {
            var total = 0L;
            for (var i = 0; i < _counts.Length; i++)
            {
                total += Interlocked.Read(ref _counts[i]);
                var bound = i < BoundsInMicroseconds.Length
                    ? (BoundsInMicroseconds[i] / 1_000_000m).ToString(CultureInfo.InvariantCulture)
                    : "+Inf";
                text.Append(CultureInfo.InvariantCulture,
                    $"exchange_request_seconds_bucket{{{labels},le=\"{bound}\"}} {total}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"exchange_request_seconds_count{{{labels}}} {total}\n");
            text.Append(CultureInfo.InvariantCulture,
                $"exchange_request_seconds_sum{{{labels}}} {Interlocked.Read(ref _microseconds) / 1_000_000m}\n");
        }
    }
}
