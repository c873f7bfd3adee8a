using System.Globalization;
using NodaTime;

namespace Exchange.Portal.Demo;

/// <summary>
/// Believable usage of the invented projects in a stretch of time, the same for the same seed: servers, pods, GPUs,
/// volumes and what left them, FPGA jobs of seconds; some of it sent twice, late, or broken.
/// </summary>
internal sealed class DemoMonth(Cast cast, int seed)
{
    private static readonly (int VCpu, int RamMib)[] Flavours =
        [(1, 4_096), (2, 8_192), (4, 16_384), (8, 32_768), (16, 65_536), (2, 16_384)];

    private readonly Random _random = new(seed);

    /// <summary>What the collectors send about a stretch of time, in the order in which they send it.</summary>
    public IReadOnlyList<UsageEvent> During(Period period)
    {
        List<UsageEvent> sent = [.. Servers(period), .. Pods(period), .. Volumes(period), .. Jobs(period)];
        sent.AddRange(Some(sent, 40).Select(e => e with { Due = e.Due + Duration.FromHours(_random.Next(1, 60)) }));
        var late = Some(sent, 60).ToHashSet();
        return
        [
            .. sent.Select(e => late.Contains(e) ? e with { Due = e.Due + Duration.FromHours(30) } : e)
                .Concat(Broken(period)).OrderBy(e => e.Due).ThenBy(e => e.Line, StringComparer.Ordinal),
        ];
    }

    /// <summary>Servers, half of them audited every hour and half told of by what happened to them.</summary>
    private IEnumerable<UsageEvent> Servers(Period period)
    {
        foreach (var project in cast.In(Landlords.Stack))
        {
            foreach (var n in Enumerable.Range(1, 1 + _random.Next(4)))
            {
                var (vcpu, ram) = Flavours[_random.Next(Flavours.Length)];
                var shape = _random.Next(9) == 0
                    ? Shape(("vcpu", 24), ("ram_mib", 75_776), ("gpu", 1), ("gpu_model", "a100"))
                    : Shape(("vcpu", vcpu), ("ram_mib", ram));
                var thing = Thing(Landlords.Nerc, project, "vm", $"{project.Name}-vm{n}");
                var life = Life(period, longest: 31);
                foreach (var reading in n % 2 == 1 ? Audited(thing, life, shape) : EventsOf(thing, life, period, shape))
                {
                    yield return reading;
                }
            }
        }
    }

    private static IEnumerable<UsageEvent> Audited(
        UsageEvent.Thing thing, Period life, Dictionary<string, string> shape)
    {
        for (var at = life.Start; at < life.End; at += Duration.FromHours(1))
        {
            yield return UsageEvent.Interval(
                thing, new(at, Instant.Min(at + Duration.FromHours(1), life.End)), shape);
        }
    }

    private IEnumerable<UsageEvent> EventsOf(
        UsageEvent.Thing thing, Period life, Period period, Dictionary<string, string> shape)
    {
        yield return UsageEvent.State(thing, life.Start, "running", shape);
        for (var at = life.Start + Hours(20, 120); at + Duration.FromHours(14) < life.End; at += Hours(60, 200))
        {
            yield return UsageEvent.State(thing, at, "stopped", shape);
            yield return UsageEvent.State(thing, at + Hours(2, 13), "running", shape);
        }

        if (life.End < period.End)
        {
            yield return UsageEvent.State(thing, life.End, "deleted", shape);
        }
    }

    private IEnumerable<UsageEvent> Pods(Period period)
    {
        foreach (var project in cast.In(Landlords.Pods))
        {
            foreach (var n in Enumerable.Range(1, 2 + _random.Next(5)))
            {
                var shape = _random.Next(7) == 0
                    ? Shape(("vcpu", 16), ("ram_mib", 131_072), ("gpu", 1), ("gpu_resource", "nvidia.com/gpu"),
                        ("gpu_model", "NVIDIA-A100-SXM4-40GB"))
                    : Shape(("vcpu", 1 + _random.Next(8)), ("ram_mib", 2_048 * (1 + _random.Next(12))));
                var life = Life(period, longest: 1 + _random.Next(20));
                foreach (var reading in Audited(Thing(Landlords.Nerc, project, "pod", $"{project.Name}-pod{n}"), life,
                    shape))
                {
                    yield return reading;
                }
            }
        }
    }

