namespace Exchange.Portal.Costs.Changes;

/// <summary>Why a total is not what it was.</summary>
internal enum ChangeCause
{
    New,
    Ended,
    Hours,
    Shape,
    Usage,
    Price,
    Owner,
    ServiceCredits,
    Corrections,
    CreditsGranted,
    CreditsUsedUp,
    CreditsExpired,
    Credits,
    Share,
    Hardware,
    Transfers,
}

/// <summary>A part of a step: what changed by how much, and where to look.</summary>
/// <param name="Month">Of the charge; null where no single charge explains it.</param>
/// <param name="Charge">The charge that explains it.</param>
internal sealed record ChangedItem(string What, Money Amount, string? Month = null, string? Charge = null);

/// <summary>A step from one total to the other: a cause, and what it adds.</summary>
internal sealed record ChangeStep(ChangeCause Cause, Money Amount, IReadOnlyList<ChangedItem> Items)
{
    public string Words => Cause switch
    {
        ChangeCause.New => "New",
        ChangeCause.Ended => "Ended",
        ChangeCause.Hours => "More or fewer hours",
        ChangeCause.Shape => "Other shapes",
        ChangeCause.Usage => "More or less used",
        ChangeCause.Price => "Price sheet changed",
        ChangeCause.Owner => "Project changed hands",
        ChangeCause.ServiceCredits => "Credits for service levels",
        ChangeCause.Corrections => "Corrections of earlier months",
        ChangeCause.CreditsGranted => "Credits granted",
        ChangeCause.CreditsUsedUp => "Credits used up",
        ChangeCause.CreditsExpired => "Credits expired",
        ChangeCause.Credits => "Credits and subsidies",
        ChangeCause.Share => "The exchange's share",
        ChangeCause.Hardware => "Owners of hardware",
        ChangeCause.Transfers => "Transfers between landlords",
    };
}

/// <summary>From one total to another by causes that add up to the difference, to the cent.</summary>
internal sealed record CostChange(
    CostRange Earlier, CostRange Later, Money Before, Money After, IReadOnlyList<ChangeStep> Steps)
{
    /// <exception cref="InvalidOperationException">The causes do not come to the difference.</exception>
    public static CostChange Of(
        (CostRange Range, Money Total) before, (CostRange Range, Money Total) after, IEnumerable<ChangeStep> steps)
    {
        var all = steps.Where(step => step.Items.Count > 0)
            .GroupBy(step => step.Cause).OrderBy(of => of.Key)
            .Select(of => new ChangeStep(
                of.Key, Money.Sum(of.Select(step => step.Amount)), [.. of.SelectMany(step => step.Items)
                    .OrderByDescending(item => Math.Abs(item.Amount.Cents))
                    .ThenBy(item => item.What, StringComparer.Ordinal)])).ToList();
        var sum = Money.Sum(all.Select(step => step.Amount));
        return sum == after.Total - before.Total
            ? new(before.Range, after.Range, before.Total, after.Total, all)
            : throw new InvalidOperationException(
                $"From {before.Total} to {after.Total} is {after.Total - before.Total}, and the causes come to {sum}.");
    }
}
