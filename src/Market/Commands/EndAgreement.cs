using Exchange.Journal;
using Exchange.Market.Offers;
using Exchange.Market.Orders;
using Exchange.Market.Quotes;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>'exchange agreements end ID' — the customer gives locked prices up; what comes then is at list.</summary>
/// <param name="pi">Who ends it, when it is a PI; null for finance.</param>
/// <param name="from">Null for now.</param>
public sealed class EndAgreement(string id, PiId? pi, Instant? from, string by) : ICommand<Instant>
{
    public string Act => "end agreement";
    public string Target => id;
    public string Permission => MarketPermissions.KeepQuotes;

    /// <returns>From when on it no longer holds.</returns>
    public async Task<Instant> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var at = from ?? now;
        var quote = await work.State(SavedQuote.Fold, id, ct);
        var ended = SavedQuote.End(quote, pi, at, by, now).OrThrow();
        var agreed = await work.State(Agreements.Fold, Agreements.Id, ct);
        var unlocked = Agreements.End(agreed, id, at, by, now).OrThrow();
        if (ended.Count > 0 && unlocked.Count > 0)
        {
            work.Append(SavedQuote.Fold.StreamOf(id), ended);
            work.Append(Agreements.Fold.StreamOf(Agreements.Id), unlocked);
            if (quote.Needed().Pi is { } owner)
            {
                var ordered = await work.State(Ordered.Fold, owner, ct);
                work.Append(
                    Ordered.Fold.StreamOf(owner),
                    Ordered.Shorten(ordered, id, Held(quote), at, now).OrThrow());
            }

            foreach (var landlord in quote.Needed().Parts.Select(part => part.Landlord).Distinct())
            {
                await GiveBack(work, landlord, at, now, ct);
            }
        }

        return at;
    }

    /// <summary>When it held until now: it may have been ended before, and later.</summary>
    private static Period Held(SavedQuote quote) => quote.Ended is { } before &&
        before.From < quote.Needed().Period.End
            ? new(quote.Needed().Period.Start, Instant.Max(before.From, quote.Needed().Period.Start))
            : quote.Needed().Period;

    /// <summary>What its orders held of a landlord's capacity is for others from then on.</summary>
    private async Task GiveBack(
        UnitOfWork work, LandlordId landlord, Instant at, Instant now, CancellationToken ct)
    {
        var supplied = await work.State(Supplied.Fold, landlord, ct);
        foreach (var held in supplied.Open.Values.Where(held => held.Quote == id))
        {
            work.Append(
                Supplied.Fold.StreamOf(landlord), Supplied.Release(supplied, held.Order, at, now).OrThrow());
        }
    }
}
