using Exchange.Portal.Spend;
using NodaTime;

namespace Exchange.Portal.Web;

/// <summary>Spending by day and service as a chart, with what the days left are expected to come to.</summary>
internal static class SpendChart
{
    private const int Shown = 7;

    /// <param name="today">The day that is not over, when the month is open: it and those after it are
    /// forecast.</param>
    /// <returns>Null when nothing was used.</returns>
    public static Plot? Of(BillingMonth month, IReadOnlyList<DaySpend> days, string verb, LocalDate? today = null)
    {
        if (days.Count == 0)
        {
            return null;
        }

        var labels = Days(month);
        var services = days.GroupBy(Name).OrderByDescending(g => g.Sum(d => d.Amount.Cents)).ToList();
        var series = services.Take(Shown).Select(g => Line(g.Key, g, labels)).ToList();
        if (services.Count > Shown)
        {
            series.Add(Line("everything else", services.Skip(Shown).SelectMany(g => g), labels));
        }

        return new(
            "by-day", $"{verb} by day in {Show.Of(month)}", "Day", [.. labels.Select(d => $"{d.Day}")], series)
        {
            Outlook = today is { } now && month == BillingMonth.Of(now.AtMidnight().InUtc().ToInstant())
                ? Coming(labels, days, now) : null,
        };
    }

    public static IReadOnlyList<LocalDate> Days(BillingMonth month) =>
    [
        .. Enumerable.Range(1, month.Period.Length.Days).Select(day => new LocalDate(month.Year, month.Month, day)),
    ];

    /// <summary>What the whole month will come to; null when too little of it has been.</summary>
    public static Forecast? Month(BillingMonth month, IReadOnlyList<DaySpend> days, LocalDate today)
    {
        var byDay = ByDay(Days(month), days);
        return Forecast.Of([.. byDay.Take(today.Day - 1)], byDay[today.Day - 1], byDay.Count - today.Day + 1);
    }

    private static Outlook? Coming(IReadOnlyList<LocalDate> labels, IReadOnlyList<DaySpend> days, LocalDate today) =>
        Forecast.OfOneDay([.. ByDay(labels, days).Take(today.Day - 1)]) is { } one
            ? new(today.Day - 1, [.. Enumerable.Repeat(one, labels.Count - today.Day + 1)])
            : null;

    private static List<Money> ByDay(IReadOnlyList<LocalDate> labels, IReadOnlyList<DaySpend> days) =>
        [.. Amounts(days, labels)];

    private static string Name(DaySpend day) => $"{day.Landlord} {day.Service}";

    private static Series Line(string name, IEnumerable<DaySpend> days, IReadOnlyList<LocalDate> labels) =>
        Series.Of(name, Amounts(days, labels));

    private static IEnumerable<Money> Amounts(IEnumerable<DaySpend> days, IReadOnlyList<LocalDate> labels)
    {
        var byDay = days.GroupBy(d => d.Day).ToDictionary(g => g.Key, g => Money.Sum(g.Select(d => d.Amount)));
        return labels.Select(day => byDay.GetValueOrDefault(day));
    }
}
