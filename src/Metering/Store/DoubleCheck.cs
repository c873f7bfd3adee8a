using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Finds readings that are stored twice: of what the runs and the latest blocks know, what shares a trace, and of that
/// what is the same source and id in the blocks themselves. A share of the traces at a time, so that little is in
/// memory however many readings there are.
/// </summary>
internal sealed class DoubleCheck(Fingerprint fingerprint, IReadOnlyList<SortedRun> runs)
{
    private const int ReadingsAShare = 1 << 20;
    private const int PageBits = 11;
    private const int TraceBits = 51;
    private const int MaxFound = 100;
    private readonly List<(ulong Trace, long Block)> _latest = [];
    private long _readings;

    /// <summary>Notes the readings of a block; of one that no run covers each by itself.</summary>
    public void Add(long block, bool isCovered, ReadOnlySpan<Row> rows)
    {
        _readings += rows.Length;
        foreach (ref readonly var row in isCovered ? [] : rows)
        {
            _latest.Add((fingerprint.Of(row).Trace, block));
        }
    }

    /// <summary>The blocks and ids of what is there twice, at most a hundred.</summary>
    public async IAsyncEnumerable<string> Found(
        NpgsqlConnection connection, Names names,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var bits = 0;
        while (bits < PageBits && _readings >> bits > ReadingsAShare)
        {
            bits++;
        }

        var found = 0;
        for (var share = 0; share < 1 << bits; share++)
        {
            foreach (var alike in (await Alike(connection, share, bits, ct)).Chunk(64))
            {
                await foreach (var place in Places(connection, names, alike, ct))
                {
                    yield return place;
                    if (++found == MaxFound)
                    {
                        yield break;
                    }
                }
            }
        }
    }

    /// <summary>The traces of a share that are there more than once, each with its blocks.</summary>
    private async Task<List<long[]>> Alike(NpgsqlConnection connection, int share, int bits, CancellationToken ct)
    {
        const string Sql = """
            select p.run, p.page, p.body
            from unnest($1, $2, $3) as wanted (run, first, last)
            join metering.key_page p on p.run = wanted.run and p.page between wanted.first and wanted.last
            """;
        var all = _latest.Where(one => (int)(one.Trace >> (TraceBits - bits)) == share).ToList();
        var known = runs.ToDictionary(run => run.Number);
        await using (var command = connection.Statement(Sql, [
            runs.Select(run => run.Number).ToArray(),
            runs.Select(run => (int)((long)share * run.Pages >> bits)).ToArray(),
            runs.Select(run => (int)((((share + 1L) * run.Pages) - 1) >> bits)).ToArray()]))
        await using (var rows = await command.ExecuteReaderAsync(ct))
        {
            while (await rows.ReadAsync(ct))
            {
                var (run, page) = (known[rows.GetInt64(0)], rows.GetInt32(1));
                foreach (var word in SortedRun.Words(rows.GetFieldValue<byte[]>(2)))
                {
                    var (trace, block) = SortedRun.Read(page, run.Bits, word);
                    all.Add((trace, run.First + block));
                }
            }
        }

        all.Sort();
        var alike = new List<long[]>();
        for (var start = 0; start < all.Count;)
        {
            var end = start + 1;
            while (end < all.Count && all[end].Trace == all[start].Trace)
            {
                end++;
            }

            if (end - start > 1)
            {
                alike.Add([.. all[start..end].Select(one => one.Block).Distinct()]);
            }

            start = end;
        }

        return alike;
    }

    private async IAsyncEnumerable<string> Places(
        NpgsqlConnection connection, Names names, long[][] alike,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        const string Sql = """
            select number, readings, from_us, to_us, first_name, names, body, ids, hash
            from metering.block
            where number = any($1)
            order by number
            """;
        var first = new Dictionary<Fingerprint.Key, long>();
        Row[] room = [];
        await foreach (var (block, _) in BlockChain.Blocks(
            connection, Sql, ct, alike.SelectMany(one => one).Distinct().ToArray()))
        {
            var places = new List<string>();
            foreach (ref readonly var row in block.Unpack(ref room))
            {
                var key = fingerprint.Of(row);
                if (!first.TryAdd(key, block.Number))
                {
                    places.Add($"{Sources.Text(names[row.Source])} {row.Id} in blocks {first[key]} and {block.Number}");
                }
            }

            foreach (var place in places)
            {
                yield return place;
            }
        }
    }
}
