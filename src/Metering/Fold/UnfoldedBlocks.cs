using System.Globalization;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>A block that is not what was written: usage is told without it until it is restored.</summary>
public sealed record UnfoldedBlock(long Number, IReadOnlyList<string> Landlords)
{
    public override string ToString() =>
        $"block {BlockNumber.Shown(Number)} of {string.Join(", ", Landlords)}";

    /// <summary>Whose usage is told in part, and why; null where that is nobody's, or none of who alone asks.</summary>
    public static string? Notice(IReadOnlyList<UnfoldedBlock> blocks, LandlordId? only)
    {
        var concern = blocks.Where(one => only is not { } own || one.Landlords.Contains(own.Value)).ToList();
        var landlords = concern.SelectMany(one => one.Landlords).Distinct()
            .Where(one => only is not { } own || own.Value == one).Order(StringComparer.Ordinal);
        var which = string.Join(", ", concern.Select(one => $"block {BlockNumber.Shown(one.Number)}"));
        return concern.Count == 0 ? null
            : $"Usage of {string.Join(", ", landlords)} is incomplete: {which} of the meter cannot be read. Nothing " +
                "of theirs is billed until an operator restores it from a backup.";
    }
}

/// <summary>
/// Lets the fold go on beside blocks that are not what was written: each is noted with whose it is, and once it is
/// whole again the pages are made anew with it. To make them anew is the one way that is right whatever was folded
/// since.
/// </summary>
internal sealed class UnfoldedBlocks(NpgsqlDataSource database)
{
    private const string Anew = """
        truncate metering.page, metering.place, metering.block_pages, metering.correction_block, metering.corrected;
        update metering.folded set number = 0
        """;

    private IReadOnlyList<UnfoldedBlock> _known = [];

    /// <summary>Those that were left out when usage was last folded.</summary>
    public IReadOnlyList<UnfoldedBlock> Known => Volatile.Read(ref _known);

    /// <summary>The block that a refusal names; null where it names none.</summary>
    public static long? NumberIn(RefusedException e) =>
        Unreadable.Is(e) && e.Refusal.Where is ['b', 'l', 'o', 'c', 'k', ' ', .. var number] &&
        long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var block)
            ? block
            : null;

    /// <summary>Leaves a block out from now on.</summary>
    /// <returns>No where it does not say whose it is: then nobody can go on.</returns>
    public async Task<bool> Note(long number, CancellationToken ct)
    {
        const string Sql = """
            insert into metering.unfolded_block (number, landlords)
            select number, coalesce(b.landlords, n.landlords)
            from unnest($1) as damaged (number)
            left join metering.block b using (number) left join metering.block_note n using (number)
            where coalesce(b.landlords, n.landlords) <> '{}'
            on conflict do nothing
            """;
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var folded = await Folding.Lock(database, connection, ct);
        await using (var note = connection.Statement(Sql, [new[] { number }]))
        {
            if (await note.ExecuteNonQueryAsync(ct) > 0 && number <= folded)
            {
                await connection.Execute(Anew, [], ct);
            }
        }

        await transaction.CommitAsync(ct);
        var known = await All(connection, ct);
        Volatile.Write(ref _known, known);
        return known.Any(one => one.Number == number);
    }

    /// <summary>Takes in those that were restored meanwhile.</summary>
    public async Task TakeRestored(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        var all = await All(connection, ct);
        var restored = new List<long>();
        foreach (var one in all)
        {
            if (await BlockChain.IsWhole(connection, one.Number, ct))
            {
                restored.Add(one.Number);
            }
        }

        if (restored.Count > 0)
        {
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await Folding.Lock(database, connection, ct);
            await connection.Execute(
                "delete from metering.unfolded_block where number = any($1)", [restored.ToArray()], ct);
            await connection.Execute(Anew, [], ct);
            await transaction.CommitAsync(ct);
        }

        Volatile.Write(ref _known, [.. all.Where(one => !restored.Contains(one.Number))]);
    }

    private static async Task<IReadOnlyList<UnfoldedBlock>> All(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = connection.Statement(
            "select number, landlords from metering.unfolded_block order by number", []);
        await command.PrepareAsync(ct); // Once for each connection; every question asks it.
        await using var rows = await command.ExecuteReaderAsync(ct);
        var all = new List<UnfoldedBlock>();
        while (await rows.ReadAsync(ct))
        {
            all.Add(new(rows.GetInt64(0), rows.GetFieldValue<string[]>(1)));
        }

        return all;
    }
}
