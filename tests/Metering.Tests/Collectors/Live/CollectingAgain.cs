using Exchange.Metering.Collectors.Live;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests.Collectors.Live;

/// <summary>
/// A window that is collected again says what its source says now: issue of windows told wrong for a day. Seen to take
/// back the energy of the last step, which begins in the window and is told after it.
/// </summary>
public sealed class CollectingAgain
{
    private static readonly Instant Midnight = Instant.FromUtc(2026, 10, 5, 0, 0);
    private static readonly Duration Step = Duration.FromMinutes(15);
    private static readonly Period Day = new(Midnight, Midnight + Duration.FromHours(24));
    private static readonly PrometheusWindows Windows = new(
        Midnight, Step, Duration.FromHours(2), Duration.FromHours(1), Duration.FromMinutes(5));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Instant At(int hours, int minutes = 0) =>
        Midnight + Duration.FromHours(hours) + Duration.FromMinutes(minutes);

    private static PrometheusCollector Pods(HttpClient http) => PrometheusCollector.OfPods(
        new("pods", "prometheus", new("nerc"), new("ocp"), Step), http, new(new("http://prometheus/")), Windows);

    private static PrometheusCollector Gpus(HttpClient http) => PrometheusCollector.OfGpus(
        new("gpus", "dcgm", new("nerc"), new("ocp"), Step), http, new(new("http://prometheus/")), Windows);

    private static async Task<string> Told(LiveMeter live) => string.Join('\n', (await live.Segments(Day)).Select(s =>
        $"{s.Resource.Subject} {s.Period.Start:HH:mm}-{s.Period.End:HH:mm} {s.Shape.VCpu}"));

    [Fact]
    public async Task What_is_told_otherwise_is_replaced_what_is_told_no_more_is_retracted_and_what_is_new_is_added()
    {
        await using var live = await LiveMeter.New(At(12));
        var source = new FakePrometheus();
        using var http = new HttpClient(source);
        source.Pod("bio", "stays", At(0), At(12), 4);
        source.Pod("bio", "wrong", At(0), At(12), 8);
        source.Pod("bio", "ghost", At(2), At(6), 1);
        await live.Runner.Once(Pods(http), Ct);
        source.All.RemoveAll(one => one.Labels["pod"] != "stays");
        source.Pod("bio", "wrong", At(0), At(12), 2);
        source.Pod("bio", "new", At(3), At(4), 1);

        // Of 03:00 to 05:00 only, given within a step.
        var done = await live.Runner.Again(Pods(http), new(At(3, 5), At(4, 50)), "labels were wrong", Ct);
        Assert.Equal(new WindowCorrected(8, 8, 8, 4), done);
        Assert.Equal("""
            bio/ghost 02:00-03:00 1
            bio/ghost 05:00-06:00 1
            bio/new 03:00-04:00 1
            bio/stays 00:00-11:45 4
            bio/wrong 00:00-03:00 8
            bio/wrong 03:00-05:00 2
            bio/wrong 05:00-11:45 8
            """, await Told(live));
        var once = await live.Runner.Again(Pods(http), new(At(3), At(5)), "again", Ct);
        Assert.Equal(new WindowCorrected(20, 0, 0, 0), once);
        Assert.Empty(await live.Meter.Verify(Ct));
        var behind = await live.Meter.ReadingsBehind(
            ResourceId.Parse("nerc/ocp/pod/bio/ghost"), new(At(3), At(4)), Ct);
        Assert.Equal(4, behind.Count(one => one.Corrected is { Reason: "labels were wrong", Now: null }));
    }

    [Fact]
    public async Task Counters_of_a_window_are_told_to_the_moment_and_nothing_beside_it_changes()
    {
        await using var live = await LiveMeter.New(At(12));
        var source = new FakePrometheus();
        using var http = new HttpClient(source);
        Dictionary<string, string> labels = new()
        {
            ["UUID"] = "GPU-1",
            ["exported_namespace"] = "bio",
            ["exported_pod"] = "train",
        };
        source.All.Add(new("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", labels, at => $"{(at - At(-2)).TotalSeconds}"));
        source.All.Add(new("DCGM_FI_DEV_GPU_UTIL", labels, _ => "50"));
        await live.Runner.Once(Gpus(http), Ct);
        var before = await live.Meter.Totals(new(Day), Ct);
        Assert.NotEmpty(before);
        var done = await live.Runner.Again(Gpus(http), new(At(3), At(5)), "to be sure", Ct);
        Assert.Equal((0, 0, 0), (done.Replaced, done.Retracted, done.Added));
        Assert.Equal(16, done.Unchanged);
        Assert.Equal(before, await live.Meter.Totals(new(Day), Ct));
    }

