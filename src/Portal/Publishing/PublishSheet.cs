using Exchange.Invoicing;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using Exchange.Rating;

namespace Exchange.Portal;

/// <summary>Publishes one price sheet of a landlord, or only says what is wrong with it.</summary>
internal static class PublishSheet
{
    /// <param name="dryRun">Whether nothing is to be published.</param>
    public static async Task<PublishPrices.PricesPublished> Run(
        Composition exchange, PriceSheet sheet, PricingText text, Actor actor, string permission, bool dryRun,
        CancellationToken ct)
    {
        var name = $"pricing/{sheet.Landlord}/{sheet.Service}/{SheetDates.Format(sheet.From).Replace(':', '-')}.yaml";
        PricingText[] texts = [text with { File = name }];
        if (dryRun)
        {
            var now = exchange.Clock.GetCurrentInstant();
            var standing = await PriceStanding.Of(exchange.Sources, texts, now, ct);
            return await PublishPrices.Decide(
                new(exchange.Journal), texts, standing with { MaxOfLandlord = PriceStanding.MaxOfLandlord }, actor.Name,
                now, ct);
        }

        try
        {
            var publishing = new PublishPricing(exchange.Sources, texts, [], name, actor.Name, permission)
            {
                IsBounded = true,
            };
            return (await exchange.Commands.Execute(publishing, actor, ct)).Prices;
        }
        catch (RefusedException e)
        {
            return new(0, 0, [.. e.All]);
        }
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
