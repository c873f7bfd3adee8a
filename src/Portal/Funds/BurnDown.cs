using Exchange.Invoicing.Funds;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;

namespace Exchange.Portal.Funds;

/// <summary>What a promotion granted, and in which months it can be used.</summary>
/// <param name="Months">How many months, from the first on.</param>
internal sealed record GrantWindow(Money Amount, BillingMonth From, int Months)
{
    public IEnumerable<BillingMonth> All()
    {
        for (var (month, n) = (From, 0); n < Months; (month, n) = (month.Next, n + 1))
        {
            yield return month;
        }
    }
}

/// <summary>
/// What is left of a promotion at the end of each month of its window, and when it will be used up if months go on like
/// this one.
/// </summary>
internal static class BurnDown
{
    /// <summary>Null for money that is given anew each month, and for what was never granted.</summary>
    /// <param name="spent">What the shown month came to so far.</param>
    /// <param name="month">What it will come to, while it is open.</param>
    public static async Task<Plot?> Of(
        Composition exchange, FundLeft left, PiId pi, BillingMonth shown, Money spent, Forecast? month,
        CancellationToken ct)
    {
        var programme = exchange.Programmes.Single(p => p.Id == left.Programme);
        var fund = await exchange.Kept.State(Fund.Fold, programme.Id, ct);
        var (from, granted) = fund.Grants.TryGetValue(pi, out var grant) ? (grant.Month, grant.Amount)
            : (shown, left.Available); // The first close will grant it.
        return left.Kind == ProgrammeKind.Promotion && programme.At(from) is { WindowMonths: > 0 and var window }
            ? Draw(
                left, new(granted, from, window), shown, m => fund.Used(pi, m), Part(month, left.Used, spent))
            : null;
    }

    /// <param name="used">What closes took from it for a month.</param>
    public static Plot Draw(
        FundLeft left, GrantWindow grant, BillingMonth shown, Func<BillingMonth, Money> used, Forecast? month)
    {
        var months = grant.All().ToList();
        var rest = grant.Amount;
        var known = new List<Money> { grant.Amount };
        foreach (var m in months.TakeWhile(m => m <= shown))
        {
            rest -= m == shown ? left.Used : used(m);
            known.Add(rest);
        }

        var before = known.Count - 2; // The month that is open is not over: what is expected begins before it.
        return new(
            $"left-{left.Programme}", $"Remaining of {left.Programme}", "At the end of",
            ["granted", .. months.Select(Show.Of)], [Series.Of(left.Programme, known)])
        {
            IsStacked = false,
            Outlook = month is null || before < 0 ? null : new(before, [
                .. Enumerable.Range(0, months.Count - before + 1).Select(n => new Forecast(
                    Less(known[before], month.High, n), Less(known[before], month.Expected, n),
                    Less(known[before], month.Low, n)))]),
        };
    }

    /// <summary>Of what months come to, the part that the fund pays: not everything is eligible.</summary>
    private static Forecast? Part(Forecast? month, Money used, Money spent)
    {
        return month is null || spent <= Money.Zero ? null : new(Of(month.Low), Of(month.Expected), Of(month.High));

        Money Of(Money whole) => Money.Round(whole.Amount * used.Amount / spent.Amount);
    }

    private static Money Less(Money rest, Money month, int times) =>
        new(Math.Max(0, rest.Cents - (month.Cents * times)), rest.Currency);
}
