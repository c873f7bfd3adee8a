using System.Collections.Concurrent;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Writes readings. Calls that come while a commit is under way share the next one; processes take turns under the
/// lock on the head. What has been handed over is written even if its caller no longer waits.
/// </summary>
internal sealed class Intake(NpgsqlDataSource database, int readingsInMemory = Ledger.ReadingsInMemory)
{
    public const int ReadingsABlock = 8_192;
    private const int ReadingsACommit = 65_536;

    private readonly ConcurrentQueue<Call> _calls = new();
    private readonly List<Row> _fresh = [];
    private Ledger? _ledger;
    private int _isWriting;

    /// <summary>Writes the fresh readings of a batch; answers when they are durable.</summary>
    public Task<Taken> Take(Batch batch, Instant now) => Submit(new(batch, now));

    /// <summary>The names that blocks up to a number hold, and perhaps later ones.</summary>
    public async Task<Names> Names(long upTo)
    {
        if (Volatile.Read(ref _ledger) is not { } ledger || ledger.Number < upTo)
        {
            await Submit(new(new(new()), Instant.MinValue));
            ledger = Volatile.Read(ref _ledger) ?? throw new InvalidOperationException("Nothing was read.");
        }

        return ledger.Names;
    }

    /// <summary>Forgets what was read of the blocks, and reads it again when it is needed.</summary>
    public void Forget() => Volatile.Write(ref _ledger, null);

    private Task<Taken> Submit(Call call)
    {
        _calls.Enqueue(call);
        if (Interlocked.CompareExchange(ref _isWriting, 1, 0) == 0)
        {
            _ = Task.Run(WriteAll);
        }

        return call.Answer.Task;
    }

    private async Task WriteAll()
    {
        do
        {
            while (Group() is { Count: > 0 } group)
            {
                await Write(group);
            }

            Volatile.Write(ref _isWriting, 0);
        }
        while (!_calls.IsEmpty && Interlocked.CompareExchange(ref _isWriting, 1, 0) == 0);
    }

    private List<Call> Group()
    {
        var group = new List<Call>();
        for (var rows = 0; rows < ReadingsACommit && _calls.TryDequeue(out var call); rows += call.Batch.Count)
        {
            group.Add(call);
        }

        return group;
    }

    /// <summary>If a commit of several calls fails, each is tried alone: what is wrong with one harms none.</summary>
    private async Task Write(List<Call> group)
    {
        try
        {
            var answers = await Commit(group);
            foreach (var (call, answer) in group.Zip(answers))
            {
                call.Answer.SetResult(answer);
            }
        }
#pragma warning disable CA1031 // Whatever it was, the one who waits is told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Forget();
            if (group.Count == 1)
            {
                group[0].Answer.SetException(e);
                return;
            }

            foreach (var call in group)
            {
                await Write([call]);
            }
        }
    }

    private async Task<List<Taken>> Commit(List<Call> group)
    {
        var ct = CancellationToken.None; // To stop here would leave unknown whether it was written.
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var head = await Head.Lock(connection, ct);
        var ledger = _ledger?.Follows(head) == true ? _ledger : new(head, readingsInMemory);
        await ledger.CatchUp(connection, head, ct);
        foreach (var call in group)
        {
            call.Batch.Resolve(ledger.Names);
        }

        var answers = group.ConvertAll(call => new Taken(call.Batch));
        var fresh = _fresh;
        fresh.Clear();
        var place = 0;
        await ledger.Know(connection, group.ConvertAll(c => c.Batch), ReadingsABlock, Decide, ct);
        if (fresh.Count > 0)
        {
            var blocks = ledger.Pack(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(fresh), ReadingsABlock);
            await WriteBlocks(connection, blocks, ct);
            await ledger.FlushIfFull(connection, ct);
        }

        foreach (var (call, answer) in group.Zip(answers))
        {
            await QuarantineTable.Add(
                connection, [.. call.Batch.Misfits.Select(m => m.Misfit), .. answer.Conflicts.Values], call.Now, ct);
        }

        await transaction.CommitAsync(ct);
        Volatile.Write(ref _ledger, ledger);
        return answers;

        void Decide(Batch batch, int row, bool isFresh, bool isSame)
        {
            while (!ReferenceEquals(answers[place].Batch, batch))
            {
                place++;
            }

            answers[place].Add(row, isFresh, isSame);
            if (isFresh)
            {
                fresh.Add(batch.Rows[row]);
            }
        }
    }

    private static async Task WriteBlocks(
        NpgsqlConnection connection, List<(Block Block, byte[] Hash)> blocks, CancellationToken ct)
    {
        const string Sql = """
            insert into metering.block (number, hash, readings, from_us, to_us, first_name, names, body, ids)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """;
        await using var commands = new NpgsqlBatch(connection);
        foreach (var (block, hash) in blocks)
        {
            commands.BatchCommands.Add(Command(
                Sql, block.Number, hash, block.Readings, block.From, block.To, block.FirstName, block.Names,
                block.Body, block.Ids));
        }

        commands.BatchCommands.Add(Command(
            "update metering.head set number = $1, hash = $2", blocks[^1].Block.Number, blocks[^1].Hash));
        await commands.PrepareAsync(ct); // Once for each connection; to read the statement again took half the time.
        await commands.ExecuteNonQueryAsync(ct);
    }

    private static NpgsqlBatchCommand Command(string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }

    /// <summary>A batch that waits for the next commit.</summary>
    private sealed record Call(Batch Batch, Instant Now)
    {
        public TaskCompletionSource<Taken> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>What became of the rows and misfits of a batch.</summary>
internal sealed class Taken(Batch batch)
{
    private readonly System.Collections.BitArray _isFresh = new(batch.Count);
    private int _fresh;

    public Batch Batch => batch;

    /// <summary>Rows whose id was taken before with other content.</summary>
    public SortedDictionary<int, Misfit> Conflicts { get; } = [];

    public IngestOutcome Outcome => new(
        _fresh, batch.Count - _fresh - Conflicts.Count, batch.Misfits.Count + Conflicts.Count);

    public void Add(int row, bool isFresh, bool isSame)
    {
        _isFresh[row] = isFresh;
        _fresh += isFresh ? 1 : 0;
        if (!isFresh && !isSame)
        {
            var reading = Readings.Of(batch.Rows[row], batch.Names);
            Conflicts[row] = new(
                "reading/same-id-other-content",
                "A reading of this source and id was taken before with other content; the first counts.",
                reading.Source, reading.Id, reading.Resource.Landlord, Readings.Line(reading));
        }
    }

    /// <summary>What became of each, in the order in which they came.</summary>
    public IEnumerable<ItemOutcome> Items()
    {
        var misfit = 0;
        for (var row = 0; row <= batch.Count; row++)
        {
            for (; misfit < batch.Misfits.Count && batch.Misfits[misfit].After == row; misfit++)
            {
                yield return SetAside(batch.Misfits[misfit].Misfit);
            }

            if (row < batch.Count)
            {
                yield return Conflicts.TryGetValue(row, out var conflict)
                    ? SetAside(conflict)
                    : new(
                        Readings.Text(batch.Names, batch.Rows[row].Source), batch.Rows[row].Id.ToString(),
                        _isFresh[row] ? ItemFate.Accepted : ItemFate.Duplicate);
            }
        }
    }

    private static ItemOutcome SetAside(Misfit misfit) =>
        new(misfit.Source, misfit.Id, ItemFate.Quarantined, misfit.Reason, misfit.Why);
}
