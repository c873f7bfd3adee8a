using Exchange.Metering;

namespace Exchange.Simulation.Tests;

/// <summary>What the months come to, worked out a quarter of an hour at a time, as one would on paper.</summary>
internal static class Reference
{
    public static SortedDictionary<string, decimal> ByOwner(IReadOnlyList<Reading> readings)
    {
        var lines = new Dictionary<(BillingMonth, bool, ProjectId, bool), decimal>();
        void Add(BillingMonth month, bool dear, ProjectId project, bool vm, decimal quantity) =>
            lines[(month, dear, project, vm)] = lines.GetValueOrDefault((month, dear, project, vm)) + quantity;

        foreach (var told in readings.Where(r => r.Type != ReadingType.Count).GroupBy(r => r.Resource))
        {
            var states = told.Where(r => r.Type == ReadingType.State).ToList();
            var left = told.Where(r => r.Type == ReadingType.Interval &&
                    states.Exists(s => s.From > r.From && s.From < r.To))
                .Select(r => (r.From, To: states.Where(s => s.From < r.To).Max(s => s.From))).ToList();
            var (last, isFilled) = ((Reading?)null, false);
            for (var at = Story.March.Start; at < Story.April.End; at += Story.Slot)
            {
                var state = states.Where(s => s.From <= at).MaxBy(s => s.From);
                var audit = told.Where(r => r.Type == ReadingType.Interval && r.To > at)
                    .Select(r => (r, From: states.Where(s => s.From > r.From && s.From < r.To)
                        .Select(s => s.From).Append(r.From).Max()))
                    .Where(a => a.From <= at).OrderBy(a => a.From).LastOrDefault();
                var claim = audit.r is null || state?.From >= audit.From ? state : audit.r;
                isFilled = claim is null && last is not null &&
                    left.Exists(gap => at < gap.To && (gap.From == at || (isFilled && gap.From < at)));
                claim = isFilled ? last : claim;
                last = claim?.State == ResourceState.Deleted ? null : claim;
                if (claim?.State == ResourceState.Running)
                {
                    Add(BillingMonth.Of(at), at >= Story.PriceChange, claim.Project, true, claim.Shape.VCpu / 4);
                }
            }
        }

        foreach (var count in readings.Where(r => r.Type == ReadingType.Count))
        {
            var day = count.From.InUtc().Date.AtMidnight().InUtc().ToInstant();
            Add(BillingMonth.Of(day), day >= Story.PriceChange, count.Project, false, count.Quantity);
        }

        var owed = new SortedDictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var ((_, dear, project, vm), quantity) in lines)
        {
            var rate = (vm, dear) switch { (true, false) => 0.0137m, (true, true) => 0.0291m, _ => 0.00013m };
            var owner = Story.Owner(project);
            owed[owner] = owed.GetValueOrDefault(owner) +
                decimal.Round(quantity * rate, 2, MidpointRounding.AwayFromZero);
        }

        return owed;
    }
}
