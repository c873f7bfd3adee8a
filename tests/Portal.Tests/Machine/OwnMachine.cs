using System.Diagnostics;
using Exchange.Journal;
using Exchange.Metering.Bench;
using Exchange.Portal.Keys;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// An exchange on a small disk of its own, where the system lets us mount one, with a server in a process of its own.
/// </summary>
public sealed class OwnMachine : IAsyncLifetime
{
    private const string DiskSize = "256m";

    private readonly Senders.Numbers _numbers = new();
    private Composition _exchange = null!;
    private OwnServer _server = null!;
    private string _key = "";

    internal string Data { get; } = Directory.CreateTempSubdirectory("exchange-machine-").FullName;

    /// <summary>Whether its disk can be filled without filling the one of everybody.</summary>
    internal bool HasOwnDisk { get; private set; }

    internal OwnServer Server => _server;

    public async ValueTask InitializeAsync()
    {
        HasOwnDisk = Environment.IsPrivilegedProcess &&
            Run("mount", "-t", "tmpfs", "-o", $"size={DiskSize},mode=755", "exchange-test", Data) == 0;
        File.SetUnixFileMode(Data, (UnixFileMode)0b111_101_101);
        _exchange = await Composition.Open(new(Data, Bare: true), SystemClock.Instance, CancellationToken.None);
        _key = (await _exchange.Do(new CreateKey("machine", UsageLoad.Landlord, KeyScope.Usage, "test"))).Key;
        _server = await OwnServer.Start(Data);
    }

    /// <summary>Clients send while something happens, and go on until what they sent is taken.</summary>
    /// <returns>What they were told.</returns>
    internal async Task<Senders> Meanwhile(Func<Senders, Task> happens)
    {
        var senders = new Senders(_server.Address, _key, _numbers);
        senders.Start(3);
        await senders.Taken(6);
        await happens(senders);
        await senders.Taken(6);
        await senders.End();
        await _server.Ready();
        return senders;
    }

    /// <summary>Every reading that was ever sent is there once, and the chain is whole.</summary>
    internal async Task Check()
    {
        _exchange.ForgetConnections();
        await using var command = _exchange.Database.CreateCommand(
            "select coalesce(sum(readings), 0)::bigint from metering.block");
        Assert.Equal(_numbers.Readings, await command.ExecuteScalarAsync(Serving.Ct));
        Assert.Empty(await _exchange.Meter.Verify(Serving.Ct));
        Assert.Null((await VerifyChain.Run(_exchange.Journal, _exchange.Database, _ => { }, Serving.Ct)).Wrong);
    }

    internal async Task StartServer() => _server = await OwnServer.Start(Data, _server.Address);

    /// <summary>As many connections to the database as it gives; the server's own are ended.</summary>
    internal async Task<IReadOnlyList<NpgsqlConnection>> TakeConnections()
    {
        const string Sql = """
            select pg_terminate_backend(pid) from pg_stat_activity
            where backend_type = 'client backend' and application_name <> 'taken' and pid <> pg_backend_pid()
            """;
        var asked = new NpgsqlConnectionStringBuilder(_exchange.Database.ConnectionString)
        {
            ApplicationName = "taken",
            Pooling = false,
        };
        var taken = new List<NpgsqlConnection>();
        for (var full = 0; full < 3;)
        {
            var connection = new NpgsqlConnection(asked.ConnectionString);
            try
            {
                await connection.OpenAsync(Serving.Ct);
                taken.Add(connection);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.TooManyConnections)
            {
                await connection.DisposeAsync();
                full++;
                await using var end = new NpgsqlCommand(Sql, taken[0]);
                await end.ExecuteNonQueryAsync(Serving.Ct);
            }
        }

        return taken;
    }

    /// <summary>Writes until nothing more fits.</summary>
    /// <returns>The file to delete.</returns>
    internal string FillDisk()
    {
        var file = Path.Combine(Data, "ballast");
        using var ballast = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1);
        var bytes = new byte[64 << 10];
        for (var length = bytes.Length; length > 0;)
        {
            try
            {
                ballast.Write(bytes, 0, length);
            }
            catch (IOException)
            {
                length /= 2;
            }
        }

        return file;
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _server.Dispose();
        await _exchange.DisposeAsync();
        await EmbeddedPostgres.Stop(Data, CancellationToken.None);
        if (HasOwnDisk)
        {
            Assert.Equal(0, Run("umount", Data));
        }

        Directory.Delete(Data, recursive: true);
    }
}
