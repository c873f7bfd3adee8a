using Exchange.Journal;
using Exchange.Metering;

namespace Exchange.Portal.Collecting;

/// <summary>A job: notes, once, that a source fell silent, and that it was heard again.</summary>
internal static class WatchSources
{
    public static async Task<string> Run(Composition exchange, CancellationToken ct)
    {
        await exchange.Meter.ForgetOldSources(ct);
        var heard = await exchange.Meter.Heard(ct);
        await exchange.Journal.Decide(
            SourceBook.Fold, SourceBook.Id,
            book => SourceBook.Watch(book, heard, exchange.Clock.GetCurrentInstant()), ct);
        var silent = (await exchange.Journal.State(SourceBook.Fold, SourceBook.Id, ct)).Silences.Count;
        return $"{heard.Count} sources, {silent} of them silent.";
    }

    /// <summary>Every source that was heard, with what is expected of it.</summary>
    public static async Task<IReadOnlyList<HeardSource>> All(Composition exchange, CancellationToken ct) =>
        (await exchange.Kept.State(SourceBook.Fold, SourceBook.Id, ct)).With(await exchange.Meter.Heard(ct));
}
