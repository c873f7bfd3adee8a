using Exchange.Journal;
using NodaTime;

namespace Exchange.Rating;

/// <summary>'exchange prices correct FILE' — a landlord proposes to correct a sheet of closed months.</summary>
/// <param name="standing">Reads what publishing must respect: closed months, and the usage that there is.</param>
public sealed class ProposeCorrection(
    PricingText text, Func<Instant, CancellationToken, Task<PricePublishContext>> standing, string reason, string by)
    : ICommand<PriceCorrection>
{
    public string Act => "prices correct";
    public string Target => text.File;
    public string Permission => Actor.HasTheMachine;

    /// <returns>What waits for finance; the same as before when it waits already.</returns>
    public async Task<PriceCorrection> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var stored = await StoredPrices.Read(work, ct);
        var sheet = SheetReader.Read(text.Yaml, text.File);
        var book = await work.State(PriceBook.Fold, sheet.BookName, ct);
        if (book.Corrections.FirstOrDefault(one => one.Sha256 == text.Sha256 &&
            one.State == CorrectionState.Proposed) is { } known)
        {
            return known;
        }

        var respected = await standing(now, ct);
        var publication = Publication.Of(
            stored.Books, stored.Lists, [text], respected.WithNotice(stored.Lists, now) with { IsAccepted = true }, by,
            now);
        RefusedException.ThrowIfAny(publication.Refusals);
        if (!publication.Books.TryGetValue(sheet.BookName, out var events) ||
            PriceBook.Publish(book, sheet, text, by, now, respected).Refusal?.Code !=
                "prices/closed-month")
        {
            throw new RefusedException(new(
                "prices/no-correction", events is null
                    ? "This very sheet holds already, so there is nothing to correct."
                    : "The sheet changes no closed month. Publish it.", text.File));
        }

        var proposed = new PriceBookEvent.CorrectionProposed(
            sheet.Landlord, sheet.Service, sheet.From, book.Corrections.Length + 1, text.Name, text.Yaml, text.Sha256,
            reason, by, now);
        work.Append<PriceBookEvent>(PriceBook.Fold.StreamOf(sheet.BookName), [proposed]);
        return PriceCorrection.Of(proposed);
    }
}
