using System.Security.Cryptography;
using System.Text;
using Exchange.Journal;
using Exchange.Market.Quotes;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>'exchange quote … --save' — keeps a quote with its prices until it is accepted or lapses.</summary>
public sealed class SaveQuote(QuoteToSave asked, string by) : ICommand<QuoteTerms>
{
    private const string Letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's: none looks like another.

    public string Act => "save quote";
    public string Target => $"{asked.Whose.Project}";
    public string Permission => MarketPermissions.KeepQuotes;

    public async Task<QuoteTerms> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var (id, quote) = await NewId(work, now, ct);
        var terms = PriceQuote.Of(asked, id, now);
        work.Append(
            SavedQuote.Fold.StreamOf(id), SavedQuote.Save(quote, terms, asked.ValidDays, by, now).OrThrow());
        return terms;
    }

    /// <summary>The first name that nobody has.</summary>
    private async Task<(string Id, SavedQuote Nothing)> NewId(UnitOfWork work, Instant now, CancellationToken ct)
    {
        for (var tried = 0; ; tried++)
        {
            var id = IdOf($"{now.ToUnixTimeTicks()} {by} {asked.Whose.Project} {tried}");
            if (await work.State(SavedQuote.Fold, id, ct) is { Terms: null } quote)
            {
                return (id, quote);
            }
        }
    }

    /// <summary>A name that nobody needs to wait for: 'Q-7F3K2M9Q'.</summary>
    private static string IdOf(string of) => $"Q-{string.Concat(SHA256.HashData(Encoding.UTF8.GetBytes(of)).Take(8)
        .Select(one => Letters[one % Letters.Length]))}";
}
