using System.Globalization;
using Exchange.Metering.Collectors.Live;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests.Collectors.Live;

/// <summary>
/// A day that a Prometheus is asked for in windows of any length, with any overlap and in any number of looks, is the
/// same day. Drawn: pods that come and go, and GPUs whose counters begin anew.
/// </summary>
public sealed class WindowsChangeNothing
{
    private static readonly Instant Midnight = Instant.FromUtc(2026, 10, 5, 0, 0);
    private static readonly Duration Step = Duration.FromMinutes(15);
    private static readonly Period Day = new(Midnight, Midnight + Duration.FromHours(24));
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Of_pods_and_of_GPUs(int seed)
    {
        var random = new Random(seed);
        var source = Drawn(random);
        var whole = await Collected(source, Duration.FromHours(12), Duration.FromHours(1), [12]);
        Assert.Contains("gpu_energy_mj", whole, StringComparison.Ordinal);
        for (var draw = 0; draw < 3; draw++)
        {
            var window = Duration.FromMinutes(15 * random.Next(1, 40));
            var looks = Enumerable.Range(1, 11).Where(_ => random.Next(3) == 0).Append(12).ToArray();
            Assert.Equal(whole, await Collected(source, window, Step * random.Next(0, 6), looks));
        }
    }

    private static async Task<string> Collected(
        FakePrometheus source, Duration window, Duration overlap, int[] looks)
    {
        await using var live = await LiveMeter.New(Midnight);
        using var http = new HttpClient(source, disposeHandler: false);
        var windows = new PrometheusWindows(Midnight, Step, window, overlap, Duration.FromMinutes(5));
        var address = new PrometheusAddress(new("http://prometheus/"));
        foreach (var hour in looks)
        {
            live.Clock.Now = Midnight + Duration.FromHours(hour);
            await live.Runner.Once(PrometheusCollector.OfPods(
                new("pods", "prometheus", new("nerc"), new("ocp"), Step), http, address, windows), Ct);
            await live.Runner.Once(PrometheusCollector.OfGpus(
                new("gpus", "dcgm", new("nerc"), new("ocp"), Step), http, address, windows), Ct);
        }

        Assert.Empty(await live.Meter.Quarantine(9, Ct));
        return string.Join('\n', (await live.Segments(Day)).Select(one => $"{one}").Concat(
            (await live.Meter.Totals(new(Day), Ct)).Select(one =>
                $"{one.Resource} {one.Project} {one.Meter} {one.Day} {Text.Of(one.Quantity)}")));
    }

    private static FakePrometheus Drawn(Random random)
    {
        var source = new FakePrometheus();
        Instant At(int step) => Midnight + (Step * step);
        source.Pod("bio", "always", Midnight, Day.End, 1);
        for (var pod = 0; pod < 4; pod++)
        {
            var from = random.Next(0, 40);
            source.Pod($"ns{pod % 2}", $"p{pod}", At(from), At(from + random.Next(1, 20)), random.Next(1, 9));
        }

        for (var gpu = 0; gpu < 3; gpu++)
        {
            Dictionary<string, string> labels = new()
            {
                ["UUID"] = $"GPU-{gpu}",
                ["exported_namespace"] = "bio",
                ["exported_pod"] = $"train-{gpu}",
            };
            var (reset, busy) = (At(random.Next(1, 47)), random.Next(0, 101));
            source.All.Add(new("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", labels, at => ((long)(
                at - (at < reset ? Midnight - Duration.FromHours(3) : reset)).TotalSeconds + 7)
                .ToString(CultureInfo.InvariantCulture)));
            source.All.Add(new("DCGM_FI_DEV_GPU_UTIL", labels, _ => $"{busy}"));
        }

        return source;
    }
}
