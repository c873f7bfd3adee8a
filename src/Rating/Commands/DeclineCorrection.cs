using Exchange.Journal;
using NodaTime;

namespace Exchange.Rating;

/// <summary>'exchange prices decline ID' — finance declines a correction of closed months.</summary>
public sealed class DeclineCorrection(string id, string reason, string by) : ICommand<bool>
{
    public string Act => "prices decline";
    public string Target => id;
    public string Permission => Actor.HasTheMachine;

    /// <returns>False when it was declined before.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var stored = await StoredPrices.Read(work, ct);
        if (stored.Correction(id) is not { State: not CorrectionState.Accepted } correction)
        {
            throw new RefusedException(CorrectPrices.Unknown(id));
        }

        if (correction.State == CorrectionState.Declined)
        {
            return false;
        }

        work.Append<PriceBookEvent>(
            PriceBook.Fold.StreamOf(correction.BookName),
            [new PriceBookEvent.CorrectionDeclined(correction.Number, reason, by, now)]);
        return true;
    }
}
