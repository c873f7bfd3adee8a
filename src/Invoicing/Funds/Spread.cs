namespace Exchange.Invoicing.Funds;

/// <summary>What NERC's present scripts do besides spreading: faults that a compatible report must show.</summary>
[Flags]
public enum SpreadFaults
{
    None = 0,

    /// <summary>A line that owes less than nothing is 'paid' its negative amount, and the rest grows by it.</summary>
    NegativeLinesRaiseTheRest = 1,

    /// <summary>A line that owes nothing counts as paid, with 0.00.</summary>
    LinesThatOweNothingArePaid = 2,
}

/// <summary>What a fund pays of each line: null for a line that it does not touch.</summary>
public sealed record Spreading(IReadOnlyList<Money?> Paid, Money Used);

/// <summary>How an available amount is spread over lines that owe something.</summary>
public static class Spread
{
    /// <summary>Line by line, in their order, until it is used up.</summary>
    public static Spreading InOrder(
        Money available, IReadOnlyList<Money> owed, SpreadFaults faults = SpreadFaults.None)
    {
        var paid = new Money?[owed.Count];
        var rest = available;
        for (var i = 0; i < owed.Count && !rest.IsZero; i++)
        {
            var pays = Money.Min(owed[i], rest);
            if (pays > Money.Zero ||
                (pays < Money.Zero && faults.HasFlag(SpreadFaults.NegativeLinesRaiseTheRest)) ||
                (pays.IsZero && faults.HasFlag(SpreadFaults.LinesThatOweNothingArePaid)))
            {
                paid[i] = pays;
                rest -= pays;
            }
        }

        return new(paid, available - rest);
    }

    /// <summary>
    /// In proportion to what each line owes: no line gets more than it owes and no cent is lost, and the order of the
    /// lines decides at most which of them gets an odd cent.
    /// </summary>
    public static Spreading ProRata(Money available, IReadOnlyList<Money> owed)
    {
        var weights = owed.Select(line => long.Max(line.Cents, 0)).ToArray();
        var used = Money.Min(available, new(weights.Sum()));
        if (used <= Money.Zero)
        {
            return new(new Money?[owed.Count], Money.Zero);
        }

        var shares = used.Share(weights);
        return new([.. shares.Select(share => share.IsZero ? (Money?)null : share)], used);
    }
}
