using System.Collections.Immutable;
using Exchange.Journal;
using Exchange.Market.Orders;
using Exchange.Market.Quotes;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>'exchange quotes accept ID' — makes a quote an agreement: its prices hold for its time.</summary>
/// <param name="pi">Who accepts, when it is a PI; null for finance.</param>
/// <param name="closed">The months that are billed.</param>
/// <param name="known">What is known of the budgets of whoever answers for the project; null where nobody does.</param>
public sealed class AcceptQuote(
    string id, PiId? pi, string by, IReadOnlySet<BillingMonth> closed, KnownBudgets? known = null)
    : ICommand<QuoteTerms>
{
    public string Act => "accept quote";
    public string Target => id;
    public string Permission => MarketPermissions.KeepQuotes;

    public async Task<QuoteTerms> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var quote = await work.State(SavedQuote.Fold, id, ct);
        var accepted = SavedQuote.Accept(quote, pi, by, now).OrThrow();
        await LockPrices.Of(work, id, by, closed, now, ct);
        if (accepted.Count > 0 && known is not null && quote.Needed().Pi is { } owner)
        {
            await Keep(work, quote.Needed(), owner, known, ct);
        }

        return quote.Needed();
    }

    /// <summary>What is planned is reserved as if it were ordered; what was ordered is reserved already.</summary>
    private static async Task Keep(
        UnitOfWork work, QuoteTerms terms, PiId owner, KnownBudgets known, CancellationToken ct)
    {
        var ordered = await work.State(Ordered.Fold, owner, ct);
        var events = new List<OrderedEvent>();
        foreach (var (part, place) in terms.Parts.Select((part, place) => (part, place)))
        {
            if (!ordered.Open.Values.Any(open => open.IsFor(terms.Id, part.Landlord, part.Cluster)))
            {
                var held = Ordered.Hold(ordered, Held(terms, place), known.Limits, known.Charged).OrThrow();
                ordered = held.Aggregate(ordered, Ordered.Fold.Evolve);
                events.AddRange(held);
            }
        }

        if (events.Count > 0)
        {
            work.Append(Ordered.Fold.StreamOf(owner), events);
        }
    }

    /// <summary>What a place of an accepted quote takes of budgets.</summary>
    internal static OrderedEvent.Reserved Held(QuoteTerms terms, int place)
    {
        var part = terms.Parts[place];
        return new(
            $"{terms.Id} {place}", terms.Id, $"{part.Cluster}/{terms.Project}", Months(part), terms.Period.Start)
        {
            Landlord = part.Landlord,
        };
    }

    /// <summary>What a place of a quote comes to in each month.</summary>
    internal static ImmutableArray<MonthAmount> Months(QuotePart part) =>
    [
        .. part.Lines.GroupBy(line => line.Month).OrderBy(of => of.Key).Select(of => new MonthAmount(
            of.Key, Money.Sum(of.Select(line => line.Amount)))),
    ];
}
