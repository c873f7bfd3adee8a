using Exchange.Journal;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Awards;

/// <summary>'exchange awards remove' — takes an award off; the journal keeps what it was.</summary>
internal sealed class RemoveAward(PiId pi, string number, string reason, string by) : ICommand<string>
{
    public string Act => "remove award";
    public string Target => $"{number} {pi}";
    public string Permission => Permissions.KeepAwards;

    /// <exception cref="RefusedException">There is none, or no reason is given.</exception>
    public async Task<string> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        work.Append(AwardBook.Fold.StreamOf(AwardBook.Id), AwardBook.Remove(
            await work.State(AwardBook.Fold, AwardBook.Id, ct), pi, number, reason, by, now).OrThrow());
        return number;
    }
}
