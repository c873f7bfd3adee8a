using Exchange.Journal;
using Exchange.Market.Mandates;
using Exchange.Market.Quotes;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>'exchange quote … --save' — keeps a quote with its prices until it is accepted or lapses.</summary>
public sealed class SaveQuote(QuoteToSave asked, string by) : ICommand<QuoteTerms>
{
    public string Act => "save quote";
    public string Target => $"{asked.Whose.Project}";
    public string Permission => MarketPermissions.KeepQuotes;

    public async Task<QuoteTerms> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        if (asked.Intermediary is { } intermediary && !(asked.Pi is { } pi &&
            (await work.State(MandateBook.Fold, MandateBook.Id, ct)).Allows(pi, intermediary, now)))
        {
            throw new RefusedException(new(
                "mandate/none", $"{intermediary} does not act for whoever answers for '{asked.Whose.Project}'. They " +
                "say so on the page Intermediaries.", "project"));
        }

        var id = await NewId.Draw("Q", $"{by} {asked.Whose.Project}", now, async one =>
            (await work.State(SavedQuote.Fold, one, ct)).Terms is null);
        var terms = PriceQuote.Of(asked, id, now);
        var quote = await work.State(SavedQuote.Fold, id, ct);
        work.Append(
            SavedQuote.Fold.StreamOf(id), SavedQuote.Save(quote, terms, asked.ValidDays, by, now).OrThrow());
        if (asked.Intermediary is { } acting)
        {
            _ = await work.State(ActedFor.Fold, acting, ct);
            work.Append<ActedEvent>(
                ActedFor.Fold.StreamOf(acting), [new ActedEvent.Quoted(id, asked.Pi!.Value, by, now)]);
        }

        return terms;
    }
}
