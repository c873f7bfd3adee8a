using Exchange.Metering;
using Exchange.Metering.Collectors;
using NodaTime;

namespace Exchange.Rating;

/// <summary>Tells what each piece of usage adds to which charge, for whoever checks one.</summary>
internal sealed class Contributions(RateRequest request, Action<Contribution> told)
{
    /// <summary>A segment adds to the charge of each owner in whose time some of it lies.</summary>
    public void Time(in Segment segment, Line line, Priced priced, Outages outages, long start, long end)
    {
        if (line.Hands.IsEmpty)
        {
            Time(segment, line, priced, outages, "", start, end);
        }

        foreach (var hand in line.Hands)
        {
            var (from, to) = hand.Clip(start, end);
            if (from < to)
            {
                Time(segment, line, priced, outages, hand.Since, from, to);
            }
        }
    }

    public void Count(DailyTotal total, Line line, OwnershipPeriod? hand, Instant at, decimal counted) => told(new(
        IdOf(line, hand?.Since), total.Resource, new(at, at + Duration.FromDays(1)), ResourceState.Running,
        Shape.Empty, Duration.Zero, counted,
        $"{Text.Of(total.Quantity)} of {total.Meter} on {total.Day:uuuu-MM-dd}"));

    /// <summary>Of a composite service also what those behind it counted, by which each has its share.</summary>
    public void Splits(IEnumerable<Line> lines, CompositeUsage behind)
    {
        foreach (var line in lines.Where(
            line => line.Sku.Wholesale is { Behind.IsEmpty: false } && !line.IsForScaleOnly))
        {
            foreach (var total in behind.Behind(line))
            {
                var at = total.Day.AtMidnight().InUtc().ToInstant();
                told(new(
                    IdOf(line, line.Hands.FirstOrDefault(one => one.Period.Contains(at))?.Since), total.Resource,
                    new(at, at + Duration.FromDays(1)), ResourceState.Running, Shape.Empty, Duration.Zero, 0,
                    $"{Text.Of(total.Quantity)} of {total.Meter} on {total.Day:uuuu-MM-dd} with " +
                    $"{total.Resource.Landlord}: splits the line, adds nothing to it")
                {
                    IsSplit = true,
                });
            }
        }
    }

    public void Bill(FocusRow row, Line line, OwnershipPeriod? hand, Instant at, string step) => told(new(
        IdOf(line, hand?.Since), FederatedBill.ResourceOf(row), new(at, at + Duration.FromSeconds(1)),
        ResourceState.Running, Shape.Empty, Duration.Zero, row.BilledCost,
        $"{Text.Of(row.BilledCost)} {row.Currency}, {row.Category} of {row.Service}: {row.Where}", step, row));

    private void Time(
        in Segment segment, Line line, Priced priced, Outages outages, string since, long from, long to)
    {
        var outage = outages.Within(from, to, priced.Policies!);
        told(new(
            IdOf(line, since), segment.Resource,
            new(Instant.FromUnixTimeTicks(from), Instant.FromUnixTimeTicks(to)), segment.State, segment.Shape,
            Duration.FromTicks(outage), priced.Count,
            Counting.Arithmetic(line.Sku, segment.Shape, priced.Count, (to - from - outage) / 10)));
    }

    private string IdOf(Line line, string? since) => $"{line.IdIn(request.Month)}{since}";
}
