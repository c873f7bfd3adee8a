using Npgsql;

namespace Exchange.Journal;

/// <summary>
/// Reads the whole journal and links its chain again, then looks at the tables around it: the first place that was
/// touched is named.
/// </summary>
public static class VerifyChain
{
    private const int PageSize = 2_000;

    /// <summary>What was found: how many events there are, and the first place that is wrong, or null.</summary>
    /// <param name="Hash">The hash of the last event that is sound.</param>
    public sealed record ChainVerified(long Events, string? Wrong, ReadOnlyMemory<byte> Hash);

    /// <param name="each">Told every event that is sound, in order.</param>
    public static async Task<ChainVerified> Run(
        IJournal journal, NpgsqlDataSource database, Action<Recorded> each, CancellationToken ct)
    {
        var (position, hash) = (0L, Chain.Genesis);
        var shown = new ShownText();
        for (var looked = -1L; ;)
        {
            var page = await journal.ReadAll(position, PageSize, ct);
            foreach (var recorded in page)
            {
                if ((Fault(recorded.AsStored ?? recorded, position, hash) ?? Fault(recorded, shown)) is { } fault)
                {
                    return new(position, fault, hash);
                }

                (position, hash) = (recorded.Position, recorded.Hash);
                each(recorded);
            }

            var head = page.Count < PageSize ? await Head(database, ct) : null;
            if (page.Count == PageSize || (head?.Position > position && looked < position))
            {
                looked = page.Count == PageSize ? looked : position; // Somebody appended; their events are there now.
                continue;
            }

            return new(position, Fault(head, position, hash) ?? await Tables(database, ct), hash);
        }
    }

    private static string? Fault(Recorded recorded, long position, ReadOnlyMemory<byte> hash)
    {
        if (recorded.Position != position + 1)
        {
            return $"journal event {position + 1}: it is missing";
        }

        return recorded.Hash.Span.SequenceEqual(Chain.Link(hash.Span, recorded))
            ? null
            : $"journal event {recorded.Position} ({recorded.Stream}, version {recorded.Version}): its bytes or one " +
              "of its neighbours are not what was appended";
    }

    /// <summary>
    /// What is shown of an event of erased people is what was stored, with tokens for them; where what was stored is
    /// gone, what the last erasure said of it is compared with the tables.
    /// </summary>
    private static string? Fault(Recorded recorded, ShownText shown) =>
        recorded is { Content: not null, Event.Json: "" }
            ? $"journal event {recorded.Position} ({recorded.Stream}): it was taken out, and is not shown as the " +
              "last erasure left it"
        : recorded.AsStored is not { Content: null } stored ||
        (shown.Follows(stored.Event.Json, recorded.Event.Json) &&
            (recorded.Stream == stored.Stream || shown.Follows(NameOf(stored.Stream), recorded.Stream)) &&
            (stored.Headers?.Who == recorded.Headers?.Who || (stored.Headers?.Who is { } who &&
                recorded.Headers?.Who is { } by && shown.Follows(who, by))))
            ? null
            : $"journal.shown_event {recorded.Position} ({recorded.Stream}): it is not the event with a token for " +
              "whoever was erased";

    /// <summary>Without what tells the streams of somebody who came back from those of before.</summary>
    private static string NameOf(string stored) =>
        stored.LastIndexOf('~') is var end and > 0 ? stored[..end] : stored;

    private static string? Fault((long Position, byte[] Hash)? head, long position, ReadOnlyMemory<byte> hash) =>
        head is not { } end ? "journal head: it is missing"
        : end.Position > position ? $"journal event {position + 1}: it is missing"
        : end.Position < position || !hash.Span.SequenceEqual(end.Hash)
            ? $"journal head: it does not follow event {position}"
        : null;

    private static async Task<string?> Tables(NpgsqlDataSource database, CancellationToken ct) =>
        await VerifyTables.Run(database, ct) is [var first, ..] ? first : null;

    private static async Task<(long Position, byte[] Hash)?> Head(NpgsqlDataSource database, CancellationToken ct)
    {
        const string Sql = "select position, hash from journal.head";
        await using var command = database.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        return await rows.ReadAsync(ct) ? (rows.GetInt64(0), rows.GetFieldValue<byte[]>(1)) : null;
    }
}
