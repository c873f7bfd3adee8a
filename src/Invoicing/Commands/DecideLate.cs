using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange adjustments accept | decline MONTH --seen SEEN' — says that the next close bills what came to a month that
/// is closed for good or was never closed, or leaves it. It is decided of what was seen: of what comes later finance is
/// asked again.
/// </summary>
/// <param name="seen">What was looked at (<see cref="LateMonth.Seen"/>); null to take it as it is.</param>
public sealed class DecideLate(
    Sources sources, BillingMonth month, bool isBilled, string? reason, string by, string? seen = null)
    : ICommand<LateMonth>
{
    public string Act => isBilled ? "adjustments accept" : "adjustments decline";
    public string Target => month.ToString();
    public string Permission => InvoicingPermissions.CloseMonths;

    public async Task<LateMonth> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var months = Months.Fold.Of(await work.Read<MonthEvent>(Months.Fold.StreamOf(Months.Id), ct));
        var late = (await List(sources, now, ct, month)).FirstOrDefault(one => one.Month == month)
            ?? throw new RefusedException(new(
                "adjustments/none",
                $"Nothing that came to {month} waits for a decision. 'exchange adjustments list' shows what does; " +
                "what comes to other closed months is billed by the next close."));
        if (seen is not null && seen != late.Seen)
        {
            throw new RefusedException(new(
                "adjustments/changed",
                $"What came to {month} is not what you looked at. It is {late.Said}, of {late.Accounts.Length} " +
                $"accounts: look at it, then decide with '--seen {late.Seen}'."));
        }

        var decided = late.Decide(isBilled, reason, by, now);
        if (months.Late.GetValueOrDefault(month) is not { } before || before.Seen != decided.Seen ||
            before.IsBilled != isBilled || isBilled != months.Accepted.Contains(month))
        {
            work.Append<MonthEvent>(Months.Fold.StreamOf(Months.Id), [decided]);
        }

        return late with { Decision = decided, IsBilled = isBilled };
    }

    /// <summary>What came to months that no close bills by itself; none where no month is closed yet.</summary>
    /// <param name="also">A month to look at, too, whether anything came to it or not: funds may have changed.</param>
    public static Task<IReadOnlyList<LateMonth>> List(
        Sources sources, Instant now, CancellationToken ct, BillingMonth? also = null) =>
        CloseMonth.Late(sources, now, ct, also);
}
