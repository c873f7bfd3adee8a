using Exchange.Journal;
using Exchange.Market.Quotes;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>What makes a quote an agreement, whether it is accepted by itself or an order for it is approved.</summary>
internal static class LockPrices
{
    public static async Task Of(
        UnitOfWork work, string quoteId, string by, IReadOnlySet<BillingMonth> closed, Instant now,
        CancellationToken ct)
    {
        var quote = await work.State(SavedQuote.Fold, quoteId, ct);
        var accepted = SavedQuote.Accept(quote, null, by, now).OrThrow();
        if (accepted.Count > 0)
        {
            var agreed = await work.State(Agreements.Fold, Agreements.Id, ct);
            work.Append(SavedQuote.Fold.StreamOf(quoteId), accepted);
            work.Append(Agreements.Fold.StreamOf(Agreements.Id), Agreements.Lock(
                agreed, [.. quote.Needed().Parts.Select(part => part.Lock)], by, now, closed).OrThrow());
        }
    }
}
