using Npgsql;

namespace Exchange.Journal;

/// <summary>Reads the whole journal and links its chain again: the first event that was touched is named.</summary>
public static class VerifyChain
{
    private const int PageSize = 2_000;

    /// <summary>What was found: how many events there are, and the first place that is wrong, or null.</summary>
    public sealed record Outcome(long Events, string? Wrong);

    /// <param name="each">Told every event that is sound, in order.</param>
    public static async Task<Outcome> Run(
        IJournal journal, NpgsqlDataSource database, Action<Recorded> each, CancellationToken ct)
    {
        var (position, hash) = (0L, Chain.Genesis);
        while (true)
        {
            var page = await journal.ReadAll(position, PageSize, ct);
            foreach (var recorded in page)
            {
                if (recorded.Position != position + 1)
                {
                    return new(position, $"journal event {position + 1}: it is missing");
                }

                var link = Chain.Link(
                    hash.Span, recorded.Position, recorded.Stream, recorded.Version, recorded.Event, recorded.At);
                if (!recorded.Hash.Span.SequenceEqual(link))
                {
                    return new(position,
                        $"journal event {recorded.Position} ({recorded.Stream}, version {recorded.Version}): its " +
                        "bytes " +
                        "or one of its neighbours are not what was appended");
                }

                (position, hash) = (recorded.Position, recorded.Hash);
                each(recorded);
            }

            if (page.Count < PageSize)
            {
                return new(position, await Head(database, position, hash, ct));
            }
        }
    }

    private static async Task<string?> Head(
        NpgsqlDataSource database, long position, ReadOnlyMemory<byte> hash, CancellationToken ct)
    {
        const string Sql = "select position, hash from journal.head";
        await using var command = database.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        if (!await rows.ReadAsync(ct))
        {
            return "journal head: it is missing";
        }

        // Someone may have appended since the last page was read; then the head is further on, never behind.
        var head = rows.GetInt64(0);
        return head < position || (head == position && !hash.Span.SequenceEqual(rows.GetFieldValue<byte[]>(1)))
            ? $"journal head: it does not follow event {position}"
            : null;
    }
}
