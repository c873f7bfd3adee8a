using Exchange.Journal;
using Exchange.Market.Quotes;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>'exchange quotes accept ID' — makes a quote an agreement: its prices hold for its time.</summary>
/// <param name="pi">Who accepts, when it is a PI; null for finance.</param>
/// <param name="closed">The months that are billed.</param>
public sealed class AcceptQuote(string id, PiId? pi, string by, IReadOnlySet<BillingMonth> closed)
    : ICommand<QuoteTerms>
{
    public string Act => "accept quote";
    public string Target => id;
    public string Permission => MarketPermissions.KeepQuotes;

    public async Task<QuoteTerms> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var quote = await work.State(SavedQuote.Fold, id, ct);
        SavedQuote.Accept(quote, pi, by, now).OrThrow();
        await LockPrices.Of(work, id, by, closed, now, ct);
        return quote.Needed();
    }
}
