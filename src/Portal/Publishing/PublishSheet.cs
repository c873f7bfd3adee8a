using Exchange.Journal;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>Publishes one price sheet of a landlord, or only says what is wrong with it.</summary>
internal static class PublishSheet
{
    /// <param name="dryRun">Whether nothing is to be published.</param>
    public static async Task<PublishPrices.PricesPublished> Run(
        Composition exchange, PriceSheet sheet, PricingText text, string by, string origin, Instant now, bool dryRun,
        CancellationToken ct)
    {
        var name = $"pricing/{sheet.Landlord}/{sheet.Service}/{SheetDates.Format(sheet.From).Replace(':', '-')}.yaml";
        PricingText[] texts = [text with { File = name }];
        var standing = await PriceStanding.Of(exchange, texts, now, ct);
        if (dryRun)
        {
            var books = await LoadPriceBooks.Run(exchange.Journal, ct);
            var lists = await exchange.Journal.State(ExchangeLists.Fold, ExchangeLists.Id, ct);
            var publication = Publication.Of(
                books.Books, lists, texts, standing.WithNotice(lists, now), by, now);
            return new(publication.Books.Sum(b => b.Value.Count), 0, publication.Refusals);
        }

        var outcome = await PublishPrices.Run(exchange.Journal, texts, standing, by, now, ct);
        await exchange.Audit.Note(
            by, "prices publish", name, outcome.Refusals.IsEmpty ? "done" : outcome.Refusals[0].Code, origin, ct);
        return outcome;
    }

    /// <summary>The tag of the newest version of the sheet that begins when this one does; '""' for none.</summary>
    public static async Task<string> Newest(IJournal journal, PriceSheet sheet, CancellationToken ct)
    {
        var books = await LoadPriceBooks.Run(journal, ct);
        var newest = books.Books.GetValueOrDefault(sheet.BookName)?.All
            .Where(old => old.Sheet.From == sheet.From && old.WithdrawnAt is null).MaxBy(old => old.Version);
        return $"\"{newest?.Sha256}\"";
    }
}
