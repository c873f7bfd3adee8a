using System.Collections.Concurrent;
using System.Reflection;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// The databases of lanes by the names that the settings of this server give them: the journal says names, so that
/// it holds no password.
/// </summary>
/// <param name="read">How to reach each, as the settings say now; null where there are no such settings.</param>
public sealed class LaneDatabases(Func<IReadOnlyDictionary<string, string>?> read) : IAsyncDisposable
{
    private static readonly Assembly[] Modules = [typeof(LaneDatabases).Assembly];
    private readonly ConcurrentDictionary<string, Lazy<Task<NpgsqlDataSource>>> _pools = new(StringComparer.Ordinal);

    /// <summary>Of an exchange on one database.</summary>
    public static LaneDatabases None { get; } = new(() => null);

    /// <summary>Whether the settings name databases of lanes.</summary>
    public bool AreNamed => read() is not null;

    /// <summary>A pool of connections to a database, which has the meter's tables.</summary>
    /// <exception cref="RefusedException">The settings do not name it, or how to reach it is not right.</exception>
    public async Task<NpgsqlDataSource> Open(string name, CancellationToken ct)
    {
        var pool = _pools.GetOrAdd(name, _ => new(() => Make(name, ct)));
        try
        {
            return await pool.Value;
        }
        catch
        {
            _pools.TryRemove(new(name, pool)); // Perhaps it is away: the next one tries again.
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pool in _pools.Values.Where(pool => pool.Value.IsCompletedSuccessfully))
        {
            await (await pool.Value).DisposeAsync();
        }
    }

    private async Task<NpgsqlDataSource> Make(string name, CancellationToken ct)
    {
        if (read()?.GetValueOrDefault(name) is not { } connection)
        {
            throw new RefusedException(new(
                "lanes/unknown-database",
                $"The settings of this server name no database '{name}'. Write how to reach it into databases.yaml, " +
                "on every server alike.", name));
        }

        NpgsqlDataSource pool;
        try
        {
            pool = DataSources.Open(connection, $"lane {name}");
        }
        catch (ArgumentException e)
        {
            throw new RefusedException(new(
                "lanes/connection",
                $"How databases.yaml says to reach '{name}' is no connection string: {e.Message}", name));
        }

        try
        {
            await Schema.Upgrade(pool, Modules, ct);
            return pool;
        }
        catch
        {
            await pool.DisposeAsync();
            throw;
        }
    }
}
