using Exchange.Invoicing.Kept;
using Exchange.Journal;

namespace Exchange.Invoicing.Funds;

/// <summary>
/// What a payer or finance decides about a programme's money: whom it pays for, how much, and since when.
/// </summary>
public static class ActOnFund
{
    /// <summary>Whether a decision may hold from a month: closed ones were billed without it.</summary>
    /// <param name="accepts">Whether finance accepts that closed months change, by adjustments.</param>
    /// <exception cref="RefusedException">The month is closed.</exception>
    public static async Task CheckOpen(IJournal journal, BillingMonth from, bool accepts, CancellationToken ct)
    {
        var months = await journal.State(Months.Fold, Months.Id, ct);
        if (!accepts && months.Last is { } last && from <= last)
        {
            throw new RefusedException(new(
                "fund/closed-month",
                $"{last} is closed and was billed without this. Say '--from {last.Next}', the first open month; or, " +
                "as finance, let closed months change by adjustments: '--accept-correction'."));
        }
    }

    /// <exception cref="RefusedException">There is no such programme.</exception>
    public static Programme Find(IReadOnlyList<Programme> programmes, string id) =>
        programmes.FirstOrDefault(one => one.Id == id) ?? throw new RefusedException(new(
            "programme/unknown",
            $"There is no program '{id}'. 'exchange programmes list' shows those that there are."));

    public static string NameOf(ProgrammeKind kind) => kind switch
    {
        ProgrammeKind.Promotion => "promotion",
        ProgrammeKind.Subsidy => "subsidy",
        ProgrammeKind.FreeSku => "free-sku",
        ProgrammeKind.Settlement => "settlement",
    };
}
