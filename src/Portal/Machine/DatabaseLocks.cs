using System.Collections.Concurrent;
using System.Diagnostics;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Portal;

/// <summary>
/// Named locks that hold across processes, all of them over one connection: whoever waits for a lock or holds one takes
/// no connection from those who work. Within the process they form a line; Postgres decides between processes, and a
/// process that dies lets go of all.
/// </summary>
internal sealed class DatabaseLocks(NpgsqlDataSource database) : IAsyncDisposable
{
    /// <summary>How long somebody waits before they are told to come again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<(int Kind, string Name), Line> _lines = new();
    private readonly SemaphoreSlim _speaking = new(1, 1);
    private NpgsqlConnection? _connection;

    /// <summary>Those in this process who want one lock.</summary>
    private sealed class Line
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);
        public int Count { get; set; }
    }

    /// <summary>Waits until nobody else holds any of these, and holds them until it is disposed.</summary>
    /// <param name="kind">What the names are of; the same name of another kind is another lock.</param>
    /// <exception cref="TimeoutException">Somebody holds one of them for longer than anybody waits.</exception>
    public async Task<IAsyncDisposable> Hold(int kind, IReadOnlyCollection<string> names, CancellationToken ct)
    {
        var held = new Held(this);
        try
        {
            foreach (var name in names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                await held.Add(kind, name, Patience, ct);
            }

            return held;
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    /// <summary>The lock, or null when somebody else holds it now.</summary>
    public async Task<IAsyncDisposable?> TryHold(int kind, string name, CancellationToken ct)
    {
        var held = new Held(this);
        try
        {
            await held.Add(kind, name, TimeSpan.Zero, ct);
            return held;
        }
        catch (TimeoutException)
        {
            await held.DisposeAsync();
            return null;
        }
    }

    /// <summary>The lock, however long somebody else holds it: for work that takes as long as it takes.</summary>
    public async Task<IAsyncDisposable> Await(int kind, string name, CancellationToken ct)
    {
        while (true)
        {
            if (await TryHold(kind, name, ct) is { } held)
            {
                return held;
            }

            await Task.Delay(MaxPause, ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        await database.DisposeAsync();
        _speaking.Dispose();
    }

    private async Task Enter(int kind, string name, TimeSpan patience, CancellationToken ct)
    {
        Line line;
        lock (_lines)
        {
            line = _lines.GetOrAdd((kind, name), _ => new());
            line.Count++;
        }

        var start = Stopwatch.GetTimestamp();
        var isFirst = false;
        try
        {
            isFirst = await line.Turn.WaitAsync(patience, ct);
            for (var pause = TimeSpan.FromMilliseconds(5); isFirst; pause = Longer(pause))
            {
                if (await Ask("select pg_try_advisory_lock(hashtextextended($1, $2))", name, kind, ct))
                {
                    return;
                }

                if (Stopwatch.GetElapsedTime(start) >= patience)
                {
                    break;
                }

                await Task.Delay(pause, ct);
            }
        }
        catch
        {
            Leave(kind, name, line, isFirst);
            throw;
        }

        Leave(kind, name, line, isFirst);
        throw new TimeoutException("Somebody else changes the same thing and is not done with it.");
    }

    private async Task Exit(int kind, string name)
    {
        try
        {
            await Ask("select pg_advisory_unlock(hashtextextended($1, $2))", name, kind, CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            Debug.Assert(_connection is null, "Its locks are gone with the connection that broke.");
        }

        Leave(kind, name, _lines[(kind, name)], isFirst: true);
    }

    private void Leave(int kind, string name, Line line, bool isFirst)
    {
        if (isFirst)
        {
            line.Turn.Release();
        }

        lock (_lines)
        {
            if (--line.Count == 0)
            {
                _lines.TryRemove((kind, name), out _);
            }
        }
    }

    /// <summary>One speaks at a time, shortly, and is not interrupted: nobody has to guess what was answered.</summary>
    private async Task<bool> Ask(string sql, string name, int kind, CancellationToken ct)
    {
        await _speaking.WaitAsync(ct);
        try
        {
            _connection ??= await database.OpenConnectionAsync(CancellationToken.None);
            await using var command = _connection.Statement(sql, [name, (long)kind]);
            return (bool)(await command.ExecuteScalarAsync(CancellationToken.None))!;
        }
        catch
        {
            if (_connection is not null)
            {
                await _connection.DisposeAsync();
                _connection = null;
            }

            throw;
        }
        finally
        {
            _speaking.Release();
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < MaxPause ? pause * 2 : MaxPause;

    /// <summary>Locks that somebody has.</summary>
    private sealed class Held(DatabaseLocks locks) : IAsyncDisposable
    {
        private readonly Stack<(int Kind, string Name)> _names = new();

        public async Task Add(int kind, string name, TimeSpan patience, CancellationToken ct)
        {
            await locks.Enter(kind, name, patience, ct);
            _names.Push((kind, name));
        }

        public async ValueTask DisposeAsync()
        {
            while (_names.TryPop(out var one))
            {
                await locks.Exit(one.Kind, one.Name);
            }
        }
    }
}
