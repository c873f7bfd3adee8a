using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// The databases of lanes by the names that the settings of this server give them: the journal says names, so that
/// it holds no password.
/// </summary>
/// <param name="read">How to reach each, as the settings say now; null where there are no such settings.</param>
public sealed class LaneDatabases(Func<IReadOnlyDictionary<string, string>?> read) : IAsyncDisposable
{
    private readonly Dictionary<string, LaneDatabase> _known = new(StringComparer.Ordinal);
    private readonly Lock _turn = new();

    /// <summary>Of an exchange on one database.</summary>
    public static LaneDatabases None { get; } = new(() => null);

    /// <summary>Whether the settings name databases of lanes.</summary>
    public bool AreNamed => read() is not null;

    /// <summary>A pool of connections to a database that was asked at once, and has the meter's tables.</summary>
    /// <exception cref="RefusedException">The settings do not name it, or how to reach it is not right.</exception>
    public async Task<NpgsqlDataSource> Open(string name, CancellationToken ct)
    {
        var database = Known(name);
        await database.Upgraded().WaitAsync(ct);
        return database.Pool;
    }

    /// <summary>The same, but nothing is asked of the database before somebody uses a connection.</summary>
    /// <exception cref="RefusedException">The settings do not name it, or how to reach it is not right.</exception>
    internal NpgsqlDataSource Pool(string name) => Known(name).Pool;

    public async ValueTask DisposeAsync()
    {
        LaneDatabase[] all;
        lock (_turn)
        {
            all = [.. _known.Values];
            _known.Clear();
        }

        foreach (var database in all)
        {
            await database.DisposeAsync();
        }
    }

    private LaneDatabase Known(string name)
    {
        lock (_turn)
        {
            return _known.TryGetValue(name, out var known) ? known : _known[name] = Make(name);
        }
    }

    private LaneDatabase Make(string name)
    {
        if (read()?.GetValueOrDefault(name) is not { } connection)
        {
            throw new RefusedException(new(
                LaneSet.UnknownDatabase,
                $"The settings of this server name no database '{name}'. Write how to reach it into databases.yaml, " +
                "on every server alike.", name));
        }

        try
        {
            return new(name, connection);
        }
        catch (ArgumentException e)
        {
            throw new RefusedException(new(
                LaneSet.Connection,
                $"How databases.yaml says to reach '{name}' is no connection string: {e.Message}", name));
        }
    }
}
