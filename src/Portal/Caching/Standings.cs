using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Published;
using NodaTime;

namespace Exchange.Portal;

/// <summary>
/// How programs stand, for pages: a change of the journal counts at once, what was used within a minute, because for an
/// open month that is a dry run of its close.
/// </summary>
internal sealed class Standings(Func<Sources> sources, PricesNow prices) : IDisposable
{
    private readonly RecentAnswers<(string Programme, BillingMonth Month), ProgrammeStanding> _answers = new();

    /// <param name="version">Of everything that the journal says of owners, months and funds.</param>
    public async Task<ProgrammeStanding> Of(
        string programme, BillingMonth month, string version, Instant now, CancellationToken ct) => await _answers.Of(
            (programme, month), $"{version}/{(await prices.Get(ct)).Version}",
            RecentAnswers.MaxAge, usage: null,
            () => ProgrammeStanding.Of(sources(), programme, month, now, ct), ct);

    public void Dispose() => _answers.Dispose();
}
