using System.Runtime.InteropServices;
using Npgsql;

namespace Exchange.Metering;

/// <summary>How a ledger looks readings up: in memory, through filters, and in the blocks themselves.</summary>
internal sealed partial class DedupIndex
{
    /// <summary>What to know of the rows, and where runs may know them.</summary>
    private void Look(Batch batch)
    {
        CollectionsMarshal.SetCount(_sought, batch.Count);
        var sought = CollectionsMarshal.AsSpan(_sought);
        var rows = batch.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            sought[i] = Sought.Of(rows[i], _fingerprint);
        }

        _runs.Mark(sought);
        foreach (ref readonly var reading in sought)
        {
            if (reading.MayBeOld && !IsHere(reading.Key, out _))
            {
                _wanted[reading.Key] = reading.Hour;
            }
        }
    }

    /// <summary>
    /// Readings of a landlord whose source was another's first stood under the same number when sources were not told
    /// apart: what says the same is the same reading.
    /// </summary>
    private void LookBefore(Batch batch)
    {
        _plain.Clear();
        var rows = batch.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            if (Names.Sources.PlainOf(rows[i].Source) is > 0 and var source)
            {
                var before = rows[i] with { Source = source };
                _plain.Add((i, _sought[i] with { Key = _fingerprint.Of(before) }));
            }
        }

        if (_plain.Count == 0)
        {
            return;
        }

        Sought[] sought = [.. _plain.Select(one => one.Sought)];
        _runs.Mark(sought);
        foreach (var one in sought.Where(one => one.MayBeOld && !IsHere(one.Key, out _)))
        {
            _wanted[one.Key] = one.Hour;
        }
    }

    private bool IsKnown(in Sought sought) => IsHere(sought.Key, out var content) && content == sought.Content;

    /// <summary>Reads the blocks in which the wanted may be; their neighbours there mostly come again too.</summary>
    private async Task Recall(NpgsqlConnection? connection, CancellationToken ct)
    {
        if (connection is null)
        {
            await using var own = await database.OpenConnectionAsync(ct);
            await Recall(own, ct);
            return;
        }

        var traces = _wanted.Select(one => (one.Key.Trace, one.Value)).ToHashSet();
        var numbers = await _runs.Blocks(connection, traces, ct);
        var missing = numbers.ToHashSet();
        await foreach (var block in WholeBlocks.Read(connection, numbers, ct))
        {
            missing.Remove(block.Number);
            foreach (var row in block.Unpack(ref _room))
            {
                var key = _fingerprint.Of(row);
                if (_recalled.Count < ReadingsRecalled || _wanted.ContainsKey(key))
                {
                    _recalled.TryAdd(key, _fingerprint.ContentOf(row), 0, out _);
                }
            }
        }

        if (missing.Count > 0)
        {
            throw Unreadable.At(
                $"block {missing.Min()}", "It is missing, and a reading of this was in it: nothing was kept.");
        }
    }

    /// <summary>
    /// Finds whose sources are that came first in blocks which are not read: the block itself says it, or one after it
    /// where its name came with a reading that was set aside. Of what is not found so no landlord is the owner.
    /// </summary>
    private async Task LearnOwners(
        NpgsqlConnection connection, List<(long Block, int Source)> fresh, CancellationToken ct)
    {
        foreach (var (first, source) in fresh)
        {
            if (Names.Sources.IsOwned(source))
            {
                continue;
            }

            await foreach (var (block, _) in BlockChain.BlocksAfter(connection, first - 1, BlocksAStep, ct))
            {
                await LearnOwners(block, ct);
                if (Names.Sources.IsOwned(source))
                {
                    break;
                }
            }
        }
    }

    /// <summary>Finds stored readings by their fingerprints: the block and the row of each that is there.</summary>
    public async Task<Dictionary<Fingerprint.Key, (long Block, Row Row)>> Locate(
        NpgsqlConnection connection, IReadOnlySet<Fingerprint.Key> keys, CancellationToken ct)
    {
        Sought[] sought = [.. keys.Select(key => new Sought(key, 0) { Hour = DerivedId.AnyHour })];
        _runs.Mark(sought);
        var blocks = sought.Select(one => _recent.BlockOf(one.Key)).Where(block => block >= 0)
            .Select(block => block + _parted + 1).ToHashSet();
        blocks.UnionWith(sought.Select(one => _leaving?.BlockOf(one.Key) ?? -1).Where(block => block >= 0)
            .Select(block => block + _flushed + 1));
        var traces = sought.Where(one => one.MayBeOld).Select(one => (one.Key.Trace, one.Hour)).ToHashSet();
        blocks.UnionWith(traces.Count > 0 ? await _runs.Blocks(connection, traces, ct) : []);
        var found = new Dictionary<Fingerprint.Key, (long, Row)>();
        await foreach (var block in WholeBlocks.Read(connection, blocks, ct))
        {
            foreach (ref readonly var row in block.Unpack(ref _room))
            {
                if (_fingerprint.Of(row) is var key && keys.Contains(key))
                {
                    found.TryAdd(key, (block.Number, row));
                }
            }
        }

        return found;
    }
}
