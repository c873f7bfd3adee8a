using Exchange.Invoicing.Charging;
using Exchange.Metering;
using Exchange.Portal.Spend;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Savings;

/// <summary>A resource of a PI that is still there, and what it cost in the month so far.</summary>
/// <param name="Hours">How long it was there in the month.</param>
/// <param name="StoppedHours">How long of that it was stopped.</param>
/// <param name="StoppedCost">What it cost while it was stopped.</param>
/// <param name="IsStopped">Whether it is stopped now.</param>
internal sealed record HeldResource(
    ResourceId Resource, ShownCharge Charge, Shape Shape, decimal Hours, decimal GpuHours, Money Cost,
    decimal StoppedHours, Money StoppedCost, bool IsStopped)
{
    /// <summary>Collectors tell of an hour when it is over, and some are late.</summary>
    private static readonly Duration Late = Duration.FromHours(36);

    /// <summary>The resources behind the charges of a project that are still there at an instant.</summary>
    public static async Task<IReadOnlyList<HeldResource>> Of(
        RatingNow rating, BillingMonth month, IReadOnlyList<ShownCharge> ofProject, Instant now, CancellationToken ct)
    {
        var first = ofProject[0];
        var parts = new List<Contribution>();
        await rating.Rate(
            new RateRequest(month, Policies.Corrected)
            {
                AsOf = now,
                Landlord = first.Landlord,
                Cluster = first.Cluster,
                Project = first.Project,
            }, parts.Add, ct);
        return [.. ofProject.SelectMany(charge => OfCharge(charge, parts, now))];
    }

    private static IEnumerable<HeldResource> OfCharge(
        ShownCharge charge, IReadOnlyList<Contribution> parts, Instant now)
    {
        var resources = parts.Where(part => part.IsOf(charge.Id) && !part.IsSplit).GroupBy(part => part.Resource)
            .Select(of => of.OrderBy(part => part.Period.Start).ToList())
            .Where(of => ResourceSpend.Weight(of) > 0).ToList();
        if (resources.Count == 0)
        {
            yield break;
        }

        var costs = ResourceSpend.Share(charge.Amount, [.. resources.Select(ResourceSpend.Weight)]);
        for (var i = 0; i < resources.Count; i++)
        {
            var of = resources[i];
            if (of[^1].Period.End < now - Late)
            {
                continue;
            }

            var stopped = of.Where(part => part.State == ResourceState.Stopped).ToList();
            yield return new(
                of[0].Resource, charge, of[^1].Shape, HoursOf(of), ResourceSpend.GpuHoursOf(of), costs[i],
                HoursOf(stopped),
                Money.Round(costs[i].Amount * ResourceSpend.Weight(stopped) / ResourceSpend.Weight(of)),
                of[^1].State == ResourceState.Stopped);
        }
    }

    private static decimal HoursOf(IEnumerable<Contribution> parts) =>
        parts.Sum(part => (decimal)(part.Period.Length - part.Outage).TotalHours);
}
