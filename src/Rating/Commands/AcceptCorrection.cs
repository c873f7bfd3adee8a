using Exchange.Journal;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// 'exchange prices accept ID' — finance accepts a correction of closed months, which the next close bills as
/// adjustments.
/// </summary>
/// <param name="standing">Reads what publishing the sheet must respect.</param>
public sealed class AcceptCorrection(
    string id, Func<PricingText, Instant, CancellationToken, Task<PricePublishContext>> standing, string by)
    : ICommand<bool>
{
    public string Act => "prices accept";
    public string Target => id;
    public string Permission => Actor.HasTheMachine;

    /// <returns>False when it was accepted before.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var stored = await StoredPrices.Read(work, ct);
        if (stored.Correction(id) is not { State: not CorrectionState.Declined } correction)
        {
            throw new RefusedException(CorrectPrices.Unknown(id));
        }

        if (correction.State == CorrectionState.Accepted)
        {
            return false;
        }

        var text = new PricingText(correction.File, correction.Yaml);
        var respected = await standing(text, now, ct);
        var publication = Publication.Of(
            stored.Books, stored.Lists, [text],
            respected.WithNotice(stored.Lists, now) with { IsAccepted = true }, correction.By, now);
        RefusedException.ThrowIfAny(publication.Refusals);
        work.Append<PriceBookEvent>(
            PriceBook.Fold.StreamOf(correction.BookName),
            [
                new PriceBookEvent.CorrectionAccepted(correction.Number, by, now),
                .. publication.Books.GetValueOrDefault(correction.BookName) ?? [],
            ]);
        return true;
    }
}
