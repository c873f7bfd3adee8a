using System.Reflection;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// The database of a lane as this server reaches it. Nothing is asked of it until somebody needs it; then its tables
/// are brought up to this version first.
/// </summary>
internal sealed class LaneDatabase : IAsyncDisposable
{
    /// <summary>Each lane is on its own, and a server has many: what comes at once waits its turn.</summary>
    public const int MaxConnections = 16;

    private static readonly Assembly[] Modules = [typeof(LaneDatabase).Assembly];
    private readonly Lock _turn = new();
    private readonly NpgsqlConnectionStringBuilder _asked;
    private Task? _upgraded;

    /// <exception cref="ArgumentException">It is not a connection string.</exception>
    public LaneDatabase(string name, string connection)
    {
        _asked = new(connection);
        if (!_asked.ShouldSerialize("Maximum Pool Size"))
        {
            _asked.MaxPoolSize = MaxConnections;
        }

        Pool = DataSources.Open(_asked.ConnectionString, $"lane {name}", Upgraded);
    }

    public NpgsqlDataSource Pool { get; }

    /// <summary>Done when it has the tables of this version; where that failed it is tried again.</summary>
    public Task Upgraded()
    {
        lock (_turn)
        {
            if (_upgraded is null or { IsFaulted: true })
            {
                _upgraded = Task.Run(Upgrade);
            }

            return _upgraded;
        }
    }

    public ValueTask DisposeAsync() => Pool.DisposeAsync();

    /// <summary>By a connection of its own: those of the pool wait for it, whoever asked and went away since.</summary>
    private async Task Upgrade()
    {
        var alone = new NpgsqlConnectionStringBuilder(_asked.ConnectionString) { MinPoolSize = 0, MaxPoolSize = 1 };
        await using var database = DataSources.Open(alone.ConnectionString);
        await Schema.Upgrade(database, Modules, CancellationToken.None);
    }
}
