using Exchange.Metering;

namespace Exchange.Portal.Spend;

/// <summary>How long a project held GPUs in a month, and for how much of it they worked.</summary>
/// <param name="Busy">Hours; null where nobody measures it.</param>
internal sealed record GpuSpend(
    PiId Pi, LandlordId Landlord, ClusterId Cluster, ProjectId Project, string ProjectName, decimal Held, decimal? Busy,
    Money Amount)
{
    /// <summary>Less than so much of the time, in percent, is idle.</summary>
    public const decimal Little = 20;

    /// <summary>What collectors of GPUs count: seconds in which one worked.</summary>
    private const string BusyMeter = "gpu_busy_seconds";

    /// <summary>In percent.</summary>
    public decimal? Share => Busy is { } busy && Held > 0
        ? decimal.Round(decimal.Min(1, busy / Held) * 100, 1, MidpointRounding.ToEven)
        : null;

    public static Task<IReadOnlyList<GpuSpend>> Of(
        Meter meter, BillingMonth month, IReadOnlyList<ResourceSpend> resources, CancellationToken ct) =>
        Measured(meter, month, resources.Where(r => r.GpuHours > 0).Select(r => new GpuSpend(
            r.Charge.Pi!.Value, r.Charge.Landlord, r.Charge.Cluster, r.Charge.Project, r.Charge.ProjectName,
            r.GpuHours, null, r.Amount)), ct);

    /// <summary>What is held of GPUs by project, with how busy they were, the idlest first.</summary>
    public static async Task<IReadOnlyList<GpuSpend>> Measured(
        Meter meter, BillingMonth month, IEnumerable<GpuSpend> held, CancellationToken ct)
    {
        var found = new List<GpuSpend>();
        foreach (var project in held.GroupBy(gpu => (gpu.Pi, gpu.Landlord, gpu.Cluster, gpu.Project)))
        {
            var (_, landlord, cluster, id) = project.Key;
            var measured = (await meter.Totals(new(month.Period, landlord, cluster, id), ct))
                .Where(total => total.Meter == BusyMeter).ToList();
            found.Add(project.First() with
            {
                Held = project.Sum(gpu => gpu.Held),
                Busy = measured.Count == 0 ? null : decimal.Round(
                    measured.Sum(total => total.Quantity) / 3_600, 2, MidpointRounding.ToEven),
                Amount = Money.Sum(project.Select(gpu => gpu.Amount)),
            });
        }

        return [.. found.OrderBy(gpu => gpu.Share ?? 101).ThenByDescending(gpu => gpu.Amount.Cents)];
    }
}
