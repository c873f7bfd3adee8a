using System.Globalization;
using NodaTime;

namespace Exchange.Metering.Collectors.Live;

/// <summary>
/// What series of GPUs come to: seconds in which a GPU was busy, and millijoules. What several pods share is split, so
/// that a device is counted once.
/// </summary>
internal sealed class GpuUse(PodCluster cluster, Tally tally)
{
    public const string BusyMeter = "gpu_busy_seconds";
    public const string EnergyMeter = "gpu_energy_mj";

    /// <summary>DCGM's blanks: no value, not found, not supported, no permission, as numbers of three widths.</summary>
    private static readonly (decimal From, decimal To)[] Blanks =
    [
        (2_147_483_632m, 2_147_483_647m),
        (140_737_488_355_328m, 140_737_488_355_343m),
        (9_223_372_036_854_770_000m, decimal.MaxValue), // Prometheus keeps 16 digits of it.
    ];

    /// <param name="percent">What a wholly busy GPU shows: 100, or 1 of metrics that are ratios.</param>
    public IEnumerable<Collected> Busy(IEnumerable<HeldGpu> series, int percent)
    {
        foreach (var ((gpu, epoch), held) in Moments(series, h => h.Gpu))
        {
            foreach (var (one, value) in held)
            {
                if (value < 0 || value > percent)
                {
                    yield return Reject("gpu/not-a-share",
                        $"GPU {gpu.Subject} is said to be busy {value} of {percent}. Look at its exporter.",
                        one, epoch, value);
                    continue;
                }

                var seconds = value * (long)cluster.Step.TotalSeconds / percent / held.Count;
                if (Count(one, BusyMeter, epoch, epoch + (long)cluster.Step.TotalSeconds, seconds) is { } busy)
                {
                    yield return busy;
                }
            }
        }
    }

    /// <summary>What counters rose by until each moment in the window; after a reset, what they show.</summary>
    public IEnumerable<Collected> Energy(IEnumerable<HeldGpu> series, Period window)
    {
        foreach (var device in Moments(series, h => h.Gpu with { Slice = null, Profile = null })
            .GroupBy(moment => moment.Key.Gpu.Device))
        {
            (long Epoch, decimal Value)? before = null;
            foreach (var ((_, epoch), held) in device.OrderBy(moment => moment.Key.Epoch))
            {
                // A pod that is gone may still be shown, with what the counter was when it went.
                var now = held.Max(h => h.Value);
                var holders = held.Where(h => h.Value == now).Select(h => h.Held).ToList();
                if (before is { } b && window.Contains(Instant.FromUnixTimeSeconds(epoch)))
                {
                    foreach (var counted in Shared(holders, b.Epoch, epoch, now >= b.Value ? now - b.Value : now))
                    {
                        yield return counted;
                    }
                }

                before = (epoch, now);
            }
        }
    }

    /// <summary>Splits by the size of slices; the first get what does not divide.</summary>
    private IEnumerable<Collected> Shared(List<HeldGpu> holders, long from, long to, decimal energy)
    {
        var (left, weights) = (energy, holders.Sum(h => h.Gpu.Weight));
        foreach (var holder in holders.OrderBy(Key, StringComparer.Ordinal))
        {
            var part = decimal.Ceiling(left * holder.Gpu.Weight / weights);
            (left, weights) = (left - part, weights - holder.Gpu.Weight);
            if (Count(holder, EnergyMeter, from, to, part) is { } counted)
            {
                yield return counted;
            }
        }
    }

    /// <summary>Who showed what of a GPU at each moment; blanks are nothing.</summary>
    private Dictionary<(Gpu Gpu, long Epoch), List<(HeldGpu Held, decimal Value)>> Moments(
        IEnumerable<HeldGpu> series, Func<HeldGpu, Gpu> of)
    {
        Dictionary<(Gpu Gpu, long Epoch), List<(HeldGpu Held, decimal Value)>> moments = [];
        foreach (var held in series)
        {
            tally.Records++;
            foreach (var (epoch, value) in held.Series.Samples())
            {
                if (Array.Exists(Blanks, blank => blank.From <= value && value <= blank.To))
                {
                    tally.Ignored++;
                    continue;
                }

                var key = (of(held), epoch);
                if (!moments.TryGetValue(key, out var shown))
                {
                    moments.Add(key, shown = []);
                }

                // Two exporters of one GPU, or two replicas of one Prometheus, show the same holder twice.
                var same = shown.FindIndex(one => Key(one.Held) == Key(held));
                if (same < 0)
                {
                    shown.Add((held, value));
                }
                else if (value > shown[same].Value)
                {
                    shown[same] = (held, value);
                }
            }
        }

        return moments;
    }

    private Reading? Count(HeldGpu held, string meter, long from, long to, decimal quantity)
    {
        if (held.Project is not { } project || !Name.IsOne(project) || !Name.IsOne(held.Gpu.Subject))
        {
            tally.Ignored++; // Nobody held it.
            return null;
        }

        var end = to.ToString(CultureInfo.InvariantCulture);
        return new()
        {
            Source = cluster.Source,
            Id = $"{held.Gpu.Subject}:{project}/{held.Pod}:{meter}@{end}",
            Type = ReadingType.Count,
            Resource = new(cluster.Landlord, cluster.Cluster, "gpu", held.Gpu.Subject),
            Project = new(project),
            From = Instant.FromUnixTimeSeconds(from),
            To = Instant.FromUnixTimeSeconds(to),
            Meter = meter,
            Quantity = quantity,
        };
    }

    private RejectedReading Reject(string reason, string why, HeldGpu held, long epoch, decimal value)
    {
        var text = $"{PodRequests.LabelsOf(held.Series)} {epoch} {Text.Of(value)}";
        return new(reason, why, cluster.Source, Record.Hash($"{reason} {text}"), cluster.Landlord, Record.Kept(text));
    }

    private static string Key(HeldGpu held) => $"{held.Gpu.Subject} {held.Project} {held.Pod}";
}
