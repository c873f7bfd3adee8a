using Exchange.Invoicing.Closing;
using Exchange.Metering;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Spend;

/// <summary>What one resource cost a project in a month.</summary>
/// <param name="GpuHours">How long GPUs were held, each counted; 0 without any.</param>
internal sealed record ResourceSpend(
    ResourceId Resource, ShownCharge Charge, Shape Shape, decimal Hours, decimal GpuHours, Money Amount)
{
    /// <summary>
    /// Shares each charge of a PI over the resources behind it, by use, to the cent: they come to the same together.
    /// </summary>
    /// <param name="charges">What the PI may see of the month.</param>
    public static async Task<IReadOnlyList<ResourceSpend>> Of(
        Composition exchange, BillingMonth month, IReadOnlyList<ShownCharge> charges, Instant now, CancellationToken ct)
    {
        var months = await exchange.Kept.State(Months.Fold, Months.Id, ct);
        var policies = months.Closed.GetValueOrDefault(month)?.Policies ?? Policies.Corrected;
        var rating = await RatingNow.Read(exchange.Sources, ct);
        var found = new List<ResourceSpend>();
        foreach (var project in charges.GroupBy(c => (c.Landlord, c.Cluster, c.Project)))
        {
            var (landlord, cluster, id) = project.Key;
            var parts = new List<Contribution>();
            await rating.Rate(
                new RateRequest(month, policies)
                {
                    AsOf = now,
                    Landlord = landlord,
                    Cluster = cluster,
                    Project = id,
                }, parts.Add, ct);
            found.AddRange(project.SelectMany(charge => Shared(charge, parts)));
        }

        return [.. found.OrderByDescending(r => r.Amount.Cents)
            .ThenBy(r => r.Resource.ToString(), StringComparer.Ordinal)];
    }

    private static IEnumerable<ResourceSpend> Shared(ShownCharge charge, IReadOnlyList<Contribution> parts)
    {
        var resources = parts.Where(part => part.IsOf(charge.Id)).GroupBy(part => part.Resource)
            .Select(of => (Parts: of.ToList(),
                Weight: of.Sum(part => part.Count * (decimal)part.Period.Length.TotalHours)))
            .Where(of => of.Weight > 0).ToList();
        if (resources.Count == 0)
        {
            yield break;
        }

        var most = resources.Max(of => of.Weight);
        long[] weights = [.. resources.Select(of => (long)(of.Weight / most * 1_000_000_000))];
        Money[] amounts = charge.Amount < Money.Zero
            ? [.. (-charge.Amount).Share(weights).Select(share => -share)]
            : charge.Amount.Share(weights);
        for (var i = 0; i < resources.Count; i++)
        {
            var of = resources[i].Parts;
            yield return new(
                of[0].Resource, charge, of[^1].Shape, HoursOf(of, _ => 1), HoursOf(of, part => part.Shape.Gpu),
                amounts[i]);
        }
    }

    private static decimal HoursOf(IEnumerable<Contribution> parts, Func<Contribution, decimal> times) => decimal.Round(
        parts.Sum(part => (decimal)(part.Period.Length - part.Outage).TotalHours * times(part)), 2,
        MidpointRounding.ToEven);
}

/// <summary>How long a project held GPUs in a month, and for how much of it they worked.</summary>
/// <param name="Busy">Hours; null where nobody measures it.</param>
internal sealed record GpuSpend(ShownCharge Charge, decimal Held, decimal? Busy, Money Amount)
{
    /// <summary>What collectors of GPUs count: seconds in which one worked.</summary>
    private const string BusyMeter = "gpu_busy_seconds";

    /// <summary>In percent.</summary>
    public decimal? Share => Busy is { } busy && Held > 0
        ? decimal.Round(decimal.Min(1, busy / Held) * 100, 1, MidpointRounding.ToEven)
        : null;

    public static async Task<IReadOnlyList<GpuSpend>> Of(
        Meter meter, BillingMonth month, IReadOnlyList<ResourceSpend> resources, CancellationToken ct)
    {
        var found = new List<GpuSpend>();
        foreach (var project in resources.Where(r => r.GpuHours > 0).GroupBy(
            r => (r.Charge.Landlord, r.Charge.Cluster, r.Charge.Project)))
        {
            var (landlord, cluster, id) = project.Key;
            var measured = (await meter.Totals(new(month.Period, landlord, cluster, id), ct))
                .Where(total => total.Meter == BusyMeter).ToList();
            found.Add(new(
                project.First().Charge, project.Sum(r => r.GpuHours),
                measured.Count == 0 ? null : decimal.Round(
                    measured.Sum(total => total.Quantity) / 3_600, 2, MidpointRounding.ToEven),
                Money.Sum(project.Select(r => r.Amount))));
        }

        return [.. found.OrderBy(gpu => gpu.Share ?? 101).ThenByDescending(gpu => gpu.Amount.Cents)];
    }
}
