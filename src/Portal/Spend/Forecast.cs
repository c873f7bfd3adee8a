namespace Exchange.Portal.Spend;

/// <summary>What something will come to when the days left are like the last ones, and between what and what.</summary>
public sealed record Forecast(Money Low, Money Expected, Money High)
{
    private const int Looked = 7;

    /// <summary>What the month will come to.</summary>
    /// <param name="days">What was spent on each whole day of the month so far, in order.</param>
    /// <param name="today">What was spent so far on the day that is not over.</param>
    /// <param name="left">How many days of the month are not over, today among them.</param>
    public static Forecast? Of(IReadOnlyList<Money> days, Money today, int left)
    {
        if (OfOneDay(days) is not { } one)
        {
            return null;
        }

        var spent = Money.Sum(days);
        return new(
            spent + Max(Times(one.Low, left), today), spent + Max(Times(one.Expected, left), today),
            spent + Max(Times(one.High, left), today));
    }

    /// <summary>What one more day will come to; null after fewer than two, which say nothing about others.</summary>
    public static Forecast? OfOneDay(IReadOnlyList<Money> days)
    {
        if (days.Count < 2)
        {
            return null;
        }

        var last = days.Skip(Math.Max(0, days.Count - Looked)).ToList();
        return new(last.Min(), Money.Round(Money.Sum(last).Amount / last.Count), last.Max());
    }

    private static Money Times(Money money, int n) => new(money.Cents * n, money.Currency);

    private static Money Max(Money left, Money right) => left >= right ? left : right;
}
