using Exchange.Portal.Costs.Changes;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>What changed by how much; the charge that explains it, where one does.</summary>
internal sealed record ChangedDocumentItem(string What, Money Amount, string? Month, string? Charge);

/// <summary>A cause of a change, and what it adds to the total before.</summary>
/// <param name="Cause">new, ended, hours, shape, usage, price, owner, corrections, credits-granted and so on.</param>
internal sealed record ChangeDocumentStep(
    ChangeCause Cause, string Words, Money Amount, IReadOnlyList<ChangedDocumentItem> Items);

/// <summary>Why a total is not what it was: causes that add up to the difference, to the cent.</summary>
/// <param name="Before">Net, of the earlier period.</param>
/// <param name="After">Net, of the later one.</param>
internal sealed record CostChangeDocument(
    LocalDate From, LocalDate To, LocalDate EarlierFrom, LocalDate EarlierTo, Money Before, Money After, Money Change,
    IReadOnlyList<ChangeDocumentStep> Steps)
{
    private const int MaxItems = 1_000;

    public static CostChangeDocument Of(CostChange change) => new(
        change.Later.From, change.Later.To, change.Earlier.From, change.Earlier.To, change.Before, change.After,
        change.After - change.Before,
        [
            .. change.Steps.Select(step => new ChangeDocumentStep(
                step.Cause, step.Words, step.Amount,
                [.. step.Items.Take(MaxItems).Select(
                    item => new ChangedDocumentItem(item.What, item.Amount, item.Month, item.Charge))])),
        ]);
}
