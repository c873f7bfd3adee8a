namespace Exchange.Invoicing.Closing;

/// <summary>Which month somebody closes, and what they take upon themselves.</summary>
/// <param name="Accepted">Codes of failed checks that the closer takes upon themselves.</param>
/// <param name="Seen">What they looked at (<see cref="ClosePlan.Seen"/>); null to take it as it is.</param>
public sealed record CloseRequest(
    BillingMonth Month, string Policies, IReadOnlySet<string> Accepted, string By, string? Seen = null)
{
    /// <exception cref="RefusedException">It is not what was looked at, or a check stands in the way.</exception>
    internal void Check(ClosePlan plan)
    {
        if (Seen is not null && Seen != plan.Seen)
        {
            throw new RefusedException(new(
                "close/changed",
                "What would be issued changed since you looked. Look again, then confirm again."));
        }

        if (plan.Checks.FirstOrDefault(check => check.Stops(Accepted)) is { } blocker)
        {
            throw new RefusedException(new(blocker.Code, blocker.Message));
        }
    }
}
