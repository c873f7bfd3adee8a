using System.Globalization;
using Exchange.Metering.Collectors.Live;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests.Collectors.Live;

/// <summary>What pods request, from a real Prometheus.</summary>
public class CollectingFromPrometheus
{
    private static readonly Instant Midnight = Instant.FromUtc(2026, 10, 5, 0, 0);
    private static readonly Duration Step = Duration.FromMinutes(15);
    private static readonly PrometheusWindows Windows = new(
        Midnight, Step, Duration.FromHours(2), Duration.FromHours(1), Duration.FromMinutes(5));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Instant At(int hours, int minutes = 0) =>
        Midnight + Duration.FromHours(hours) + Duration.FromMinutes(minutes);

    /// <summary>One sample a minute; none while Prometheus itself was away.</summary>
    private static IEnumerable<string> Series(string metric, string labels, string value, Instant from, Instant to, Period? away = null)
    {
        for (var at = from; at < to - Duration.FromMinutes(5); at += Duration.FromMinutes(1)) // It looks back so far.
        {
            if (away is not { } gone || !gone.Contains(at))
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{metric}{{{labels.Replace(" ", "", StringComparison.Ordinal)}}} {value} {at.ToUnixTimeSeconds()}");
            }
        }
    }

    private static List<string> Cluster(Period? away = null)
    {
        const string Requests = "kube_pod_resource_request";
        const string Plain = """namespace="bio",pod="web",node="wrk-1" """;
        const string Gpu = """namespace="chem",pod="train",node="wrk-2" """;
        const string Waits = """namespace="bio",pod="late",node="wrk-1" """;
        return
        [
            $"# TYPE {Requests} gauge",
            .. Series(Requests, Plain + ",resource=\"cpu\"", "0.5", At(0), At(6), away),
            .. Series(Requests, Plain + ",resource=\"memory\"", "1073741824", At(0), At(6), away),
            .. Series(Requests, Gpu + ",resource=\"cpu\"", "8", At(1), At(3), away),
            .. Series(Requests, Gpu + ",resource=\"memory\"", "68719476736", At(1), At(3), away),
            .. Series(Requests, Gpu + ",resource=\"nvidia_com_gpu\"", "1", At(1), At(3), away),
            .. Series(Requests, Waits + ",resource=\"cpu\"", "1", At(4), At(6), away),
            .. Series(Requests, Waits + ",resource=\"memory\"", "1073741824", At(4), At(6), away),
            "# TYPE kube_pod_status_unschedulable gauge",
            .. Series("kube_pod_status_unschedulable", """namespace="bio",pod="late" """, "1", At(4), At(5), away),
            "# TYPE kube_node_labels gauge",
            .. Series("kube_node_labels", """node="wrk-2",label_nvidia_com_gpu_product="NVIDIA-A100-40GB" """, "1", At(0), At(6), away),
            "# TYPE kube_pod_labels gauge",
            .. Series("kube_pod_labels", """namespace="chem",pod="train",label_nerc_mghpcc_org_class="chem101" """, "1", At(1), At(3), away),
        ];
    }

    private static PrometheusCollector Collector(Uri url, HttpClient http) => PrometheusCollector.OfPods(
        new("prod-pods", "prometheus", new("nerc"), new("ocp-prod"), Duration.FromMinutes(15)), http, new(url), Windows);

    private static string Show(IEnumerable<Segment> segments) => string.Join('\n', segments.Select(s =>
        $"{s.Resource.Subject} {s.Period.Start:HH:mm}-{s.Period.End:HH:mm} {s.Shape.VCpu} {s.Shape.RamMib} {s.Shape.Gpu} {s.Shape.GpuModel} {s.Shape.Word("class")}"));

    private static readonly Period Day = new(At(0), At(24));

    [Fact]
    public async Task Requests_of_scheduled_pods_become_segments_and_reading_again_changes_nothing()
    {
        await using var prometheus = await TestPrometheus.Start(Cluster());
        await using var live = await LiveMeter.New(At(5, 10));
        using var http = new HttpClient();
        var first = await live.Runner.Once(Collector(prometheus.Url, http), Ct);

        Assert.Equal((28, 0), (first!.Accepted, first.Quarantined));
        Assert.Equal(At(5), (await live.State("prod-pods")).ReadUntil);

        live.Clock.Now = At(7);
        await live.Runner.Once(Collector(prometheus.Url, http), Ct);
        Assert.Equal("""
            bio/late 05:00-06:00 1 1024 0  
            bio/web 00:00-06:00 0.5 1024 0  
            chem/train 01:00-03:00 8 65536 1 NVIDIA-A100-40GB chem101
            """, Show(await live.Segments(Day)));

        var again = await live.Runner.Once(Collector(prometheus.Url, http), Ct);
        Assert.Equal((0, 0), (again!.Accepted, again.Quarantined));
        var state = await live.State("prod-pods");
        Assert.Equal((At(6, 45), Duration.FromMinutes(15), 0), (state.ReadUntil, state.LagAt(live.Clock.Now), state.Failures));
        Assert.Equal(new Period(At(6), At(6, 45)), Assert.Single(state.Gaps).Period);
    }

    [Fact]
    public async Task A_time_without_samples_is_a_gap_until_they_come()
    {
        await using var live = await LiveMeter.New(At(6, 10));
        using var http = new HttpClient();
        await using (var away = await TestPrometheus.Start(Cluster(away: new(At(1, 50), At(2, 45)))))
        {
            await live.Runner.Once(Collector(away.Url, http), Ct);
            Assert.Equal([new Period(At(2), At(2, 45))], (await live.State("prod-pods")).Gaps.Select(gap => gap.Period));
            Assert.Equal(["00:00-02:00", "02:45-06:00"], (await live.Segments(Day))
                .Where(s => s.Resource.Subject == "bio/web").Select(s => $"{s.Period.Start:HH:mm}-{s.Period.End:HH:mm}"));
        }

        await using var filled = await TestPrometheus.Start(Cluster());
        await live.Runner.Once(Collector(filled.Url, http), Ct);
        Assert.Empty((await live.State("prod-pods")).Gaps);
        Assert.Equal(["00:00-06:00"], (await live.Segments(Day))
            .Where(s => s.Resource.Subject == "bio/web").Select(s => $"{s.Period.Start:HH:mm}-{s.Period.End:HH:mm}"));
    }

    [Fact]
    public async Task Failing_connections_are_tried_again_and_a_stop_between_windows_costs_nothing()
    {
        await using var prometheus = await TestPrometheus.Start(Cluster());
        await using var live = await LiveMeter.New(At(6, 10));
        using var http = new HttpClient(new Flaky(fails: 2));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var stopped = live.Runner.Once(Collector(prometheus.Url, http), stop.Token);
        while (!stopped.IsCompleted && (await new CollectorLog(live.Database).All(Ct)) is not [{ ReadUntil: not null }])
        {
            await Task.Delay(20, Ct);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped);
        Assert.Equal(At(2), (await live.State("prod-pods")).ReadUntil);

        await live.Runner.Once(Collector(prometheus.Url, http), Ct);
        Assert.Equal("""
            bio/late 05:00-06:00 1 1024 0  
            bio/web 00:00-06:00 0.5 1024 0  
            chem/train 01:00-03:00 8 65536 1 NVIDIA-A100-40GB chem101
            """, Show(await live.Segments(Day)));
    }

    [Fact]
    public async Task A_source_that_is_away_is_a_failure_that_is_shown_and_moves_nothing()
    {
        await using var live = await LiveMeter.New(At(6, 10));
        using var http = new HttpClient();
        var nobody = new Uri($"http://127.0.0.1:{Ports.Free()}/");
        var refused = await Assert.ThrowsAsync<RefusedException>(() => live.Runner.Once(Collector(nobody, http), Ct));
        var state = await live.State("prod-pods");

        Assert.Equal("prometheus/failed-query", refused.Refusal.Code);
        Assert.Equal((null, 1), (state.ReadUntil, state.Failures));
        Assert.Contains("does not answer", state.Why, StringComparison.Ordinal);
    }
}
