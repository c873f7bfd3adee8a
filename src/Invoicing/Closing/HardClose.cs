using System.Collections.Immutable;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// Months that are closed for good: beyond the horizon that finance set, what came later is not billed by itself. A
/// close names each with what would change, and finance decides: bill it, or leave it as it was billed. Before the
/// horizon a closed month is closed softly: what came becomes adjustments of the next invoice.
/// </summary>
public static class HardClose
{
    private const string Code = "close/hard-closed";
    private const string Leave = "close/left";

    /// <summary>Whether an accepted code decides what becomes of such a month.</summary>
    public static bool IsDecision(string accepted) =>
        accepted.StartsWith($"{Code}:", StringComparison.Ordinal) ||
        accepted.StartsWith($"{Leave}:", StringComparison.Ordinal);

    /// <summary>The same without what nobody decided to bill, the months of that, and what is to be decided.</summary>
    public static (CloseInputs Inputs, ImmutableArray<BillingMonth> Undecided, IReadOnlyList<Check> Checks) LeaveOut(
        CloseInputs inputs)
    {
        if (inputs.HardClosedBefore is not { } first || inputs.Reissues is not null)
        {
            return (inputs, [], []);
        }

        var left = inputs.Rated
            .Where(rated => rated.Month < first && inputs.Months.IsClosed(rated.Month) && !rated.IsAsBilled &&
                !inputs.Accepted.Contains($"{Code}:{rated.Month}"))
            .Select(rated => (rated.Month, Changed: Changed(inputs, rated))).Where(of => of.Changed.Accounts > 0)
            .ToList();
        var undecided = left.Where(of => !inputs.Accepted.Contains($"{Leave}:{of.Month}")).ToList();
        var months = left.Select(of => of.Month).ToHashSet();
        return (
            inputs with { Rated = [.. inputs.Rated.Where(rated => rated.IsAsBilled || !months.Contains(rated.Month))] },
            [.. undecided.Select(of => of.Month)], [.. undecided.Select(of => CheckOf(of.Month, of.Changed))]);
    }

    private static (int Accounts, Money Amount) Changed(CloseInputs inputs, MonthCharges rated)
    {
        var due = new Due(inputs, rated, new HashSet<Account>());
        var lines = due.Accounts.Select(account => Adjust.Run(
            rated.Month, [.. due.Charges(account).Select(owned => owned.AsLine())],
            due.Billed(account).Select(line => line with { Funds = [] })).ToList())
            .Where(changed => changed.Count > 0).ToList();
        return (lines.Count, Money.Sum(lines.SelectMany(changed => changed).Select(line => line.Amount)));
    }

    private static Check CheckOf(BillingMonth month, (int Accounts, Money Amount) changed) => new(
        Code, false,
        $"{month} is closed for good, and {changed.Accounts} accounts would be billed {changed.Amount} for what came " +
        $"since. Nobody is, until you decide: '--accept {Code}:{month}' bills it, '--accept {Leave}:{month}' leaves " +
        "the month as it was billed.")
    {
        Accept = $"{Code}:{month}",
    };
}
