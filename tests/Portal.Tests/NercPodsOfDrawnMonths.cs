using System.Globalization;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Files of OpenShift's collector that are drawn, exported, beside a straight reading of how today's scripts count,
/// written here again with nothing of the product: gaps, labels that are missing, pods of one name in two namespaces,
/// pods with two GPU resources, of which the later counts, outages over each other and on the last day.
/// </summary>
public class NercPodsOfDrawnMonths
{
    [Theory]
    [InlineData("2025-03", 6)]
    [InlineData("2025-11", 7)]
    [InlineData("2025-05", 8)]
    public async Task Pods_are_billed_as_a_straight_reading_of_the_samples_says(string month, int seed)
    {
        using var drawn = new DrawnMonth(month, seed);
        var (from, to) = (drawn.From, drawn.To);
        var outages = Enumerable.Range(0, 3).Select(_ => from + (drawn.Next((int)((to - from) / 60)) * 60L))
            .Select(start => (From: start, To: Math.Min(start + 60 + (drawn.Next(3000) * 60L), to - 60)))
            .Append((From: to - 100_000, To: to - 3600)).Append((From: to - 50_000, To: to - 40_000))
                .Where(o => o.From < o.To).ToList();
        var (early, late) = (string.CompareOrdinal(month, "2025-04") < 0, string.CompareOrdinal(month, "2025-06") >= 0);
        var hours = new Dictionary<(string, string), decimal>();
        var files = Enumerable.Range(0, 6).Select(_ => new List<string>()).ToArray();
        for (var n = 0; n < 120; n++)
        {
            var (space, pod, node) = ($"ns-{drawn.Next(6)}", $"pod-{n / 2}",
                ((string[])["wrk-88", "wrk-97", "wrk-112", "wrk-3"])[drawn.Next(4)]);
            var resource = ((string?[])[null, null, "nvidia.com/gpu", "nvidia.com/gpu", "nvidia.com/A100_SXM4_40GB",
                "nvidia.com/H100_SXM5_80GB", "nvidia.com/GV100GL_Tesla_V100", "nvidia.com/mig-1g.5gb"])[drawn.Next(8)];
            var label = ((string?[])[null, "NVIDIA-A100-40GB", "NVIDIA-A100-SXM4-40GB", "Tesla-V100-PCIE-32GB",
                "NVIDIA-H100-80GB-HBM3", "NVIDIA-L40S"])[drawn.Next(6)];
            var samples = Samples(drawn, resource is not null);
            Add(files, (from + to) / 2, space, $"{pod}-{n % 2}", node, resource, label, samples,
                drawn.Next(3) == 0);
            foreach (var (first, seconds, cpu, mib, gpus) in Condensed(samples))
            {
                var lost = outages.Sum(o => Math.Max(0, Math.Min(Math.Min(o.To, to - 86_400), first + seconds) -
                    Math.Max(o.From, first)));
                var (type, count) = Units(resource, label ?? OfNode(node), cpu, mib / 1024m, gpus, early);
                hours[(space, type)] = hours.GetValueOrDefault((space, type)) + (count * Math.Max(0, seconds - lost));
            }
        }

        var rates = new Dictionary<string, decimal>
        {
            ["CPU"] = 0.013m,
            ["GPUA100"] = 1.803m,
            ["GPUA100SXM4"] = 2.078m,
            ["GPUV100"] = 1.214m,
            ["GPUH100"] = late ? 4m : 6.04m,
            ["Unknown GPU"] = 0,
            ["Unknown MIG GPU"] = 0,
        };
        var down = "outages:\n" + string.Concat(outages.Select((o, n) =>
            "  - " +
            $"{{name: o{n}, landlord: nerc, clusters: [ocp-prod], from: {DrawnMonth.Iso(o.From)}, until: {DrawnMonth.Iso(o.To)}}}\n"));
        Assert.Equal(
            DrawnMonth.Rows(hours.ToDictionary(h => h.Key, h => decimal.Ceiling(h.Value / 3600)), "OpenShift ", rates),
            await drawn.Export("openshift-metrics", "ocp-prod", down, File(files, late: false),
                File(files, late: true)));
    }

    /// <summary>Runs of samples that are alike, with gaps and changes between them.</summary>
    private static List<(long At, decimal Cpu, int Mib, int Gpus)> Samples(DrawnMonth drawn, bool hasGpu)
    {
        var (from, to) = (drawn.From, drawn.To);
        var samples = new List<(long, decimal, int, int)>();
        for (var at = from + (drawn.Next(2000) * 900L); at < to && samples.Count < 400; at += drawn.Next(3) == 0
            ? 900L * drawn.Next(20) : 0)
        {
            var (cpu, mib, gpus) = (drawn.Next(8) == 0 ? 0 : (1 + drawn.Next(300)) / 10m, drawn.Next(8) == 0 ? 0
                : 256 * drawn.Next(800), hasGpu ? drawn.Next(4) : 0);
            for (var run = 1 + drawn.Next(60); run > 0 && at < to; run--, at += 900)
            {
                samples.Add((at, cpu, mib, gpus));
            }
        }

        return samples;
    }

