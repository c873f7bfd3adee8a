using System.Collections.Immutable;

namespace Exchange.Rating;

/// <summary>So many units that are kept free for a project during a time.</summary>
public readonly record struct Reserved(
    ClusterId Cluster, ProjectId Project, decimal Count, decimal Rate, Period Period)
{
    /// <summary>The agreement between project and landlord; null for what the sheet itself reserves.</summary>
    public string? Agreement { get; init; }
}

/// <summary>
/// What is reserved is paid for all of its time, used or not, and covers as many units at each moment of that time;
/// what is used beyond it, or outside its time, is at the SKU's price. Of an outage nobody pays anything.
/// </summary>
public sealed record Reservation(ImmutableArray<Reserved> All) : PriceModel
{
    /// <summary>What prices that which nothing reserved covers.</summary>
    public PriceModel Base { get; init; } = Flat.Instance;

    public override IEnumerable<(ClusterId, ProjectId)> Bound =>
        All.Select(reserved => (reserved.Cluster, reserved.Project)).Concat(Base.Bound).Distinct();

    public override IEnumerable<decimal> Rates => All.Select(reserved => reserved.Rate).Concat(Base.Rates);

    /// <summary>What is reserved for a project; of everybody else all usage is at the SKU's price.</summary>
    public IReadOnlyList<Reserved> For(ClusterId cluster, ProjectId project) =>
        [.. All.Where(one => one.Project == project && one.Cluster == cluster)];

    /// <param name="quantity">What was used above the reservation, as <see cref="UsageProfile"/> says it.</param>
    public override IEnumerable<Step> Price(Exact quantity, decimal rate, PricedLine line)
    {
        var reserved = For(line.Cluster, line.Project);
        foreach (var one in reserved)
        {
            if (one.Period.Clip(line.Month)?.Clip(line.Period) is not { } period)
            {
                continue;
            }

            var ticks = period.Length.BclCompatibleTicks - (line.OutOfService?.Invoke(period) ?? 0);
            var units = Exact.Of(one.Count) * Exact.Of(ticks, line.UnitTime * (Int128)10);
            if (!units.IsZero)
            {
                var name = $"reserved {Text.Of(one.Count)} from {SheetDates.Format(one.Period.Start)}";
                yield return new(Charge.AgreedStep(name, one.Agreement), units, one.Rate)
                {
                    IsStanding = true,
                    Agreement = one.Agreement,
                };
            }
        }

        foreach (var step in Base.Price(quantity, rate, line).Where(step => !step.Quantity.IsZero))
        {
            yield return reserved.Count == 0 ? step : step.Beyond("reservation");
        }
    }

    public bool Equals(Reservation? other) =>
        other is not null && All.SequenceEqual(other.All) && Base.Equals(other.Base);
    public override int GetHashCode() => All.Length;
}
