using System.Text;
using Npgsql;

namespace Exchange.Metering;

/// <summary>How the index goes on beside blocks that are not what was written.</summary>
internal sealed partial class DedupIndex
{
    private readonly DamagedBlocks _damage = new(database);

    /// <summary>How many of the latest readings are kept in memory of each of several lanes.</summary>
    public static int Among(int readingsInMemory, int lanes) =>
        Math.Min(readingsInMemory, Math.Max(FewestInMemory, readingsInMemory / lanes));

    /// <summary>Whose readings are taken in another database since.</summary>
    public string[] Moved => head.Moved;

    /// <summary>What cannot be read.</summary>
    public DamagedBlocks Damage => _damage;

    /// <summary>Learns what a block holds, or whose it is where that cannot be read.</summary>
    private async Task Learn(NpgsqlConnection connection, Block block, bool isWhole, CancellationToken ct)
    {
        if (!isWhole && await _damage.Add(block.Number, ct, isUnlike: true) is { } last)
        {
            if (block.Number > _named && await BlockNote.Of(connection, block.Number, ct) is { } note &&
                note.FirstName == Names.Count)
            {
                await AddNames(block with { Names = note.Names }, ct);
            }

            AddPlaceholders(block, last);
            Number = block.Number;
            return;
        }

        // What does not say whose it is was written before blocks did: it is read as far as it can be.
        await AddNames(block, ct);
        Number = block.Number;
        try
        {
            foreach (ref readonly var row in block.Unpack(ref _room))
            {
                Names.Sources.Learn(row);
                Remember(Sought.Of(row, _fingerprint), block.Number, out _);
            }
        }
        catch (RefusedException e) when (Unreadable.Is(e))
        {
            if (await _damage.Add(block.Number, ct) is null)
            {
                throw;
            }
        }
    }

    /// <summary>Passes over blocks that are gone, where it is kept whose they are and what names they had.</summary>
    /// <returns>The hash of the last of them, or what was there before.</returns>
    private async Task<byte[]?> LearnMissing(
        NpgsqlConnection connection, long last, byte[]? before, CancellationToken ct)
    {
        while (Number < last)
        {
            var isNamed = Number < _named;
            if (await BlockNote.Of(connection, Number + 1, ct) is not { } note ||
                (!isNamed && note.FirstName != Names.Count))
            {
                throw Unreadable.At($"block {Number + 1}", "It is missing.");
            }

            if (!isNamed)
            {
                new Block(note.Number, 0, 0, 0, note.FirstName, note.Names, [], []).AddNames(Names);
            }

            await _damage.Add(note.Number, ct, isUnlike: true);
            (Number, before) = (note.Number, note.Hash);
        }

        return before;
    }

    private async Task LearnOwners(Block block, CancellationToken ct)
    {
        try
        {
            foreach (ref readonly var row in block.Unpack(ref _room))
            {
                Names.Sources.Learn(row);
            }
        }
        catch (RefusedException e) when (Unreadable.Is(e))
        {
            if (await _damage.Add(block.Number, ct) is null)
            {
                throw;
            }
        }
    }

    /// <summary>Learns the names of a block, where they are not known yet.</summary>
    private async Task AddNames(Block block, CancellationToken ct)
    {
        if (block.Number <= _named)
        {
            return;
        }

        try
        {
            block.AddNames(Names);
        }
        catch (RefusedException e) when (Unreadable.Is(e))
        {
            if (Names.Count < block.FirstName || await _damage.Add(block.Number, ct) is not { } last)
            {
                throw;
            }

            AddPlaceholders(block, last);
        }
    }

    /// <summary>Later blocks count on: names that cannot be read keep their numbers.</summary>
    private void AddPlaceholders(Block block, int last)
    {
        while (Names.Count < last)
        {
            Names.Append(Encoding.UTF8.GetBytes($"?{block.Number}/{Names.Count}"));
        }
    }

    private string[] OwnersIn(ReadOnlySpan<Row> rows)
    {
        var owners = new SortedSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<int>();
        var last = 0;
        foreach (ref readonly var row in rows)
        {
            if (row.Source != last && seen.Add(last = row.Source))
            {
                owners.Add(Names.Sources.OwnerOf(row.Source));
            }
        }

        return [.. owners];
    }
}
