using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Reading;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;

namespace Exchange.Invoicing.Payouts;

/// <summary>All statements of a payee, from the journal alone.</summary>
public static class PayeeStatements
{
    /// <summary>All statements of a payee; hardware may be sold by any landlord.</summary>
    public static async Task<IReadOnlyList<PayeeStatement>> Of(
        Sources sources, PayeeName payee, CancellationToken ct) =>
        await Of(sources.Journal, (await sources.Now(ct)).Landlords.All.Select(one => one.Id), payee, ct);

    /// <param name="sellers">Those whose hardware somebody else may own.</param>
    /// <returns>The newest first; none of a month in which nothing was settled with the payee.</returns>
    public static async Task<IReadOnlyList<PayeeStatement>> Of(
        IJournal journal, IEnumerable<LandlordId> sellers, PayeeName payee, CancellationToken ct)
    {
        var books = new List<SellersBook>();
        foreach (var seller in payee.Seller is { } one ? [one] : sellers)
        {
            books.Add(await SettledIn.Read(journal, seller, ct));
        }

        var said = await journal.State(Payee.Fold, payee, ct);
        return
        [
            .. (await journal.State(Months.Fold, Months.Id, ct)).Closed.Keys.OrderDescending()
                .Select(month => PayeeStatement.Of(
                    books.Select(book => book.In(month)).OfType<Settlement>(), payee, month, said))
                .OfType<PayeeStatement>(),
        ];
    }
}
