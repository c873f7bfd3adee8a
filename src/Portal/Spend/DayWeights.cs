using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Spend;

/// <summary>
/// How a charge lies over the days of its month, by use: for charts, which show every cent on some day.
/// </summary>
internal sealed class DayWeights(BillingMonth month)
{
    private const int Finest = 1_000_000_000;
    private readonly int _days = (int)month.Period.Length.TotalDays;
    private readonly Dictionary<string, decimal[]> _byCharge = new(StringComparer.Ordinal);

    public void Add(Contribution part)
    {
        if (!_byCharge.TryGetValue(part.ChargeId, out var days))
        {
            _byCharge[part.ChargeId] = days = new decimal[_days];
        }

        for (var day = DayOf(part.Period.Start); day < _days; day++)
        {
            var start = month.Start + Duration.FromDays(day);
            var end = start + Duration.FromDays(1);
            var seconds = (Instant.Min(part.Period.End, end) - Instant.Max(part.Period.Start, start)).TotalSeconds;
            if (seconds <= 0)
            {
                break;
            }

            days[day] += decimal.Max(0, part.Count) * (long)seconds; // A credit lies where the rest does.
        }
    }

    /// <summary>The shares of each day of any scale; null when its use is not known by day.</summary>
    public int[]? Of(string chargeId)
    {
        var line = _byCharge.ContainsKey(chargeId) ? chargeId
            : chargeId[..chargeId.LastIndexOf(':')]; // Without a step.
        return _byCharge.TryGetValue(line, out var days) && days.Max() is > 0 and var most
            ? Array.ConvertAll(days, day => (int)(day / most * Finest))
            : null;
    }

    /// <summary>The amount by day; on the first day of its period when its use is not known by day.</summary>
    public IEnumerable<(LocalDate Day, Money Amount)> Of(string chargeId, Period period, Money amount)
    {
        var first = month.Start.InUtc().Date;
        if (Of(chargeId) is not { } days)
        {
            return [(first.PlusDays(DayOf(period.Start)), amount)];
        }

        return amount.Share(Array.ConvertAll(days, day => (long)day))
            .Select((share, day) => (first.PlusDays(day), share)).Where(d => !d.share.IsZero);
    }

    private int DayOf(Instant at) => Math.Clamp((int)Math.Floor((at - month.Start).TotalDays), 0, _days - 1);
}
