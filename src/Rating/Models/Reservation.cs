using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Rating;

/// <summary>So many units that are kept free for a project during a time.</summary>
public readonly record struct Reserved(
    ClusterId Cluster, ProjectId Project, decimal Count, decimal Rate, Period Period);

/// <summary>
/// What is reserved is paid for all of its time, used or not; what is used beyond it in the month at the SKU's rate.
/// </summary>
public sealed record Reservation(ImmutableArray<Reserved> All) : PriceModel
{
    public override IEnumerable<(ClusterId, ProjectId)> Bound =>
        All.Select(reserved => (reserved.Cluster, reserved.Project)).Distinct();

    public override IEnumerable<decimal> Rates => All.Select(reserved => reserved.Rate);

    public override IEnumerable<Step> Price(Exact quantity, decimal rate, PricedLine line)
    {
        var reserved = Exact.Zero;
        foreach (var one in All.Where(one => one.Project == line.Project && one.Cluster == line.Cluster))
        {
            var time = one.Period.Clip(line.Month)?.Clip(line.Period)?.Length ?? Duration.Zero;
            var units = Exact.Of(one.Count) * Exact.Of(time.BclCompatibleTicks, line.UnitTime * (Int128)10);
            reserved += units;
            if (!units.IsZero)
            {
                var name = $"reserved {Text.Of(one.Count)} from {PriceSheet.DateOf(one.Period.Start)}";
                yield return new(name, units, one.Rate) { IsStanding = true };
            }
        }

        var more = quantity - reserved;
        if (!more.IsZero)
        {
            yield return new(reserved.IsZero ? null : "above the reservation", more, rate);
        }
    }

    public bool Equals(Reservation? other) => other is not null && All.SequenceEqual(other.All);
    public override int GetHashCode() => All.Length;
}
