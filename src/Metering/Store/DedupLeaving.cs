using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// How readings leave memory once there are many: what is there is set aside, sorted beside the writer, and written in
/// the next turn after that. Nobody's readings wait for the sorting.
/// </summary>
internal sealed partial class DedupIndex
{
    private KeyTable? _leaving; // What is set aside: of the blocks up to _parted.
    private KeyTable? _spare; // Of those that left before, to be used again.
    private Task<PackedRun>? _packing;

    /// <summary>Done when what was set aside is sorted; null where nothing is.</summary>
    public Task? Packing => _packing;

    /// <summary>Whether it is time for a turn in which some leave memory, or are set aside to.</summary>
    public bool IsFull => _packing is { IsCompleted: true } || IsMuch;

    private bool IsMuch => _recent.Count >= readingsInMemory || Number - _parted >= BlocksInMemory;

    /// <summary>
    /// Sets aside what is in memory, if that is much. All of it is stored by then, and nothing is set aside already.
    /// </summary>
    public void Part()
    {
        if (_leaving is not null || !IsMuch)
        {
            return;
        }

        var (keys, blocks, hours) = (_recent, (_flushed + 1, Number, Hash), HourSpans.Of(_hours));
        (_leaving, _recent, _spare, _parted) = (keys, _spare ?? new(), null, Number);
        _hours.Clear();
        _packing = Task.Run(() => PackedRun.Of(blocks, keys, hours, ReadingsRecalled / 2));
    }

    /// <summary>
    /// Writes what was set aside and is sorted, under the lock on the head. Where there is much again by now it is
    /// waited for.
    /// </summary>
    public async Task Leave(NpgsqlConnection connection, CancellationToken ct)
    {
        if (_packing is null || !IsFull)
        {
            return;
        }

        var run = await _packing;
        await _runs.Write(connection, run, ct);
        await _damage.Keep(connection, run.Blocks.Last, ct);
        await connection.Execute("update metering.head set flushed = $1", [run.Blocks.Last], ct);
        _leaving!.Clear();
        (_spare, _leaving, _packing) = (_leaving, null, null);
        (_flushed, _recalled) = (run.Blocks.Last, run.Latest);
    }

    /// <summary>What is known of a reading in memory.</summary>
    private bool IsHere(Fingerprint.Key key, out ulong content) =>
        _recent.Has(key, out content) || _leaving?.Has(key, out content) == true || _recalled.Has(key, out content);
}