    /// <summary>Volumes that grow, and what is read from them over the network every day.</summary>
    private IEnumerable<UsageEvent> Volumes(Period period)
    {
        foreach (var project in cast.In(Landlords.Volumes))
        {
            foreach (var n in Enumerable.Range(1, 1 + _random.Next(3)))
            {
                var thing = Thing(Landlords.Blocks, project, "volume", $"{project.Name}-vol{n}");
                var gib = 256 * (1 + _random.Next(40));
                for (var at = period.Start + Hours(0, 40); at < period.End; at += Hours(150, 400))
                {
                    yield return UsageEvent.State(thing, at, "running", Shape(("storage_gib", gib)));
                    gib += 128 * _random.Next(9);
                }

                for (var day = period.Start + Hours(41, 60); day < period.End; day += Duration.FromHours(24))
                {
                    yield return UsageEvent.Count(thing, day, "egress", _random.Next(1, 90_000) / 100m);
                }
            }
        }
    }

    /// <summary>Bursts of jobs on FPGA boards, each some seconds long.</summary>
    private IEnumerable<UsageEvent> Jobs(Period period)
    {
        var job = 0;
        foreach (var project in cast.In(Landlords.Boards))
        {
            for (var at = period.Start + Hours(3, 50); at + Duration.FromHours(2) < period.End; at += Hours(20, 90))
            {
                var start = at;
                foreach (var _ in Enumerable.Range(0, 3 + _random.Next(30)))
                {
                    var end = start + Duration.FromSeconds(4 + _random.Next(150));
                    var name = string.Create(CultureInfo.InvariantCulture,
                        $"{project.Name}-{period.Start.InUtc():MMdd}-job{++job}");
                    yield return UsageEvent.Interval(
                        Thing(Landlords.Fpgas, project, "fpga", name), new(start, end), Shape(("fpga", 1)));
                    start = end + Duration.FromSeconds(_random.Next(20));
                }
            }
        }
    }

    /// <summary>What real collectors also send: negative spans, no project, words for numbers, times to come.</summary>
    private IEnumerable<UsageEvent> Broken(Period period)
    {
        var project = cast.In(Landlords.Stack).First();
        var thing = Thing(Landlords.Nerc, project, "vm", "broken-collector");
        var good = Shape(("vcpu", 2), ("ram_mib", 8_192));
        var hour = new Period(period.Start + Duration.FromHours(9), period.Start + Duration.FromHours(10));
        var reading = UsageEvent.Interval(thing, hour, good);
        string[] lines =
        [
            reading.Line.Replace(Text.Of(hour.End), Text.Of(period.Start), StringComparison.Ordinal),
            reading.Line.Replace($"\"{project.Project}\"", "\"\"", StringComparison.Ordinal),
            reading.Line.Replace("\"8192\"", "\"plenty\"", StringComparison.Ordinal),
            reading.Line.Replace("\"running\"", "\"dreaming\"", StringComparison.Ordinal),
            reading.Line.Replace(Text.Of(hour.End), "2036-01-01T00:00:00Z", StringComparison.Ordinal),
        ];
        return lines.Select((line, i) => new UsageEvent(
            Landlords.Nerc, hour.End, line.Replace("broken-collector:", $"broken-{i}-{_random.Next()}:",
            StringComparison.Ordinal)));
    }

    private Period Life(Period period, int longest)
    {
        var start = period.Start + Hours(0, Math.Max(2, (int)(period.Length.TotalHours / 4)));
        var end = start + Hours((longest * 24) - 20, longest * 24);
        return new(start, Instant.Min(end, period.End));
    }

    private Duration Hours(int from, int to) => Duration.FromMinutes(_random.Next(from * 60, to * 60));

    private List<UsageEvent> Some(List<UsageEvent> events, int oneOf) =>
        [.. events.Where(_ => _random.Next(oneOf) == 0)];

    private static UsageEvent.Thing Thing(LandlordId landlord, DemoProject project, string kind, string subject) =>
        new(landlord, project.Cluster, kind, subject, project.Project);

    private static Dictionary<string, string> Shape(params (string Key, object Value)[] values) => values.ToDictionary(
        pair => pair.Key, pair => Convert.ToString(pair.Value, CultureInfo.InvariantCulture)!, StringComparer.Ordinal);
}
