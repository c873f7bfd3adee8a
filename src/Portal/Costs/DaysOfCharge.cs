namespace Exchange.Portal.Costs;

/// <summary>How a charge lies over the days of its month: every cent and all use is on one day.</summary>
internal static class DaysOfCharge
{
    private const int Digits = 9;

    /// <summary>A quantity of a charge as the explorer adds it up: with nine digits, wherever it is read.</summary>
    public static decimal Counted(decimal quantity) =>
        decimal.Round(quantity, Digits, MidpointRounding.AwayFromZero);

    /// <summary>All of it on one day.</summary>
    public static int[] On(int day, int days)
    {
        var weights = new int[days];
        weights[Math.Clamp(day, 0, days - 1)] = 1;
        return weights;
    }

    public static (long[] Cents, decimal[] Quantities) Share(long cents, decimal quantity, int[] weights) =>
        (Share(cents, weights), Share(quantity, weights));

    public static long[] Share(long cents, int[] weights)
    {
        if (cents == 0)
        {
            return new long[weights.Length];
        }

        var shares = new Money(Math.Abs(cents)).Share(Array.ConvertAll(weights, weight => (long)weight));
        return Array.ConvertAll(shares, share => cents < 0 ? -share.Cents : share.Cents);
    }

    /// <summary>Each day has its part; what rounding leaves is the last one's that has any.</summary>
    private static decimal[] Share(decimal quantity, int[] weights)
    {
        var (shares, total, left, last) = (new decimal[weights.Length], 0L, quantity, 0);
        for (var i = 0; i < weights.Length; i++)
        {
            total += weights[i];
            last = weights[i] > 0 ? i : last;
        }

        for (var i = 0; i < last && quantity != 0; i++)
        {
            shares[i] = decimal.Round(quantity * weights[i] / total, Digits, MidpointRounding.ToEven);
            left -= shares[i];
        }

        shares[last] = left;
        return shares;
    }
}
