using System.Collections.Immutable;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Blocks that are not what was written. Nobody knows which readings are in them, so whose they are must not send any
/// until they are restored, or what is sent again would count twice; everybody else goes on.
/// </summary>
internal sealed class DamagedBlocks(NpgsqlDataSource database)
{
    // Any thread asks what is damaged; the writer alone adds.
    private ImmutableSortedDictionary<long, IReadOnlySet<string>> _landlords =
        ImmutableSortedDictionary<long, IReadOnlySet<string>>.Empty;

    private readonly HashSet<long> _unlike = []; // Those that are not what their hash says: they may be restored.

    public bool IsEmpty => _landlords.IsEmpty;

    /// <summary>What cannot be read, as 'block 12 of nerc'.</summary>
    public IReadOnlyList<string> Places =>
    [
        .. _landlords.Select(one =>
            $"block {one.Key} of {string.Join(", ", one.Value.Order(StringComparer.Ordinal))}"),
    ];

    /// <summary>Why the readings of a landlord cannot be taken; null where they can.</summary>
    public RefusedException? ProblemOf(IEnumerable<string> landlords)
    {
        var damaged = _landlords;
        foreach (var landlord in damaged.IsEmpty ? [] : landlords)
        {
            if (damaged.FirstOrDefault(block => block.Value.Contains(landlord)) is { Value: not null } one)
            {
                return Unreadable.At(
                    $"block {one.Key}",
                    $"Readings of {landlord} in it cannot be read, so what is sent again could count twice. " +
                    "Nothing of this was kept; other landlords go on.");
            }
        }

        return null;
    }

    /// <summary>Notes a block, where it says itself whose readings are in it and how far its names go.</summary>
    /// <param name="isUnlike">Whether it is not what its hash says; else it is, and cannot be read here.</param>
    /// <returns>The number of its last name; null where it does not say, so that nobody can go on.</returns>
    public async Task<int?> Add(long number, CancellationToken ct, bool isUnlike = false)
    {
        // Over a connection of its own: on the other one blocks are being read.
        await using var command = database.Statement(
            """
            select coalesce(b.landlords, n.landlords), coalesce(b.last_name, n.last_name)
            from unnest($1) as damaged (number)
            left join metering.block b using (number) left join metering.block_note n using (number)
            """, [new[] { number }]);
        await using var row = await command.ExecuteReaderAsync(ct);
        if (!await row.ReadAsync(ct) || row.IsDBNull(0) || row.IsDBNull(1))
        {
            return null;
        }

        if (isUnlike)
        {
            _unlike.Add(number);
        }

        _landlords = _landlords.SetItem(number, row.GetFieldValue<string[]>(0).ToHashSet(StringComparer.Ordinal));
        return row.GetInt32(1);
    }

    /// <summary>Learns of those that were noted when what is known of them left memory.</summary>
    public async Task Read(NpgsqlConnection connection, long upTo, CancellationToken ct)
    {
        var numbers = new List<long>();
        await using (var command = connection.Statement(
            "select number from metering.damaged_block where number <= $1", [upTo]))
        await using (var rows = await command.ExecuteReaderAsync(ct))
        {
            while (await rows.ReadAsync(ct))
            {
                numbers.Add(rows.GetInt64(0));
            }
        }

        foreach (var number in numbers)
        {
            _ = await Add(number, ct);
        }
    }

    /// <summary>
    /// Notes those up to a block for good: what leaves memory is not read again, and what comes later is.
    /// </summary>
    public async Task Keep(NpgsqlConnection connection, long upTo, CancellationToken ct)
    {
        if (_landlords.Keys.Where(number => number <= upTo).ToArray() is { Length: > 0 } numbers)
        {
            await connection.Execute(
                "insert into metering.damaged_block select * from unnest($1) on conflict do nothing", [numbers], ct);
        }
    }

    public bool IsWithin(long first, long last) => _landlords.Keys.Any(number => number >= first && number <= last);

    /// <summary>Whether one that comes after a block was restored since: it is to be read again.</summary>
    public async Task<bool> HasRestored(NpgsqlConnection connection, long after, CancellationToken ct)
    {
        foreach (var number in _unlike.Where(number => number > after))
        {
            if (await BlockChain.IsWhole(connection, number, ct))
            {
                return true;
            }
        }

        return false;
    }
}
