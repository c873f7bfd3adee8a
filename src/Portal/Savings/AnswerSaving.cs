using Exchange.Journal;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Savings;

/// <summary>'exchange savings dismiss' — says that a thing stays as it is, or is to be proposed again.</summary>
/// <param name="found">What is proposed now: nothing else can be dismissed.</param>
/// <param name="reason">Why it stays; null to have it proposed again.</param>
internal sealed class AnswerSaving(PiId pi, string id, string? reason, string by, IReadOnlyList<Saving> found)
    : ICommand<string>
{
    public string Act => reason is null ? "restore saving" : "dismiss saving";
    public string Target => $"{pi} {id} {reason}".TrimEnd();
    public string Permission => Permissions.SeeSpending;

    /// <exception cref="RefusedException">It is not proposed, or no reason is given.</exception>
    public async Task<string> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        if (found.All(one => one.Id != id))
        {
            throw new RefusedException(new(
                "savings/unknown",
                $"'{id}' is not proposed to {pi} now. 'exchange savings list --pi {pi}' shows what is.", "id"));
        }

        var stream = SavingAnswers.Fold.StreamOf(pi.Value);
        var answers = SavingAnswers.Fold.Of(await work.Read<SavingEvent>(stream, ct));
        work.Append(stream, (reason is null
            ? SavingAnswers.Restore(answers, id, by, now)
            : SavingAnswers.Dismiss(answers, id, reason, by, now)).OrThrow());
        return id;
    }
}
