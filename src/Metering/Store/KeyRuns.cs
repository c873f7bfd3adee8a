using System.Runtime.InteropServices;
using Exchange.Journal;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Metering;

/// <summary>
/// The fingerprints that no longer fit in memory, in runs of some hundred blocks each: a filter in memory, and pages
/// in the database that say in which block to look.
/// </summary>
internal sealed class KeyRuns
{
    private const int Pages = 1 << PageBits;
    private const int PageBits = 11;
    private const int BlockBits = 24;
    private const ulong MostBlocks = (1 << BlockBits) - 1;
    private readonly List<(long First, long Last, KeyFilter Filter)> _runs = [];

    /// <summary>Learns of the runs that begin after a block.</summary>
    public async Task Load(NpgsqlConnection connection, long after, CancellationToken ct)
    {
        const string Sql = "select first, last, filter from metering.key_run where first > $1 order by first";
        await using var command = connection.Statement(Sql, [after]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            _runs.Add((rows.GetInt64(0), rows.GetInt64(1), KeyFilter.Read(rows.GetFieldValue<byte[]>(2))));
        }
    }

    /// <summary>Writes what is known of some blocks as a run.</summary>
    public async Task Write(
        NpgsqlConnection connection, long first, long last, KeyTable keys, CancellationToken ct)
    {
        var (starts, words) = Sorted(keys);
        var filter = KeyFilter.Of(keys.Traces());
        const string Sql = "insert into metering.key_run (first, last, filter) values ($1, $2, $3)";
        await connection.Execute(Sql, [first, last, filter.Bytes()], ct);

        const string Copy = "copy metering.key_page (run, page, body) from stdin (format binary)";
        await using var writer = await connection.BeginBinaryImportAsync(Copy, ct);
        for (var page = 0; page < Pages; page++)
        {
            await writer.StartRowAsync(ct);
            await writer.WriteAsync(first, NpgsqlDbType.Bigint, ct);
            await writer.WriteAsync(page, NpgsqlDbType.Integer, ct);
            await writer.WriteAsync(
                MemoryMarshal.AsBytes(words.AsSpan(starts[page]..starts[page + 1])).ToArray(), NpgsqlDbType.Bytea, ct);
        }

        await writer.CompleteAsync(ct);
        _runs.Add((first, last, filter));
    }

    /// <summary>Marks the readings that may be in some run; mostly none.</summary>
    public void Mark(Span<Sought> readings)
    {
        // One filter for all readings, not one reading in all filters: memory is asked for many lines at once.
        foreach (ref readonly var run in CollectionsMarshal.AsSpan(_runs))
        {
            foreach (ref var reading in readings)
            {
                reading.MayBeOld |= run.Filter.MayHave(reading.Key.Trace);
            }
        }
    }

    /// <summary>Adds the pages in which a reading may be.</summary>
    public void Candidates(Fingerprint.Key key, List<Candidate> into)
    {
        foreach (var run in _runs)
        {
            if (run.Filter.MayHave(key.Trace))
            {
                into.Add(new(run.First, Page(key), key));
            }
        }
    }

    /// <summary>The blocks in which the candidates may be.</summary>
    public static async Task<long[]> Blocks(
        NpgsqlConnection connection, List<Candidate> candidates, CancellationToken ct)
    {
        const string Sql = """
            select run, page, body
            from metering.key_page join unnest($1, $2) as wanted (run, page) using (run, page)
            """;
        var wanted = candidates.ToLookup(c => (c.Run, c.Page), c => Word(c.Key, 0) >> BlockBits);
        await using var command = connection.Statement(
            Sql, [wanted.Select(w => w.Key.Run).ToArray(), wanted.Select(w => w.Key.Page).ToArray()]);
        await command.PrepareAsync(ct); // Once for each connection; to plan it took longer than to run it.
        await using var rows = await command.ExecuteReaderAsync(ct);
        var blocks = new HashSet<long>();
        while (await rows.ReadAsync(ct))
        {
            var run = rows.GetInt64(0);
            var words = MemoryMarshal.Cast<byte, ulong>(rows.GetFieldValue<byte[]>(2)).ToArray();
            var bits = wanted[(run, rows.GetInt32(1))].ToHashSet();
            blocks.UnionWith(words.Where(w => bits.Contains(w >> BlockBits)).Select(w => run + (long)(w & MostBlocks)));
        }

        return [.. blocks.Order()];
    }

    /// <summary>What the page of a run comes to for these keys: the words of all pages, by page.</summary>
    public static (int[] Starts, ulong[] Words) Sorted(KeyTable keys)
    {
        var starts = new int[Pages + 1];
        foreach (var (key, _) in keys.All())
        {
            starts[Page(key) + 1]++;
        }

        for (var page = 0; page < Pages; page++)
        {
            starts[page + 1] += starts[page];
        }

        var words = new ulong[keys.Count];
        var next = starts.ToArray();
        foreach (var (key, block) in keys.All())
        {
            words[next[Page(key)]++] = Word(key, block);
        }

        return (starts, words);
    }

    private static int Page(Fingerprint.Key key) => (int)(key.High >> (64 - PageBits));

    private static ulong Word(Fingerprint.Key key, int block) =>
        ((key.High << PageBits) & ~MostBlocks) | (uint)block;

    /// <summary>A reading that may be in a page of a run.</summary>
    internal readonly record struct Candidate(long Run, int Page, Fingerprint.Key Key);
}
