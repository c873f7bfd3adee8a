using Exchange.Journal;

namespace Exchange.Rating;

/// <summary>
/// Corrections of sheets of closed months: a landlord proposes them, downward only, and finance accepts or declines
/// each.
/// </summary>
public static class CorrectPrices
{
    /// <summary>Every correction there is, the newest first.</summary>
    public static async Task<IReadOnlyList<PriceCorrection>> List(IJournal journal, CancellationToken ct) =>
    [
        .. (await StoredPrices.Read(new UnitOfWork(journal), ct)).Books.Values.SelectMany(book => book.Corrections)
            .OrderByDescending(one => one.At).ThenBy(one => one.Id, StringComparer.Ordinal),
    ];

    public static Refusal Unknown(string id) => new(
        "prices/unknown-correction",
        $"There is no correction '{id}' to decide on. 'exchange prices corrections' lists them.", id);
}
