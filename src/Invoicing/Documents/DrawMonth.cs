using Exchange.Invoicing.Published;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// Draws many invoices on every core, some at a time: while some are drawn, those before them are saved and those after
/// them are read.
/// </summary>
internal sealed class DrawMonth(Sources sources, Instant now, Action<int> progress)
{
    /// <summary>
    /// Few: what outlives two collections of young objects waits for one of the old, which seldom comes.
    /// </summary>
    private const int Together = 32;

    /// <summary>An invoice that was drawn, or what stands in its way.</summary>
    private sealed record DrawnOne(
        string Id, int Version, string Number, string Sha256, byte[] Pdf, Refusal? Refusal);

    /// <summary>How many are drawn and saved.</summary>
    public int Done { get; private set; }

    /// <returns>Those of which a font lacks letters; all others are saved.</returns>
    public async Task<IReadOnlyList<(string Number, Refusal Refusal)>> Run(
        IReadOnlyList<string> ids, CancellationToken ct)
    {
        var parts = ids.Chunk(Together).ToList();
        var refused = new List<(string Number, Refusal Refusal)>();
        var reading = parts.Count > 0 ? Read(parts[0], ct) : null;
        var saving = Task.CompletedTask;
        try
        {
            for (var next = 1; reading is not null; next++)
            {
                var histories = await reading;
                reading = next < parts.Count ? Read(parts[next], ct) : null;
                var logos = await KeepDocuments.Logos(sources.Journal, histories.Select(of => of.Events), ct);
                var drawing = Task.Run(() => Draw(histories, logos, ct), ct);
                await Task.WhenAll(saving, drawing);
                var tried = await drawing;
                refused.AddRange(tried.Where(one => one.Refusal is not null)
                    .Select(one => (one.Number, one.Refusal!)));
                saving = Save([.. tried.Where(one => one.Refusal is null)], ct);
            }

            await saving;
        }
        finally
        {
            await saving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Nothing goes on behind a failure.
        }

        return refused;
    }

    private async Task<List<(string Id, IReadOnlyList<InvoiceEvent> Events)>> Read(
        string[] ids, CancellationToken ct)
    {
        var histories = new List<(string Id, IReadOnlyList<InvoiceEvent> Events)>(ids.Length);
        foreach (var id in ids)
        {
            histories.Add((id, await sources.Journal.Read<InvoiceEvent>(Invoice.Fold.StreamOf(id), ct)));
        }

        return histories;
    }

    private static List<DrawnOne> Draw(
        List<(string Id, IReadOnlyList<InvoiceEvent> Events)> histories,
        IReadOnlyDictionary<string, byte[]> logos, CancellationToken ct) =>
    [
        .. histories.AsParallel().AsOrdered().WithCancellation(ct).Select(of => Draw(of.Id, of.Events, logos)),
    ];

    /// <summary>Draws it, or says that a font is missing: one name stands in nobody else's way.</summary>
    private static DrawnOne Draw(
        string id, IReadOnlyList<InvoiceEvent> events, IReadOnlyDictionary<string, byte[]> logos)
    {
        try
        {
            var (number, sha256, pdf) = KeepDocuments.Draw(events, logos);
            return new(id, events.Count, number, sha256, pdf, null);
        }
        catch (RefusedException e) when (e.Refusal.Code == MissingFont.Code)
        {
            return new(
                id, events.Count, events.OfType<InvoiceEvent.Issued>().Single().Number, "", [], e.Refusal);
        }
    }

    private async Task Save(IReadOnlyList<DrawnOne> drawn, CancellationToken ct)
    {
        await KeepDocuments.Store(
            sources.Database, [.. drawn.Select(one => (one.Number, one.Sha256, one.Pdf))], now, ct);
        await KeepDocuments.Say(sources, [.. drawn.Select(one => (one.Id, one.Version, one.Sha256))], now, ct);
        Done += drawn.Count;
        progress(Done);
    }
}
