using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Whether runs know the readings of their blocks and no others: both are added up as one number, so that no run need
/// be in memory.
/// </summary>
internal sealed class KeyCheck
{
    private readonly Fingerprint _fingerprint;
    private readonly long _flushed;
    private readonly List<SortedRun> _runs;
    private readonly ulong[] _sums;
    private readonly HashSet<int> _unknowing = [];
    private SortedRun? _known; // The run of the block at hand, with its filters.
    private long _uncovered;
    private int _at;

    private KeyCheck(Fingerprint fingerprint, long flushed, List<SortedRun> runs)
    {
        (_fingerprint, _flushed, _runs, _sums) = (fingerprint, flushed, runs, new ulong[runs.Count]);
        Doubles = new(fingerprint, runs);
    }

    /// <summary>What is stored twice.</summary>
    public DoubleCheck Doubles { get; }

    public static async Task<KeyCheck> Begin(
        NpgsqlConnection connection, Fingerprint fingerprint, long flushed, CancellationToken ct) =>
        new(fingerprint, flushed, await SortedRuns.Stored(connection, ct));

    /// <summary>Goes to the run that has a block; blocks come in order, one run's filters are in memory.</summary>
    public async Task GoTo(NpgsqlConnection connection, long block, CancellationToken ct)
    {
        while (_at < _runs.Count && _runs[_at].Last < block)
        {
            (_at, _known) = (_at + 1, null);
        }

        if (_known is null && _at < _runs.Count && !_unknowing.Contains(_at))
        {
            try
            {
                _known = await SortedRuns.WithFilters(connection, _runs[_at], ct);
            }
            catch (RefusedException e) when (Unreadable.Is(e))
            {
                _unknowing.Add(_at);
            }
        }
    }

    /// <summary>Adds the readings of a block to which this was told to go.</summary>
    public void Add(long block, ReadOnlySpan<Row> rows)
    {
        var isCovered = _at < _runs.Count && _runs[_at].First <= block;
        Doubles.Add(block, isCovered, rows);
        if (!isCovered)
        {
            _uncovered = _uncovered == 0 && block <= _flushed ? block : _uncovered;
            return;
        }

        foreach (ref readonly var row in rows)
        {
            var trace = _fingerprint.Of(row).Trace;
            _sums[_at] = unchecked(_sums[_at] + Mixed(trace, block));
            if (_known?.MayHave(trace, DerivedId.HourOf(row.Id)) == false)
            {
                _unknowing.Add(_at);
            }
        }
    }

    /// <summary>The first block of each run that knows something else, and one that is in no run.</summary>
    public async IAsyncEnumerable<long> Differing(
        NpgsqlConnection connection, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        if (_uncovered > 0)
        {
            yield return _uncovered;
        }

        for (var i = 0; i < _runs.Count; i++)
        {
            if (_unknowing.Contains(i) || await Sum(connection, _runs[i], ct) != _sums[i])
            {
                yield return _runs[i].First;
            }
        }
    }

    /// <summary>What the pages of a run come to; null if one is missing or in another's place.</summary>
    private static async Task<ulong?> Sum(
        NpgsqlConnection connection, SortedRun run, CancellationToken ct)
    {
        const string Sql = "select page, body from metering.key_page where run = $1 order by page";
        await using var command = connection.Statement(Sql, [run.Number]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var (sum, isWhole, next) = (0UL, true, 0);
        while (await rows.ReadAsync(ct))
        {
            var (page, body) = (rows.GetInt32(0), rows.GetFieldValue<byte[]>(1));
            if (page != next++ || body.Length % sizeof(ulong) != 0)
            {
                return null;
            }

            foreach (var word in SortedRun.Words(body))
            {
                var (trace, block) = SortedRun.Read(page, run.Bits, word);
                isWhole &= SortedRun.Page(trace, run.Bits) == page;
                sum = unchecked(sum + Mixed(trace, run.First + block));
            }
        }

        return isWhole && next == run.Pages ? sum : null;
    }

    /// <summary>Readings that differ in a bit come to numbers that have nothing to do with each other.</summary>
    private static ulong Mixed(ulong trace, long block)
    {
        unchecked
        {
            var mixed = (trace ^ ((ulong)block * 0x9E3779B97F4A7C15)) * 0xff51afd7ed558ccd;
            mixed = (mixed ^ (mixed >> 33)) * 0xc4ceb9fe1a85ec53;
            return mixed ^ (mixed >> 33);
        }
    }
}
