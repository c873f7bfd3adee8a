using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Moves a whole lane to another database: its blocks are copied while it takes readings; then it is closed where it
/// was, the rest follows, and it is opened there. Each step may be done again.
/// </summary>
internal sealed class LaneMove(Lane from, NpgsqlDataSource target, LaneHost host)
{
    private const long BlocksAStep = 1_024;
    private const string Blocks = """
        number, hash, readings, from_us, to_us, first_name, names, body, ids, landlords, last_name
        """;
    private const string Notes = "number, hash, first_name, last_name, names, landlords";

    private readonly Lane _to = new(from.Number, from.Name, target, host);

    /// <summary>How many blocks were copied.</summary>
    public long Copied { get; private set; }

    /// <summary>Makes the target one that holds the beginning of the same chain and is closed.</summary>
    /// <param name="isBegun">
    /// The journal says that the lane goes to this very target: nobody writes there before it says that it has gone, so
    /// it is closed again where it was opened already.
    /// </param>
    /// <exception cref="RefusedException">The target holds something else.</exception>
    public async Task Begin(bool isBegun, CancellationToken ct)
    {
        const string Claim = """
            update metering.head set secret = $1, moved = array[$2], epoch = epoch + 1
            where number = 0 or moved @> array[$2] or $3
            """;
        await using var own = await from.Database.OpenConnectionAsync(ct);
        await using var connection = await target.OpenConnectionAsync(ct);
        var (here, there) = (await Head.Read(own, ct), await Head.Read(connection, ct));
        var isSame = there.Secret.AsSpan().SequenceEqual(here.Secret);
        if (there.Number > 0 && !(isSame && await BlockChain.Has(own, there.Number, there.Hash, ct)))
        {
            throw new RefusedException(new(
                "lanes/not-empty",
                $"That database holds readings that are none of the lane '{from.Name}'. Name an empty one."));
        }

        if (await connection.Execute(Claim, [here.Secret, MovedAwayException.Everybody, isBegun], ct) == 0)
        {
            throw new RefusedException(new(
                "lanes/same-database", $"That database is where the lane '{from.Name}' is. Name another."));
        }
    }

    /// <summary>Copies the blocks that are there now, and makes of them what is made of blocks.</summary>
    public async Task Copy(CancellationToken ct)
    {
        await using var reading = await from.Database.OpenConnectionAsync(ct);
        await using var writing = await target.OpenConnectionAsync(ct);
        var (last, known) = (await UsageStore.Head(reading, ct), await UsageStore.Head(writing, ct));
        while (known < last)
        {
            var next = Math.Min(last, known + BlocksAStep);
            await using var transaction = await writing.BeginTransactionAsync(ct);
            await Pass(reading, writing, ("block", Blocks), (known, next), ct);
            await Pass(reading, writing, ("block_note", Notes), (known, next), ct);
            await writing.Execute(
                "update metering.head set number = $1, hash = $2",
                [next, await BlockChain.HashOf(reading, next, ct) ?? throw Unreadable.At($"block {next}")], ct);
            await transaction.CommitAsync(ct);
            (Copied, known) = (Copied + next - known, next);
        }

        _to.Intake.Forget();
        await _to.Intake.Names(); // What is known of readings is made before anybody waits for it.
        await _to.Folding.Fold(ct);
    }

    /// <summary>From here on nobody takes readings where the lane was.</summary>
    public async Task Close(CancellationToken ct)
    {
        const string Sql = """
            update metering.head set moved = array_append(array_remove(moved, $1), $1), epoch = epoch + 1
            """;
        await using var connection = await from.Database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Head.Lock(from.Database, connection, Turn.MaxStuck, ct);
        await connection.Execute(Sql, [MovedAwayException.Everybody], ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Copies what came before it was closed, and opens the lane where it is from now on.</summary>
    public async Task Finish(CancellationToken ct)
    {
        await Copy(ct);
        await CopyQuarantine(ct);
        await using var own = await from.Database.OpenConnectionAsync(ct);
        await using var changes = own.Statement("select last_value from metering.page_change", []);
        var last = (long)(await changes.ExecuteScalarAsync(ct))!;
        var here = await Head.Read(own, ct);
        await using var connection = await target.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Head.Lock(target, connection, Turn.MaxStuck, ct);
        await Folding.Lock(target, connection, ct);

        // No change of a page has a number that the same page had before: whoever keeps what it came to asks again.
        await connection.Execute("""
            select setval('metering.page_change', greatest($1, (select last_value from metering.page_change)))
            """, [last], ct);
        await connection.Execute("update metering.page set changed = 0", [], ct);
        await connection.Execute(
            "update metering.head set moved = $1, epoch = greatest(epoch, $2) + 1",
            [here.Moved.Where(one => one != MovedAwayException.Everybody).ToArray(), here.Epoch], ct);
        await transaction.CommitAsync(ct);
    }

    private static async Task Pass(
        NpgsqlConnection reading, NpgsqlConnection writing, (string Table, string Columns) what,
        (long After, long UpTo) part, CancellationToken ct)
    {
        var (table, columns) = what;
        await using var read = await reading.BeginRawBinaryCopyAsync(
            $"copy (select {columns} from metering.{table} where number > {part.After} and number <= {part.UpTo} " +
            "order by number) to stdout (format binary)", ct);
        await using var write = await writing.BeginRawBinaryCopyAsync(
            $"copy metering.{table} ({columns}) from stdin (format binary)", ct);
        await read.CopyToAsync(write, ct);
    }

    private async Task CopyQuarantine(CancellationToken ct)
    {
        const string Columns = QuarantineTable.Columns;
        await using var reading = await from.Database.OpenConnectionAsync(ct);
        await using var writing = await target.OpenConnectionAsync(ct);
        await using var transaction = await writing.BeginTransactionAsync(ct);
        await writing.Execute("truncate metering.quarantine", [], ct); // Nobody else writes there yet.
        await using (var read = await reading.BeginRawBinaryCopyAsync(
            $"copy (select {Columns} from metering.quarantine) to stdout (format binary)", ct))
        await using (var write = await writing.BeginRawBinaryCopyAsync(
            $"copy metering.quarantine ({Columns}) from stdin (format binary)", ct))
        {
            await read.CopyToAsync(write, ct);
        }

        await transaction.CommitAsync(ct);
    }
}
