using System.Globalization;
using Exchange.Metering.Collectors.Live;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests.Collectors.Live;

/// <summary>What GPUs did, from a real Prometheus over the metrics of NVIDIA's DCGM exporter.</summary>
public class CollectingFromGpus
{
    private const string Energy = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION";
    private const string Busy = "DCGM_FI_DEV_GPU_UTIL";
    private const string Slices = "DCGM_FI_PROF_GR_ENGINE_ACTIVE";
    private static readonly Instant Midnight = Instant.FromUtc(2026, 10, 5, 0, 0);
    private static readonly PrometheusWindows Windows = new(
        Midnight, Duration.FromMinutes(10), Duration.FromHours(1), Duration.FromMinutes(30), Duration.FromMinutes(5));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>One sample each ten minutes from a minute of the day on.</summary>
    private static IEnumerable<string> Series(string metric, string labels, int minute, params string[] values) =>
        values.Select((value, i) => string.Create(CultureInfo.InvariantCulture,
            $"{metric}{{{labels}}} {value} {(Midnight + Duration.FromMinutes(minute + (10 * i))).ToUnixTimeSeconds()}"));

    private static string Of(string uuid, string? project, string more = "") =>
        $"UUID=\"{uuid}\",gpu=\"0\",modelName=\"NVIDIA A100\",namespace=\"nvidia\",pod=\"exporter\",container=\"nvidia-dcgm-exporter\"" +
        (project is null ? "" : $",exported_namespace=\"{project}\",exported_pod=\"{project}-pod\"") + more;

    private static async Task<(LiveMeter Live, IngestOutcome Outcome)> Collected(params IEnumerable<string>[] series)
    {
        await using var prometheus = await TestPrometheus.Start(series.SelectMany(s => s).GroupBy(line => line.Split('{')[0])
            .SelectMany(metric => metric.Prepend($"# TYPE {metric.Key} gauge")));
        var live = await LiveMeter.New(Midnight + Duration.FromHours(3));
        using var http = new HttpClient();
        var collector = PrometheusCollector.OfGpus(
            new("gpus", "dcgm", new("nerc"), new("ocp-prod"), Duration.FromMinutes(10)), http, new(prometheus.Url), Windows);
        var outcome = await live.Runner.Once(collector, Ct);
        var again = await live.Runner.Once(collector, Ct);
        Assert.Equal(0, again!.Accepted);
        return (live, outcome!);
    }

    private static async Task<string> Totals(LiveMeter live)
    {
        var totals = await live.Meter.Totals(new(new(Midnight, Midnight + Duration.FromDays(1))), Ct);
        await live.DisposeAsync();
        return string.Join('\n', totals.Select(t => $"{t.Resource.Subject} {t.Project} {t.Meter} {t.Quantity}"));
    }

    [Fact]
    public async Task Energy_is_what_the_counter_rose_by_also_over_a_reset_a_gap_and_a_change_of_hands()
    {
        // 00:00 to 00:50 bio, the counter starts again at 00:40; 01:00 idle; 01:30 chem, after half an hour unheard.
        var (live, _) = await Collected(
            Series(Energy, Of("GPU-1", "bio"), 0, "1000", "1600", "2600", "2600", "400", "500"),
            Series(Energy, Of("GPU-1", null), 60, "750"),
            Series(Energy, Of("GPU-1", "chem"), 90, "10000750", "10000950"));
        Assert.Equal("""
            GPU-1 bio gpu_energy_mj 2100
            GPU-1 chem gpu_energy_mj 10000200
            """, await Totals(live));
    }

    [Theory]
    [InlineData("9223372036854775794")]
    [InlineData("9223372036854775792")]
    [InlineData("140737488355328")]
    [InlineData("2147483632")]
    public async Task The_value_that_stands_for_no_value_is_never_billed(string blank)
    {
        var (live, outcome) = await Collected(
            Series(Energy, Of("GPU-1", "bio"), 0, "1000", blank, "1500", blank),
            Series(Busy, Of("GPU-1", "bio"), 0, "50", blank, "100"));
        Assert.Equal("""
            GPU-1 bio gpu_busy_seconds 900
            GPU-1 bio gpu_energy_mj 500
            """, await Totals(live));
        Assert.Equal(0, outcome.Quarantined);
    }

    [Fact]
    public async Task A_share_above_the_whole_is_set_aside()
    {
        var (live, outcome) = await Collected(Series(Busy, Of("GPU-1", "bio"), 0, "50", "101", "-1", "25"));
        Assert.Equal("GPU-1 bio gpu_busy_seconds 450", await Totals(live));
        Assert.Equal(2, outcome.Quarantined);
    }

    [Fact]
    public async Task Slices_of_a_device_share_its_energy_by_their_size_and_are_busy_each_for_itself()
    {
        const string Small = ",GPU_I_ID=\"7\",GPU_I_PROFILE=\"1g.5gb\"";
        const string Large = ",GPU_I_ID=\"1\",GPU_I_PROFILE=\"3g.20gb\"";
        var (live, _) = await Collected(
            Series(Energy, Of("GPU-2", "bio", Large), 0, "0", "1001"),
            Series(Energy, Of("GPU-2", "chem", Small), 0, "0", "1001"),
            Series(Busy, Of("GPU-2", "bio", Large), 0, "0", "0"),
            Series(Slices, Of("GPU-2", "bio", Large), 0, "0.5", "0.25"),
            Series(Slices, Of("GPU-2", "chem", Small), 0, "1", "0"),
            Series(Slices, Of("GPU-3", "chem"), 0, "1", "1"));
        Assert.Equal("""
            GPU-2/mig-1 bio gpu_busy_seconds 450
            GPU-2/mig-1 bio gpu_energy_mj 751
            GPU-2/mig-7 chem gpu_busy_seconds 600
            GPU-2/mig-7 chem gpu_energy_mj 250
            """, await Totals(live));
    }

    [Fact]
    public async Task Pods_that_share_a_device_in_turns_share_what_it_did()
    {
        var (live, _) = await Collected(
            Series(Energy, Of("GPU-4", "bio"), 0, "0", "100"), Series(Energy, Of("GPU-4", "chem"), 0, "0", "100"),
            Series(Busy, Of("GPU-4", "bio"), 0, "80"), Series(Busy, Of("GPU-4", "chem"), 0, "80"));
        Assert.Equal("""
            GPU-4 bio gpu_busy_seconds 240
            GPU-4 bio gpu_energy_mj 50
            GPU-4 chem gpu_busy_seconds 240
            GPU-4 chem gpu_energy_mj 50
            """, await Totals(live));
    }
}
