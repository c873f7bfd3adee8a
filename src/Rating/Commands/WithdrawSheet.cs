using Exchange.Journal;
using NodaTime;

namespace Exchange.Rating;

/// <summary>'exchange prices withdraw', and a landlord's page — takes back a price sheet that has not begun.</summary>
/// <param name="standing">What withdrawing must respect: closed months, and the usage that there is.</param>
/// <param name="permission">What whoever asks needs.</param>
public sealed class WithdrawSheet(
    PublishedSheet sheet, PricePublishContext standing, string by, string permission) : ICommand<bool>
{
    public string Act => "prices withdraw";
    public string Target => sheet.Id;
    public string Permission => permission;

    /// <returns>False when it was withdrawn before.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var book = await work.State(PriceBook.Fold, sheet.Sheet.BookName, ct);
        var said = PriceBook.Withdraw(book, sheet.Id, by, now, standing).OrThrow();
        work.Append(PriceBook.Fold.StreamOf(sheet.Sheet.BookName), said);
        return said.Count > 0;
    }
}
