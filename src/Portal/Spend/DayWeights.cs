using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Spend;

/// <summary>
/// How a charge lies over the days of its month, by use: for charts, which show every cent on some day.
/// </summary>
/// <param name="agreed">What is owed used or not in the month; it lies evenly over its time.</param>
internal sealed class DayWeights(BillingMonth month, IReadOnlyCollection<StandingTime>? agreed = null)
{
    private const int Finest = 1_000_000_000;
    private readonly int _days = (int)month.Period.Length.TotalDays;
    private static readonly string Credited = $":{ServiceCredits.Sku}:";
    private readonly Dictionary<string, decimal[]> _byCharge = new(StringComparer.Ordinal);
    private List<string>? _lines;

    public void Add(Contribution part)
    {
        if (!_byCharge.TryGetValue(part.ChargeId, out var days))
        {
            _lines = null;
            _byCharge[part.ChargeId] = days = new decimal[_days];
        }

        AddTime(days, part.Period, decimal.Max(0, part.Count)); // A credit lies where the rest does.
    }

    private void AddTime(decimal[] days, Period period, decimal count)
    {
        for (var day = DayOf(period.Start); day < _days; day++)
        {
            var start = month.Start + Duration.FromDays(day);
            var end = start + Duration.FromDays(1);
            var seconds = (Instant.Min(period.End, end) - Instant.Max(period.Start, start)).TotalSeconds;
            if (seconds <= 0)
            {
                break;
            }

            days[day] += count * (long)seconds;
        }
    }

    /// <summary>The shares of each day of any scale; null when its use is not known by day.</summary>
    public int[]? Of(string chargeId)
    {
        var line = _byCharge.ContainsKey(chargeId) ? chargeId
            : chargeId[..chargeId.LastIndexOf(':')]; // Without a step.
        var days = OfAgreed(chargeId) ?? OfCredited(chargeId) ?? _byCharge.GetValueOrDefault(line);
        return days?.Max() is > 0 and var most ? Array.ConvertAll(days, day => (int)(day / most * Finest)) : null;
    }

    /// <summary>
    /// What is owed used or not does not lie where its project used something, and not on one day: it lies over the
    /// time for which the project holds the agreement. Null of every other charge.
    /// </summary>
    private decimal[]? OfAgreed(string chargeId)
    {
        if (agreed is null || Charge.AgreementOf(chargeId) is not { } id || !Charge.IsStanding(id))
        {
            return null;
        }

        decimal[]? days = null;
        foreach (var one in agreed.Where(one =>
            one.Id == id && chargeId.StartsWith($"{month}:{one.Project}:", StringComparison.Ordinal)))
        {
            AddTime(days ??= new decimal[_days], one.Period, 1);
        }

        return days;
    }

    /// <summary>
    /// What a service level credits has no use of its own: it lies as the line does that it is a part of, and as all
    /// use of its project where that line is not known; not on one day.
    /// </summary>
    private decimal[]? OfCredited(string chargeId)
    {
        var end = chargeId.IndexOf(Credited, StringComparison.Ordinal);
        if (end < 0)
        {
            return null;
        }

        var sheet = chargeId[(end + Credited.Length - 1)..]; // ':nerc/openstack/2025-06-01#1:25 % of OpenStack CPU'
        var part = sheet.IndexOf(ServiceCredits.Of, StringComparison.Ordinal);
        if (part > 0)
        {
            var line = $"{chargeId[..(end + 1)]}{sheet[(part + ServiceCredits.Of.Length)..]}" +
                sheet[..sheet.LastIndexOf(':', part)];
            if (_byCharge.TryGetValue(line, out var own) && own.Max() > 0)
            {
                return own;
            }
        }

        return OfProject(chargeId, end);
    }

    private decimal[] OfProject(string chargeId, int end)
    {
        _lines ??= [.. _byCharge.Keys.Order(StringComparer.Ordinal)];
        var (project, days) = (chargeId[..(end + 1)], new decimal[_days]);
        var first = _lines.BinarySearch(project, StringComparer.Ordinal);
        for (var at = first < 0 ? ~first : first;
            at < _lines.Count && _lines[at].StartsWith(project, StringComparison.Ordinal); at++)
        {
            days = [.. days.Zip(_byCharge[_lines[at]], (sum, one) => sum + one)];
        }

        return days;
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
