using System.Text;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Moves a landlord from one lane to another: its readings are taken there once more, while they still come here; then
/// it is closed here, what came meanwhile follows, and it is opened there. Each step may be done again.
/// </summary>
internal sealed class LandlordMove(Lane from, Lane to, LandlordId landlord, Instant now)
{
    private const int BlocksAStep = 64;

    private long _copied;

    /// <summary>How many readings were brought that were not there.</summary>
    public long Readings { get; private set; }

    /// <summary>Brings all that is there now.</summary>
    /// <exception cref="RefusedException">A block of the landlord cannot be read.</exception>
    public async Task Copy(CancellationToken ct)
    {
        await using var connection = await from.Database.OpenConnectionAsync(ct);
        var head = await UsageStore.Head(connection, ct);
        if (head <= _copied)
        {
            return;
        }

        await Unreadable.RefuseMissing(connection, """
            select n.number from metering.block_note n
            where landlords @> array[$1] and not exists (select from metering.block where number = n.number)
            limit 1
            """, [landlord.Value], ct);
        var names = await StoredNames.Read(connection, head);
        Row[] room = [];
        while (await Next(connection, head, ct) is { Count: > 0 } blocks)
        {
            foreach (var (block, own) in blocks)
            {
                var batch = RowsOf(names, await Whole(connection, block, own, ct), ref room);
                await Bring(batch);
                _copied = block.Number;
            }
        }

        _copied = head;
    }

    /// <summary>From here on nobody takes the landlord's readings in the lane where it was.</summary>
    public Task Close(CancellationToken ct) => Change(
        from, "update metering.head set moved = array_append(array_remove(moved, $1), $1), epoch = epoch + 1", ct);

    /// <summary>
    /// Gives up what was begun: the lane that it may have opened is closed again, so that a server that still thinks
    /// the landlord lives there is refused; what such a one wrote is brought back, and what was closed is open again.
    /// </summary>
    public async Task<long> GiveUp(CancellationToken ct)
    {
        await using (var connection = await from.Database.OpenConnectionAsync(ct))
        {
            if (!(await Head.Read(connection, ct)).Moved.Contains(landlord.Value))
            {
                return 0; // The other is opened after this one is closed only.
            }
        }

        var back = new LandlordMove(to, from, landlord, now);
        await back.Close(ct);
        await back.Finish(ct);
        return back.Readings;
    }

    /// <summary>Brings what came before it was closed, and opens the lane where it lives from now on.</summary>
    public async Task Finish(CancellationToken ct)
    {
        await Copy(ct);
        await CopyQuarantine(ct);
        await Change(from, ct);
        await Change(to, ct);
        await Open(to, ct);
    }

    private Task Open(Lane lane, CancellationToken ct) => Change(lane, """
        update metering.head set moved = array_remove(moved, $1), epoch = epoch + 1 where moved @> array[$1]
        """, ct);

    /// <summary>Whoever keeps what pages come to asks for these again: the landlord is in others now.</summary>
    private async Task Change(Lane lane, CancellationToken ct)
    {
        const string Sql = """
            update metering.page set changed = 0
            where number in (select unnest(pages) from metering.place where kind = 'l' and name = $1)
            """;
        await lane.Folding.Fold(ct);
        await using var connection = await lane.Database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Folding.Lock(lane.Database, connection, ct);
        await connection.Execute(Sql, [landlord.Value], ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Changes who lives in a lane; whoever writes at that moment is before it, or is refused.</summary>
    private async Task Change(Lane lane, string sql, CancellationToken ct)
    {
        await using var connection = await lane.Database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Head.Lock(lane.Database, connection, Turn.MaxStuck, ct);
        await connection.Execute(sql, [landlord.Value], ct);
        await transaction.CommitAsync(ct);
    }

    private async Task<List<(Block Block, byte[] Hash)>> Next(
        NpgsqlConnection connection, long head, CancellationToken ct)
    {
        const string Sql = """
            select number, readings, from_us, to_us, first_name, names, body, ids, hash
            from metering.block
            where number > $1 and number <= $2 and (landlords is null or landlords @> array[$3])
            order by number
            limit $4
            """;
        var blocks = new List<(Block, byte[])>();
        await foreach (var block in BlockChain.Blocks(
            connection, Sql, ct, _copied, head, landlord.Value, BlocksAStep))
        {
            blocks.Add(block);
        }

        return blocks;
    }

    private static async Task<Block> Whole(
        NpgsqlConnection connection, Block block, byte[] own, CancellationToken ct)
    {
        var before = await BlockChain.HashOf(connection, block.Number - 1, ct);
        return await BlockNote.Whole(connection, block, before, own, ct) ??
            throw Unreadable.At($"block {block.Number}");
    }

    private Batch RowsOf(Names names, Block block, ref Row[] room)
    {
        var batch = new Batch(names);
        ReadOnlySpan<byte> own = [Names.Resource, .. Encoding.UTF8.GetBytes($"{landlord}/")];
        foreach (ref readonly var row in block.Unpack(ref room))
        {
            if (row.Correction is { } correction
                ? correction.Landlord == landlord.Value
                : names[row.Resource].StartsWith(own))
            {
                batch.Next() = row;
            }
        }

        return batch;
    }

    private async Task Bring(Batch batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

        var taken = await to.Intake.Bring(batch, now);
        if (taken.Outcome.Quarantined > 0)
        {
            throw new InvalidOperationException(
                $"Readings of {landlord} are in the lane '{to.Name}' with other content. Verify both lanes.");
        }

        Readings += taken.Outcome.Accepted;
        batch.Release();
    }

    private async Task CopyQuarantine(CancellationToken ct)
    {
        const string Columns = QuarantineTable.Columns;
        const string Sql = $"""
            select row_to_json(one)::text
            from (select {Columns} from metering.quarantine where landlord = $1) as one
            """;
        await using var reading = await from.Database.OpenConnectionAsync(ct);
        await using var writing = await to.Database.OpenConnectionAsync(ct);
        await using var read = reading.Statement(Sql, [landlord.Value]);
        foreach (var part in (await read.Texts(ct)).Chunk(1_000))
        {
            await writing.Execute(
                $"""
                insert into metering.quarantine ({Columns})
                select {Columns}
                from unnest($1::text[]) as one (line)
                cross join json_populate_record(null::metering.quarantine, line::json)
                on conflict do nothing
                """, [part], ct);
        }
    }
}
