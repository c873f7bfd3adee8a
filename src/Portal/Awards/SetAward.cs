using Exchange.Journal;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Awards;

/// <summary>'exchange awards set' — enters an award of a PI, or gives it other terms.</summary>
internal sealed class SetAward(AwardTerms terms, string by) : ICommand<bool>
{
    public string Act => "set award";
    public string Target => $"{terms.Number} {terms.Pi} {terms.Budget}";
    public string Permission => Permissions.KeepAwards;

    /// <returns>False when it was so already.</returns>
    /// <exception cref="RefusedException">Its terms are wrong, or other awards pay for the same.</exception>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var said = AwardBook.Set(await work.State(AwardBook.Fold, AwardBook.Id, ct), terms, by, now).OrThrow();
        work.Append(AwardBook.Fold.StreamOf(AwardBook.Id), said);
        return said.Count > 0;
    }
}
