using Xunit;

namespace Exchange.Testing;

/// <summary>A real Prometheus on loopback over recorded samples.</summary>
public sealed class TestPrometheus : IAsyncDisposable
{
    private readonly Component _server;

    private TestPrometheus(Component server, Uri url) => (_server, Url) = (server, url);

    public Uri Url { get; }

    /// <param name="samples">Lines of OpenMetrics with their times in seconds, those of a metric together.</param>
    public static async Task<TestPrometheus> Start(IEnumerable<string> samples)
    {
        var promtool = Component.Find("prometheus", "promtool");
        var prometheus = Component.Find("prometheus", "prometheus");
        var folder = Component.NewFolder().FullName;
        var ct = TestContext.Current.CancellationToken;
        await File.WriteAllLinesAsync(Path.Combine(folder, "samples"), [.. samples, "# EOF"], ct);
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yml"), "scrape_configs: []\n", ct);
        await Component.Run(promtool, folder, "tsdb", "create-blocks-from", "openmetrics", "samples", "data");
        var url = new Uri($"http://127.0.0.1:{Ports.Free()}/");
        var server = Component.Start(
            prometheus, folder, new Dictionary<string, string>(), "--config.file=prometheus.yml",
            "--storage.tsdb.path=data", "--storage.tsdb.retention.time=100y",
            $"--web.listen-address={url.Authority}");
        using var http = new HttpClient();
        await server.Until(async () =>
            (await http.GetAsync(new Uri(url, "-/ready"), ct)).IsSuccessStatusCode);
        return new(server, url);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
