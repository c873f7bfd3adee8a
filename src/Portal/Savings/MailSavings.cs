using Exchange.Journal;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Savings;

/// <summary>'exchange savings mail' — says whether a PI gets a message a week of what could be saved.</summary>
internal sealed class MailSavings(PiId pi, bool isWanted, string by) : ICommand<bool>
{
    public string Act => isWanted ? "start savings mail" : "stop savings mail";
    public string Target => pi.Value;
    public string Permission => Permissions.SeeSpending;

    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var stream = SavingAnswers.Fold.StreamOf(pi.Value);
        var answers = SavingAnswers.Fold.Of(await work.Read<SavingEvent>(stream, ct));
        work.Append(stream, SavingAnswers.Mail(answers, isWanted, by, now).OrThrow());
        return isWanted;
    }
}
