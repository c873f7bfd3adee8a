using System.Runtime.ExceptionServices;
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
    private const int BatchSize = 500;

    private readonly Lock _turn = new();
    private Task _current = Task.CompletedTask;
    private Task? _next;

    /// <summary>
    /// Applies all that is in the journal now. Safe to call from many processes at once; those of one process who ask
    /// while it is done wait for one more that is done for all of them. Where nothing is new nothing is locked, and
    /// where nothing can be written (a standby) read models are read as they are there.
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

        await Apply(CancellationToken.None);
    }

    /// <summary>
    /// A page after the other, each read once for all that stand before it. One that fails stops no other; it is told
    /// when they are done.
    /// </summary>
    private async Task Apply(CancellationToken ct)
    {
        var behind = await Behind(ct);
        var page = new LastPage(journal);
        List<IProjection> left = [.. projections.Where(projection => behind.Contains(projection.Name))];
        ExceptionDispatchInfo? failed = null;
        while (left.Count > 0)
        {
            foreach (var projection in left.ToList())
            {
                try
                {
                    if (!await ApplyNext(projection, page, ct))
                    {
                        left.Remove(projection);
                    }
                }
                catch (Exception e) when (left.Remove(projection))
                {
                    failed ??= ExceptionDispatchInfo.Capture(e);
                }
            }
        }

        failed?.Throw();
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
                await MoveCheckpoint(connection, projection.Name, 0, [], ct);
                await transaction.CommitAsync(ct);
            }

            while (await ApplyNext(projection, new(journal), ct))
            {
            }
        }
    }

    private async Task<bool> ApplyNext(IProjection projection, LastPage page, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var (position, isOurs) = await LockCheckpoint(connection, projection.Name, ct);
        if (!isOurs || position == 0)
        {
            // It was built from events that are not in this journal, which was set back, or the checkpoint was moved
            // or lost: then its rows are there, and would be written a second time.
            await projection.Clear(connection, ct);
            position = 0;
        }

        var events = await page.After(position, connection, ct);
        if (events.Count == 0)
        {
            if (!isOurs)
            {
                await MoveCheckpoint(connection, projection.Name, 0, [], ct);
                await transaction.CommitAsync(ct);
            }

            return false;
        }

        await projection.Apply(connection, events, ct);
        await MoveCheckpoint(connection, projection.Name, events[^1].Position, events[^1].Hash.ToArray(), ct);
        await transaction.CommitAsync(ct);
        return events.Count == BatchSize;
    }

    /// <summary>The projections that have not read the last event, or something else than what is there.</summary>
    private async Task<HashSet<string>> Behind(CancellationToken ct)
    {
        const string Sql = """
            select wanted.name
            from unnest($1::text[]) as wanted (name)
            cross join journal.head
            left join journal.checkpoint on checkpoint.projection = wanted.name
            where (coalesce(checkpoint.position, 0) <> head.position
                   or head.position > 0 and checkpoint.hash is distinct from head.hash)
              and not current_setting('transaction_read_only')::boolean
            """;

        await using var command = database.Statement(Sql, [projections.Select(of => of.Name).ToArray()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var behind = journal is PostgresJournal ? [] : projections.Select(of => of.Name).ToHashSet();
        while (await rows.ReadAsync(ct))
        {
            behind.Add(rows.GetString(0));
        }

        return behind;
    }

    /// <summary>
    /// Rows and checkpoint are written together, so what a crash loses of them is applied again: nobody waits until
    /// they are on disk, as with the journal.
    /// </summary>
    /// <returns>The last position read, and whether the event there is the one that was read.</returns>
    private static async Task<(long Position, bool IsOurs)> LockCheckpoint(
        NpgsqlConnection connection, string name, CancellationToken ct)
    {
        const string Sql = """
            insert into journal.checkpoint (projection, position) values ($1, 0)
            on conflict (projection) do update set position = checkpoint.position
            returning position, position = 0 or hash is not distinct from (
              select link.hash from journal.link where link.position = checkpoint.position),
              set_config('synchronous_commit', 'off', true)
            """;

        await using var command = connection.Statement(Sql, [name]);
        await using var row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        return (row.GetInt64(0), row.GetBoolean(1));
    }

    private static async Task MoveCheckpoint(
        NpgsqlConnection connection, string name, long position, byte[] hash, CancellationToken ct)
    {
        const string Sql = "update journal.checkpoint set position = $2, hash = $3 where projection = $1";
        await connection.Execute(Sql, [name, position, hash], ct);
    }

    /// <summary>The events that were read last: who stands at the same place does not read them again.</summary>
    private sealed class LastPage(IJournal journal)
    {
        private IReadOnlyList<Recorded> _events = [];
        private long? _after;

        public async Task<IReadOnlyList<Recorded>> After(
            long position, NpgsqlConnection connection, CancellationToken ct)
        {
            if (position != _after)
            {
                _after = null; // Nothing is kept of a page that was read in part.
                _events = journal is PostgresJournal
                    ? await PostgresJournal.ReadAll(connection, position, BatchSize, ct)
                    : await journal.ReadAll(position, BatchSize, ct);
                _after = position;
            }

            return _events;
        }
    }
}
