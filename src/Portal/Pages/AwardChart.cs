using Exchange.Portal.Awards.Reports;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>What remains of an award at the end of each month of its time, and what will.</summary>
internal static class AwardChart
{
    public static Plot Of(AwardStanding award, LocalDate today)
    {
        var terms = award.Terms;
        var ends = new List<LocalDate>();
        for (var next = terms.From; next < terms.To;)
        {
            var end = new LocalDate(next.Year, next.Month, 1).PlusMonths(1);
            next = end < terms.To ? end : terms.To;
            ends.Add(next);
        }

        var byMonth = award.Days.ToLookup(one => ends.FindIndex(end => one.Of.Day < end), one => one.Amount);
        var known = new List<Money> { terms.Budget };
        for (var i = 0; i < ends.Count && ends[i] <= today; i++)
        {
            known.Add(known[^1] - Money.Sum(byMonth[i]));
        }

        var over = known.Count - 1; // How many months are over; what is expected begins where they end.
        return new(
            "remaining", "Remaining of the budget", "At the end of",
            ["start", .. ends.Select(end => Show.Of(new BillingMonth(end.PlusDays(-1).Year, end.PlusDays(-1).Month)))],
            [Series.Of("Remaining", known)])
        {
            IsStacked = false,
            Outlook = award.Burn.ADay is { } day && over < ends.Count
                ? new(over, [new(known[^1], known[^1], known[^1]), .. ends.Skip(over).Select(end => Less(
                    award.Remaining, day, NodaTime.Period.DaysBetween(today, end)))])
                : null,
        };
    }

    /// <summary>Today is among the days to come: what it came to so far is small beside them.</summary>
    private static Forecast Less(Money rest, Forecast day, int days) =>
        new(Rest(rest, day.High, days), Rest(rest, day.Expected, days), Rest(rest, day.Low, days));

    private static Money Rest(Money rest, Money day, int days) =>
        new(Math.Max(0, rest.Cents - (day.Cents * days)), rest.Currency);
}
