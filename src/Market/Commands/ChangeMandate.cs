using Exchange.Journal;
using Exchange.Market.Mandates;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>'exchange mandates give | withdraw' — a PI says who acts in their name, or does no longer.</summary>
/// <param name="act">As the audit log calls it.</param>
/// <param name="rule">One of the acts of <see cref="MandateBook"/>.</param>
public sealed class ChangeMandate(
    PiId pi, LandlordId intermediary, string act, Func<MandateBook, Instant, Decision<MandateEvent>> rule)
    : ICommand<MandateBook>
{
    public string Act => act;
    public string Target => $"{intermediary} for {pi}";
    public string Permission => MarketPermissions.KeepMandates;

    public async Task<MandateBook> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var book = await work.State(MandateBook.Fold, MandateBook.Id, ct);
        var said = rule(book, now).OrThrow();
        work.Append(MandateBook.Fold.StreamOf(MandateBook.Id), said);
        return said.Aggregate(book, MandateBook.Fold.Evolve);
    }
}
