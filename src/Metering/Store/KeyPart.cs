using System.Runtime.InteropServices;
using Exchange.Journal;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Metering;

/// <summary>One part of a run on its way into the database: so many readings at most.</summary>
internal sealed class KeyPart(int part, int bits, int most)
{
    private readonly ulong[] _traces = new ulong[most];
    private readonly int[] _blocks = new int[most];
    private readonly ulong[] _filtered = new ulong[most];
    private int _count;
    private int _isFiltered;

    /// <param name="block">Counted from the first of the run.</param>
    /// <param name="isFiltered">Whether its filter is to know it.</param>
    public void Add(ulong trace, long block, bool isFiltered)
    {
        (_traces[_count], _blocks[_count]) = (trace, (int)block);
        _count++;
        if (isFiltered)
        {
            _filtered[_isFiltered++] = trace;
        }
    }

    /// <summary>All of it sorted into pages, with its filter: what there is to reckon.</summary>
    public PackedPart Packed()
    {
        var (starts, words) = Sorted();
        return new(
            part, starts, words, KeyFilter.Of(_isFiltered == _filtered.Length ? _filtered : _filtered[.._isFiltered]));
    }

    private (int[] Starts, ulong[] Words) Sorted()
    {
        var first = part * SortedRun.PagesAPart;
        var starts = new int[SortedRun.PagesAPart + 1];
        foreach (var trace in _traces.AsSpan(0, _count))
        {
            starts[SortedRun.Page(trace, bits) - first + 1]++;
        }

        for (var page = 0; page < SortedRun.PagesAPart; page++)
        {
            starts[page + 1] += starts[page];
        }

        var words = new ulong[_count];
        var next = starts.ToArray();
        for (var i = 0; i < _count; i++)
        {
            words[next[SortedRun.Page(_traces[i], bits) - first]++] = SortedRun.Word(_traces[i], _blocks[i]);
        }

        return (starts, words);
    }
}

/// <summary>One part of a run, sorted into pages: it is only to be written.</summary>
/// <param name="Starts">Where each page starts among the words, and where the last ends.</param>
internal sealed record PackedPart(int Part, int[] Starts, ulong[] Words, KeyFilter Filter)
{
    /// <summary>Writes it as a part of a run that is there.</summary>
    public async Task Write(NpgsqlConnection connection, long run, CancellationToken ct)
    {
        const string Copy = "copy metering.key_page (run, page, body) from stdin (format binary)";
        await using (var writer = await connection.BeginBinaryImportAsync(Copy, ct))
        {
            for (var page = 0; page < SortedRun.PagesAPart; page++)
            {
                await writer.StartRowAsync(ct);
                await writer.WriteAsync(run, NpgsqlDbType.Bigint, ct);
                await writer.WriteAsync((Part * SortedRun.PagesAPart) + page, NpgsqlDbType.Integer, ct);
                await writer.WriteAsync(
                    MemoryMarshal.AsBytes(Words.AsSpan(Starts[page]..Starts[page + 1])).ToArray(), NpgsqlDbType.Bytea,
                    ct);
            }

            await writer.CompleteAsync(ct);
        }

        await WriteFilter(connection, run, Part, Filter, ct);
    }

    public static Task WriteFilter(
        NpgsqlConnection connection, long run, int part, KeyFilter filter, CancellationToken ct) => connection.Execute(
            "insert into metering.key_filter (run, part, body) values ($1, $2, $3)", [run, part, filter.Bytes()], ct);
}
