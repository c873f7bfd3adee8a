using Exchange.Journal;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests.History;

/// <summary>A server with connections of its own: they can be ended, and it goes on.</summary>
internal sealed class PlayedServer : IAsyncDisposable
{
    private static int _number;
    private readonly NpgsqlDataSource _ledger;
    private readonly string _application = $"server-{Environment.ProcessId}-{Interlocked.Increment(ref _number)}";

    public PlayedServer(NpgsqlDataSource ledger, int readingsInMemory)
    {
        _ledger = ledger;
        ReadingsInMemory = readingsInMemory;
        Database = DataSources.Open(
            new NpgsqlConnectionStringBuilder(ledger.ConnectionString) { ApplicationName = _application }
                .ConnectionString);
        Meter = new(Database, SystemClock.Instance, readingsInMemory);
    }

    public int ReadingsInMemory { get; }
    public NpgsqlDataSource Database { get; }
    public Meter Meter { get; }

    /// <summary>A turn of its own, in which nothing is written.</summary>
    public async Task Turn() => Assert.Empty(
        await Meter.Lanes.Home.Intake.Locate(new HashSet<Fingerprint.Key> { new(1, 1) }, CancellationToken.None));

    /// <summary>Ends its connections, in the middle of whatever it does; those that it opens since stay.</summary>
    public async Task Interrupt()
    {
        Database.Clear();
        await _ledger.Execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", [_application],
            CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Meter.Merged;
        await Database.DisposeAsync();
    }
}
