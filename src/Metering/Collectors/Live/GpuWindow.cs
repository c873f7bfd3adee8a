using NodaTime;

namespace Exchange.Metering.Collectors.Live;

/// <summary>
/// How busy GPUs were in a window and the energy that they took, by the project whose pod held them. The time before
/// the window is read too, so that a counter's first step in it has something to be counted from.
/// </summary>
internal static class GpuWindow
{
    private const string Energy = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION";
    private const string Busy = "DCGM_FI_DEV_GPU_UTIL";
    private const string BusyOfSlices = "DCGM_FI_PROF_GR_ENGINE_ACTIVE";

    private static readonly Duration Reach = Duration.FromHours(1);

    public static async Task<WindowRead> Read(
        PrometheusApi prometheus, Period window, Duration step, CollectorContext context, CancellationToken ct)
    {
        var before = (long)Reach.TotalSeconds / (long)step.TotalSeconds;
        var reaching = new Period(window.Start - (step * long.Max(before, 1)), window.End);
        var energy = await prometheus.Range(Energy, reaching, step, context, ct);
        var busy = await prometheus.Range(Busy, window, step, context, ct);
        var ofSlices = await prometheus.Range(BusyOfSlices, window, step, context, ct);
        var cluster = context.RequiredCluster("dcgm");
        var gpus = new GpuUse(new(context.Landlord, cluster, context.Source(cluster, "dcgm"), step), context.Tally);
        var areExported = energy.Concat(busy).Concat(ofSlices).Any(series => series["exported_namespace"] is not null);
        List<Collected> collected =
        [
            .. gpus.Busy(Held(busy, areExported).Where(held => !held.Gpu.IsSlice), percent: 100),
            .. gpus.Busy(Held(ofSlices, areExported).Where(held => held.Gpu.IsSlice), percent: 1),
            .. gpus.Energy(Held(energy, areExported), window),
        ];
        var seen = energy.Concat(busy).SelectMany(series => series.Samples())
            .Select(sample => Instant.FromUnixTimeSeconds(sample.Epoch)).Where(window.Contains).ToHashSet();
        return new(collected, seen);
    }

    private static List<HeldGpu> Held(List<MetricSeries> all, bool areExported) =>
        [.. all.Select(series => HeldGpu.Of(series, areExported))];
}

/// <summary>A GPU, or a slice of one: its device, and the slice's number and profile as '3' and '2g.10gb'.</summary>
internal sealed record Gpu(string Device, string? Slice, string? Profile)
{
    public bool IsSlice => Slice is not null;

    public string Subject => IsSlice ? $"{Device}/mig-{Slice}" : Device;

    /// <summary>How many sevenths of the device a slice has: 2 of '2g.10gb'; 1 where it is not told.</summary>
    public int Weight => Profile is [>= '1' and <= '7', 'g', ..] ? Profile[0] - '0' : 1;
}

/// <summary>One series of a GPU, and the pod that held the GPU while the series lasted; null when nobody did.</summary>
internal sealed record HeldGpu(Gpu Gpu, string? Project, string? Pod, MetricSeries Series)
{
    /// <param name="areExported">
    /// Prometheus renamed the labels that the exporter gave, so the plain ones are the exporter's own.
    /// </param>
    public static HeldGpu Of(MetricSeries series, bool areExported)
    {
        var isExporters = areExported ||
            series["container"]?.Contains("dcgm-exporter", StringComparison.Ordinal) == true;
        var device = series["UUID"] ?? $"{series["Hostname"] ?? series["instance"] ?? "unknown"}-gpu{series["gpu"]}";
        return new(
            new(device, series["GPU_I_ID"], series["GPU_I_PROFILE"]),
            isExporters ? series["exported_namespace"] : series["namespace"],
            isExporters ? series["exported_pod"] : series["pod"], series);
    }
}