    private static IEnumerable<(long From, long Seconds, decimal Cpu, int Mib, int Gpus)> Condensed(
        List<(long At, decimal Cpu, int Mib, int Gpus)> samples)
    {
        for (var (first, at) = (0, 0); at < samples.Count; at++)
        {
            var (now, next) = (samples[at], at + 1 < samples.Count ? samples[at + 1] : default);
            if (next.At - now.At is <= 0 or > 900 || (next.Cpu, next.Mib, next.Gpus) != (now.Cpu, now.Mib, now.Gpus))
            {
                yield return (samples[first].At, now.At - samples[first].At + 900, now.Cpu, now.Mib, now.Gpus);
                first = at + 1;
            }
        }
    }

    private static (string Type, decimal Count) Units(
        string? resource, string? product, decimal cpu, decimal gib, int gpus, bool early)
    {
        if (cpu == 0 || gib == 0 || (resource is not null && gpus == 0))
        {
            return ("CPU", 0);
        }

        var type = resource switch
        {
            null => "CPU",
            "nvidia.com/gpu" => product switch
            {
                "NVIDIA-A100-40GB" => "GPUA100",
                "NVIDIA-A100-SXM4-40GB" => "GPUA100SXM4",
                "Tesla-V100-PCIE-32GB" => "GPUV100",
                "NVIDIA-H100-80GB-HBM3" => "GPUH100",
                _ => "Unknown GPU",
            },
            "nvidia.com/A100_SXM4_40GB" => "GPUA100SXM4",
            "nvidia.com/H100_SXM5_80GB" => "GPUH100",
            "nvidia.com/GV100GL_Tesla_V100" => "GPUV100",
            _ => product == "NVIDIA-A100-SXM4-40GB" ? "Unknown MIG GPU" : "",
        };
        var (unitCpu, unitGib) = type switch
        {
            "CPU" => (1m, 4m),
            "GPUA100" => (24m, 74m),
            "GPUA100SXM4" => (31m, 240m),
            "GPUV100" => (48m, 192m),
            "GPUH100" => early ? (63m, 376m) : (124m, 360m),
            _ => (8m, 64m),
        };
        var count = Math.Max(cpu / unitCpu, gib / unitGib);
        return type.Length == 0 ? ("CPU", 0) : (type, type == "CPU" ? count : Math.Ceiling(Math.Max(count, gpus)));
    }

    private static string? OfNode(string node) => node switch
    {
        "wrk-88" => "Tesla-V100-PCIE-32GB",
        "wrk-97" => "NVIDIA-A100-SXM4-40GB",
        "wrk-112" => "NVIDIA-H100-80GB-HBM3",
        _ => null,
    };

    /// <summary>
    /// Two files, of which each has a half of the month and a day of the other's.
    /// </summary>
    private static void Add(
        List<string>[] files, long middle, string space, string pod, string node, string? resource, string? label,
        List<(long At, decimal Cpu, int Mib, int Gpus)> samples, bool isDoubled)
    {
        foreach (var late in (bool[])[false, true])
        {
            var mine = samples.Where(s => late ? s.At >= middle - 86_400 : s.At < middle + 86_400).ToList();
            void Series(int metric, string labels, Func<(long At, decimal Cpu, int Mib, int Gpus), string> value) =>
                files[metric + (late ? 3 : 0)].Add(
                    $$"""{"metric":{"namespace":"{{space}}","pod":"{{pod}}","node":"{{node}}"{{labels}}},"values":[{{string.Join(',', mine.Select(s => $"[{s.At},\"{value(s)}\"]"))}}]}""");
            if (mine.Count > 0)
            {
                Series(0, "", s => s.Cpu.ToString(CultureInfo.InvariantCulture));
                Series(1, "", s => ((long)s.Mib << 20).ToString(CultureInfo.InvariantCulture));
            }

            if (mine.Count > 0 && resource is not null)
            {
                var product = label is null ? "" : $",\"label_nvidia_com_gpu_product\":\"{label}\"";
                if (isDoubled)
                {
                    Series(2, ",\"resource\":\"nvidia.com/mig-3g.20gb\"", s => $"{s.Gpus + 1}");
                }

                Series(2, $",\"resource\":\"{resource}\"{product}", s => $"{s.Gpus}");
            }
        }
    }

    private static string File(List<string>[] files, bool late)
    {
        string All(int metric) => string.Join(',', files[metric + (late ? 3 : 0)]);
        return $$"""{"interval_minutes":15,"cluster_name":"ocp-prod","cpu_metrics":[{{All(0)}}],"memory_metrics":[{{All(1)}}],"gpu_metrics":[{{All(2)}}]}""";
    }
}
