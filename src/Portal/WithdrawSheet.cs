using Exchange.Journal;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>Takes back a landlord's price sheet that has not begun to hold.</summary>
internal static class WithdrawSheet
{
    /// <returns>Why not; null when it is withdrawn, now or before.</returns>
    public static async Task<Refusal?> Run(
        Composition exchange, PublishedSheet sheet, string by, string origin, Instant now, CancellationToken ct)
    {
        var standing = await PriceStanding.Of(exchange, [new(sheet.Sheet.File, sheet.Yaml)], now, ct);
        Refusal? refusal;
        try
        {
            refusal = (await exchange.Journal.Decide(
                PriceBook.Fold, sheet.Sheet.BookName,
                book => PriceBook.Withdraw(book, sheet.Id, by, now, standing), ct)).Refusal;
        }
        catch (ConflictException)
        {
            refusal = new("prices/changed", "Somebody published or withdrew a sheet at this moment. Look again.");
        }

        await exchange.Audit.Note(by, "prices withdraw", sheet.Id, refusal?.Code ?? "done", origin, ct);
        return refusal;
    }
}
