using Npgsql;

namespace Exchange.Journal;

/// <summary>
/// A read model: tables built from the journal alone, which can be dropped and built again at any time.
/// </summary>
public interface IProjection
{
    /// <summary>Its name for ever; its checkpoint is kept under it.</summary>
    string Name { get; }

    /// <summary>Empties its tables.</summary>
    Task Clear(NpgsqlConnection connection, CancellationToken ct);

    /// <summary>Applies events in order, inside the transaction that also moves the checkpoint.</summary>
    Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct);
}

/// <summary>Keeps every projection up to date with the journal; an event is applied exactly once to each.</summary>
public sealed class Projections(NpgsqlDataSource database, IJournal journal, IReadOnlyList<IProjection> projections)
{
    private const int BatchSize = 2_000;

    private readonly Lock _turn = new();
    private Task _current = Task.CompletedTask;
    private Task? _next;

    /// <summary>
    /// Applies all that is in the journal now. Safe to call from many processes at once; those of one process who ask
    /// while it is done wait for one more that is done for all of them.
    /// </summary>
    public Task CatchUp(CancellationToken ct)
    {
        lock (_turn)
        {
            _next ??= _current = After(_current);
            return _next.WaitAsync(ct);
        }
    }

    private async Task After(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_turn)
        {
            _next = null; // Whoever asks from here on may have appended what this one does not see.
        }

        if (!await AreUpToDate())
        {
            await Apply(CancellationToken.None);
        }
    }

    /// <summary>Most who ask changed nothing, and then nothing is locked.</summary>
    private async Task<bool> AreUpToDate()
    {
        const string Sql = """
            select count(*)
            from journal.checkpoint cross join journal.head
            where checkpoint.projection = any($1) and checkpoint.position >= head.position
            """;

        await using var command = database.Statement(Sql, [projections.Select(p => p.Name).ToArray()]);
        return journal is PostgresJournal && (long)(await command.ExecuteScalarAsync())! == projections.Count;
    }

    private async Task Apply(CancellationToken ct)
    {
        foreach (var projection in projections)
        {
            while (await ApplyNext(projection, ct))
            {
            }
        }
    }

    /// <summary>Drops every read model and builds it again from the first event.</summary>
    /// <param name="progress">Told the name of each projection as it is begun.</param>
    public async Task Rebuild(Action<string> progress, CancellationToken ct)
    {
        foreach (var projection in projections)
        {
            progress(projection.Name);
            await using (var connection = await database.OpenConnectionAsync(ct))
            await using (var transaction = await connection.BeginTransactionAsync(ct))
            {
                await LockCheckpoint(connection, projection.Name, ct);
                await projection.Clear(connection, ct);
                await MoveCheckpoint(connection, projection.Name, 0, ct);
                await transaction.CommitAsync(ct);
            }

            while (await ApplyNext(projection, ct))
            {
            }
        }
    }

    private async Task<bool> ApplyNext(IProjection projection, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var position = await LockCheckpoint(connection, projection.Name, ct);
        var events = journal is PostgresJournal
            ? await PostgresJournal.ReadAll(connection, position, BatchSize, ct)
            : await journal.ReadAll(position, BatchSize, ct);
        if (events.Count == 0)
        {
            return false;
        }

        await projection.Apply(connection, events, ct);
        await MoveCheckpoint(connection, projection.Name, events[^1].Position, ct);
        await transaction.CommitAsync(ct);
        return events.Count == BatchSize;
    }

    private static async Task<long> LockCheckpoint(NpgsqlConnection connection, string name, CancellationToken ct)
    {
        const string Sql = """
            insert into journal.checkpoint (projection, position) values ($1, 0)
            on conflict (projection) do update set position = checkpoint.position
            returning position
            """;

        await using var command = connection.Statement(Sql, [name]);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private static async Task MoveCheckpoint(
        NpgsqlConnection connection, string name, long position, CancellationToken ct)
    {
        const string Sql = "update journal.checkpoint set position = $2 where projection = $1";
        await connection.Execute(Sql, [name, position], ct);
    }
}
