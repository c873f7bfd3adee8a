using Exchange.Portal.Spend;
using NodaTime;

namespace Exchange.Portal.Awards.Reports;

/// <summary>How an award stands: what was spent, what it comes to at its end, and when it is used up.</summary>
/// <param name="ADay">What one more day comes to, as the last seven whole days went; null where too few were.</param>
/// <param name="Forecast">What all of it comes to at its end; null where too little is known.</param>
/// <param name="UsedUpOn">The day on which the budget is, or was, used up; null when it lasts or nothing is
/// known.</param>
/// <param name="DaysLeft">The days that are not over, today among them.</param>
internal sealed record AwardBurn(Money Spent, Forecast? ADay, Forecast? Forecast, LocalDate? UsedUpOn, int DaysLeft)
{
    /// <param name="spent">What it paid on each day of its time; days without an amount paid nothing.</param>
    public static AwardBurn Of(AwardTerms terms, IEnumerable<(LocalDate Day, Money Amount)> spent, LocalDate today)
    {
        var byDay = spent.Where(one => terms.Covers(one.Day) && one.Day <= today).GroupBy(one => one.Day)
            .ToDictionary(day => day.Key, day => Money.Sum(day.Select(one => one.Amount)));
        var total = Money.Sum(byDay.Values);
        var end = today < terms.To ? today : terms.To;
        var whole = new List<Money>();
        for (var day = terms.From; day < end; day = day.PlusDays(1))
        {
            whole.Add(byDay.GetValueOrDefault(day));
        }

        var left = today < terms.To
            ? NodaTime.Period.DaysBetween(today < terms.From ? terms.From : today, terms.To) : 0;
        var one = Spend.Forecast.OfOneDay(whole);
        var forecast = left == 0 ? new Forecast(total, total, total)
            : today < terms.From ? null
            : Spend.Forecast.Of(whole, byDay.GetValueOrDefault(today), left);
        return new(total, left == 0 ? null : one, forecast, UsedUp(terms, whole, one, left), left);
    }

    private static LocalDate? UsedUp(AwardTerms terms, List<Money> whole, Forecast? one, int left)
    {
        var rest = terms.Budget;
        for (var i = 0; i < whole.Count; i++)
        {
            rest -= whole[i];
            if (rest <= Money.Zero)
            {
                return terms.From.PlusDays(i);
            }
        }

        if (one is null || left == 0 || one.Expected <= Money.Zero)
        {
            return null;
        }

        var days = (rest.Cents + one.Expected.Cents - 1) / one.Expected.Cents;
        return days <= left ? terms.From.PlusDays(whole.Count + (int)days - 1) : null;
    }
}
