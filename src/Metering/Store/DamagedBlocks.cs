using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Blocks that are not what was written. Nobody knows which readings are in them, so whose they are must not send any
/// until they are restored, or what is sent again would count twice; everybody else goes on.
/// </summary>
internal sealed class DamagedBlocks(NpgsqlDataSource database)
{
    private readonly SortedDictionary<long, IReadOnlySet<string>> _landlords = [];

    public bool IsEmpty => _landlords.Count == 0;

    /// <summary>What cannot be read, as 'block 12 of nerc'.</summary>
    public IReadOnlyList<string> Places =>
    [
        .. _landlords.Select(one =>
            $"block {one.Key} of {string.Join(", ", one.Value.Order(StringComparer.Ordinal))}"),
    ];

    /// <summary>Why the readings of a landlord cannot be taken; null where they can.</summary>
    public RefusedException? ProblemOf(IEnumerable<string> landlords)
    {
        foreach (var landlord in IsEmpty ? [] : landlords)
        {
            if (_landlords.FirstOrDefault(one => one.Value.Contains(landlord)) is { Value: not null } damaged)
            {
                return Unreadable.At(
                    $"block {damaged.Key}",
                    $"Readings of {landlord} in it cannot be read, so what is sent again could count twice. " +
                    "Nothing of this was kept; other landlords go on.");
            }
        }

        return null;
    }

    /// <summary>Notes a block, where it says itself whose readings are in it and how far its names go.</summary>
    /// <returns>The number of its last name; null where it does not say, so that nobody can go on.</returns>
    public async Task<int?> Add(long number, CancellationToken ct)
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

        _landlords[number] = row.GetFieldValue<string[]>(0).ToHashSet(StringComparer.Ordinal);
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

    /// <summary>Notes them for good: what leaves memory is not read again.</summary>
    public async Task Keep(NpgsqlConnection connection, CancellationToken ct)
    {
        if (!IsEmpty)
        {
            await connection.Execute(
                "insert into metering.damaged_block select * from unnest($1) on conflict do nothing",
                [_landlords.Keys.ToArray()], ct);
        }
    }
}
