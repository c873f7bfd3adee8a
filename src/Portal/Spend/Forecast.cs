namespace Exchange.Portal.Spend;

/// <summary>What a month will come to when the days left are like the last ones, and between what and what.</summary>
internal sealed record Forecast(Money Low, Money Expected, Money High)
{
    private const int Looked = 7;

    /// <param name="days">What was spent on each whole day of the month so far, in order.</param>
    /// <param name="today">What was spent so far on the day that is not over.</param>
    /// <param name="left">How many days of the month are not over, today among them.</param>
    public static Forecast? Of(IReadOnlyList<Money> days, Money today, int left)
    {
        if (days.Count < 2)
        {
            return null; // One day says nothing about the others.
        }

        var spent = Money.Sum(days);
        var last = days.Skip(Math.Max(0, days.Count - Looked)).ToList();
        var mean = Money.Round(Money.Sum(last).Amount / last.Count);
        var low = Times(last.Min(), left);
        var high = Times(last.Max(), left);
        return new(
            spent + Max(low, today), spent + Max(Times(mean, left), today), spent + Max(high, today));
    }

    private static Money Times(Money money, int n) => new(money.Cents * n, money.Currency);

    private static Money Max(Money left, Money right) => left >= right ? left : right;
}
