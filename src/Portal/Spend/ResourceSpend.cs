using Exchange.Invoicing.Charging;
using Exchange.Invoicing.Kept;
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
            .Select(of => (Parts: of.ToList(), Weight: Weight(of))).Where(of => of.Weight > 0)
            .OrderByDescending(of => of.Weight).ThenBy(of => of.Parts[0].Resource.ToString(), StringComparer.Ordinal)
            .ToList();
        if (resources.Count == 0)
        {
            yield break;
        }

        var amounts = Share(charge.Amount, [.. resources.Select(of => of.Weight)]);
        for (var i = 0; i < resources.Count; i++)
        {
            var of = resources[i].Parts;
            yield return new(
                of[0].Resource, charge, of[^1].Shape, HoursOf(of, _ => 1), GpuHoursOf(of), amounts[i]);
        }
    }

    /// <summary>What a resource has of a charge: units times hours. A credit lies where the rest does.</summary>
    public static decimal Weight(IEnumerable<Contribution> parts) =>
        parts.Sum(part => part.Count * (decimal)part.Period.Length.TotalHours);

    /// <summary>Shares an amount, also one that is given back, by weights of which none is nothing.</summary>
    public static Money[] Share(Money amount, IReadOnlyCollection<decimal> by)
    {
        const decimal Finest = 1_000_000_000;
        var most = by.Max();
        long[] weights = [.. by.Select(weight => (long)(weight / most * Finest))];
        return amount < Money.Zero
            ? [.. (-amount).Share(weights).Select(share => -share)]
            : amount.Share(weights);
    }

    /// <summary>How long GPUs were held, each counted.</summary>
    public static decimal GpuHoursOf(IEnumerable<Contribution> parts) => HoursOf(parts, part => part.Shape.Gpu);

    private static decimal HoursOf(IEnumerable<Contribution> parts, Func<Contribution, decimal> times) => decimal.Round(
        parts.Sum(part => (decimal)(part.Period.Length - part.Outage).TotalHours * times(part)), 2,
        MidpointRounding.ToEven);
}