    [Fact]
    public async Task A_window_of_which_the_source_does_not_tell_all_changes_nothing()
    {
        await using var live = await LiveMeter.New(At(12));
        var source = new FakePrometheus();
        using var http = new HttpClient(source);
        source.Pod("bio", "p", At(0), At(12), 4);
        await live.Runner.Once(Pods(http), Ct);
        var before = await Told(live);
        source.All.Clear();
        source.Pod("bio", "p", At(4), At(12), 4); // It has forgotten what is older.
        var refused = await Assert.ThrowsAsync<RefusedException>(
            () => live.Runner.Again(Pods(http), new(At(3), At(5)), "why not", Ct));
        Assert.Equal("collect/again-gap", refused.Refusal.Code);
        Assert.Equal(before, await Told(live));
        Assert.Equal("collect/no-reason", (await Assert.ThrowsAsync<RefusedException>(
            () => live.Runner.Again(Pods(http), new(At(5), At(6)), " ", Ct))).Refusal.Code);
    }

    [Fact]
    public async Task Files_that_are_still_there_are_read_again_and_a_missing_one_is_named()
    {
        await using var live = await LiveMeter.New(At(12));
        using var scratch = new Scratch();
        var log = new CollectorLog(live.Database);
        ICollector Drop(string format) => FilesAgain.Of(
            FileDrop.Of(
                new("drop", "files", new("nerc"), new("ocp"), Step), scratch.Path, "*", format, live.Meter,
                new(live.Database)),
            scratch.Path, "*", format, log);
        string Event(string id, int vcpu) => $$"""
            {"specversion":"1.0","id":"{{id}}","source":"urn:t","type":"exchange.usage.interval.v1","subject":"{{id}}",
            "data":{"landlord":"nerc","cluster":"ocp","project":"p","kind":"vm","from":"2026-10-05T01:00:00Z",
            "to":"2026-10-05T02:00:00Z","state":"running","shape":{"vcpu":{{vcpu}} } } }
            """.ReplaceLineEndings("") + "\n";
        var (one, two) = (Path.Combine(scratch.Path, "1"), Path.Combine(scratch.Path, "2"));
        await File.WriteAllTextAsync(one, Event("a", 8) + Event("b", 1), Ct);
        await File.WriteAllTextAsync(two, Event("c", 1), Ct);
        await live.Runner.Once(Drop("cloudevents"), Ct);
        await File.WriteAllTextAsync(one, Event("a", 4), Ct);
        Assert.Equal(new WindowCorrected(1, 1, 1, 0), await live.Runner.Again(Drop("cloudevents"), Day, "wrong", Ct));
        Assert.Equal("a 01:00-02:00 4\nc 01:00-02:00 1", await Told(live));
        File.Delete(two);
        Assert.Equal("collect/file-gone", (await Assert.ThrowsAsync<RefusedException>(
            () => live.Runner.Again(Drop("cloudevents"), Day, "wrong", Ct))).Refusal.Code);
        Assert.Equal("collect/not-again", (await Assert.ThrowsAsync<RefusedException>(
            () => live.Runner.Again(Drop("nova-db"), Day, "wrong", Ct))).Refusal.Code);
        Assert.Equal("a 01:00-02:00 4\nc 01:00-02:00 1", await Told(live));
    }

    [Fact]
    public async Task Two_replicas_of_a_source_count_once()
    {
        await using var live = await LiveMeter.New(At(12));
        var source = new FakePrometheus();
        using var http = new HttpClient(source);
        source.Pod("bio", "p", At(0), At(12), 4, ("prometheus_replica", "a"), ("instance", "ksm-0"));
        source.Pod("bio", "p", At(0), At(12), 4, ("prometheus_replica", "b"), ("instance", "ksm-1"));
        Dictionary<string, string> labels = new()
        {
            ["UUID"] = "GPU-1",
            ["exported_namespace"] = "bio",
            ["exported_pod"] = "train",
        };
        foreach (var exporter in (string[])["dcgm-exporter-a", "dcgm-exporter-b"])
        {
            Dictionary<string, string> seen = new(labels) { ["pod"] = exporter, ["instance"] = exporter };
            source.All.Add(new("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", seen, at => $"{(at - At(-2)).TotalSeconds}"));
            source.All.Add(new("DCGM_FI_DEV_GPU_UTIL", seen, _ => "50"));
        }

        await live.Runner.Once(Pods(http), Ct);
        await live.Runner.Once(Gpus(http), Ct);
        Assert.Equal("bio/p 00:00-11:45 4", await Told(live));
        // 11:45 h of samples from 0:00 on, each half busy for a step; a joule a millisecond: one a second here.
        Assert.Equal(
            ["gpu_busy_seconds 21150", "gpu_energy_mj 41400"],
            (await live.Meter.Totals(new(Day), Ct)).GroupBy(one => one.Meter).Select(of =>
                $"{of.Key} {Text.Of(of.Sum(one => one.Quantity))}").Order());
    }
}
