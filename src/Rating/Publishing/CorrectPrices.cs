using System.Collections.Immutable;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// 'exchange prices correct FILE', 'prices accept ID', 'prices decline ID' — a landlord corrects a sheet of closed
/// months, downward only, and finance decides.
/// </summary>
public static class CorrectPrices
{
    /// <summary>Notes a correction for finance to decide on.</summary>
    /// <returns>The correction, or everything that is wrong with it.</returns>
    public static async Task<(PriceCorrection? Correction, ImmutableArray<Refusal> Refusals)> Propose(
        IJournal journal, PricingText text, PricePublishContext standing, string reason, string by, Instant now,
        CancellationToken ct)
    {
        var stored = await StoredPrices.Read(journal, null, ct);
        var sheet = SheetReader.Read(text.Yaml, text.File);
        var book = stored.Books.GetValueOrDefault(sheet.BookName) ?? PriceBook.Fold.Initial;
        if (book.Corrections.FirstOrDefault(one => one.Sha256 == text.Sha256 &&
            one.State == CorrectionState.Proposed) is { } known)
        {
            return (known, []);
        }

        var publication = Publication.Of(
            stored.Books, stored.Lists, [text], standing.WithNotice(stored.Lists, now) with { IsAccepted = true }, by,
            now);
        if (!publication.Refusals.IsEmpty)
        {
            return (null, publication.Refusals);
        }

        if (!publication.Books.TryGetValue(sheet.BookName, out var events) ||
            PriceBook.Publish(book, sheet, text.Yaml, text.Sha256, by, now, standing).Refusal?.Code !=
                "prices/closed-month")
        {
            return (null, [new(
                "prices/no-correction", events is null
                    ? "This very sheet holds already, so there is nothing to correct."
                    : "The sheet changes no closed month. Publish it.", text.File)]);
        }

        var proposed = new PriceBookEvent.CorrectionProposed(
            sheet.Landlord, sheet.Service, sheet.From, book.Corrections.Length + 1, text.Name, text.Yaml, text.Sha256,
            reason, by, now);
        await Append(journal, stored, sheet.BookName, [proposed], ct);
        return (PriceCorrection.Of(proposed), []);
    }

    /// <summary>Publishes a proposed correction; what is wrong with it by now is refused.</summary>
    public static async Task<ImmutableArray<Refusal>> Accept(
        IJournal journal, string id, PricePublishContext standing, string by, Instant now, CancellationToken ct)
    {
        var stored = await StoredPrices.Read(journal, null, ct);
        if (Find(stored, id) is not { State: not CorrectionState.Declined } correction)
        {
            return [Unknown(id)];
        }

        if (correction.State == CorrectionState.Accepted)
        {
            return [];
        }

        var publication = Publication.Of(
            stored.Books, stored.Lists, [new PricingText(correction.File, correction.Yaml)],
            standing.WithNotice(stored.Lists, now) with { IsAccepted = true }, correction.By, now);
        if (publication.Refusals.IsEmpty)
        {
            await Append(
                journal, stored, BookOf(correction),
                [
                    new PriceBookEvent.CorrectionAccepted(correction.Number, by, now),
                    .. publication.Books.GetValueOrDefault(BookOf(correction)) ?? [],
                ], ct);
        }

        return publication.Refusals;
    }

    public static async Task<Refusal?> Decline(
        IJournal journal, string id, string reason, string by, Instant now, CancellationToken ct)
    {
        var stored = await StoredPrices.Read(journal, null, ct);
        if (Find(stored, id) is not { State: not CorrectionState.Accepted } correction)
        {
            return Unknown(id);
        }

        if (correction.State == CorrectionState.Proposed)
        {
            await Append(
                journal, stored, BookOf(correction),
                [new PriceBookEvent.CorrectionDeclined(correction.Number, reason, by, now)], ct);
        }

        return null;
    }

    /// <summary>Every correction there is, the newest first.</summary>
    public static async Task<IReadOnlyList<PriceCorrection>> List(IJournal journal, CancellationToken ct) =>
    [
        .. (await StoredPrices.Read(journal, null, ct)).Books.Values.SelectMany(book => book.Corrections)
            .OrderByDescending(one => one.At).ThenBy(one => one.Id, StringComparer.Ordinal),
    ];

    public static Refusal Unknown(string id) => new(
        "prices/unknown-correction",
        $"There is no correction '{id}' to decide on. 'exchange prices corrections' lists them.", id);

    private static PriceCorrection? Find(StoredPrices stored, string id) =>
        stored.Books.Values.SelectMany(book => book.Corrections).FirstOrDefault(one => one.Id == id);

    private static string BookOf(PriceCorrection correction) => $"{correction.Landlord}/{correction.Service}";

    private static Task Append(
        IJournal journal, StoredPrices stored, string book, IReadOnlyList<PriceBookEvent> events,
        CancellationToken ct) => journal.Append(
        [StreamAppend.Of(PriceBook.Fold.StreamOf(book), stored.Versions.GetValueOrDefault(book), events)], ct);
}
