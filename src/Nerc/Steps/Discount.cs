using Exchange.Invoicing.Funds;

namespace Exchange.Nerc.Steps;

/// <summary>How money that pays part of a bill is taken off some of its lines (steps 7 to 10).</summary>
internal static class Discount
{
    /// <summary>What is done to a line that gets some of it.</summary>
    public delegate NercLine Taking(NercLine line, Money taken);

    /// <summary>Spreads an amount over the chosen lines of a bill, on what their PIs still owe.</summary>
    /// <param name="chosen">The places of the lines, in the order of the bill.</param>
    /// <returns>What was used of the amount.</returns>
    public static Money Spread(
        NercLine[] lines, IReadOnlyList<int> chosen, Money amount, ProgrammeShare share, Fix fixes, Taking take)
    {
        IReadOnlyList<int> places = fixes.HasFlag(Fix.OrderOfLines) ? InOwnOrder(lines, chosen) : chosen;
        Money[] owed = [.. places.Select(place => lines[place].PiBalance)];
        var spread = share == ProgrammeShare.ProRata
            ? Invoicing.Funds.Spread.ProRata(amount, owed)
            : Invoicing.Funds.Spread.InOrder(amount, owed, Faults(fixes));
        for (var i = 0; i < places.Count; i++)
        {
            if (spread.Paid[i] is { } taken)
            {
                var line = lines[places[i]];
                lines[places[i]] = take(line with { PiBalance = line.PiBalance - taken }, taken);
            }
        }

        return spread.Used;
    }

    /// <summary>Lowers what the exchange is owed as well, and says why beside the credit.</summary>
    public static Taking AsCredit(string? code) => (line, taken) => line with
    {
        Balance = line.Balance - taken,
        Credit = (line.Credit ?? Money.Zero) + taken,
        CreditCode = code is null ? line.CreditCode : line.CreditCode is { } codes ? $"{codes},{code}" : code,
    };

    public static IReadOnlyList<int> Places(IReadOnlyList<NercLine> lines, Func<NercLine, bool> chosen) =>
        [.. Enumerable.Range(0, lines.Count).Where(place => chosen(lines[place]))];

    private static SpreadFaults Faults(Fix fixes) =>
        (fixes.HasFlag(Fix.NegativeLinesTakeNothing) ? SpreadFaults.None : SpreadFaults.NegativeLinesRaiseTheRest) |
        (fixes.HasFlag(Fix.NothingOwedNothingCredited) ? SpreadFaults.None : SpreadFaults.LinesThatOweNothingArePaid);

    private static List<int> InOwnOrder(NercLine[] lines, IReadOnlyList<int> chosen) =>
        [.. chosen
            .OrderBy(place => lines[place].Allocation, StringComparer.Ordinal)
            .ThenBy(place => lines[place].Cluster, StringComparer.Ordinal)
            .ThenBy(place => lines[place].SuType, StringComparer.Ordinal)
            .ThenBy(place => lines[place].Cost)];
}
