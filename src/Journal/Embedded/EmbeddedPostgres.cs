using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Exchange.Journal;

/// <summary>
/// A private Postgres cluster in the product's data directory, reached over a Unix socket that only its owner may
/// enter. Whoever needs it first starts it; it goes on for the next command until <see cref="Stop"/>.
/// </summary>
public sealed class EmbeddedPostgres
{
    private const int LongestSocketPath = 100; // The kernel allows 107 bytes, with the socket's own name in it.
    private const string Database = "exchange";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10); // To read the whole log again.
    private static readonly TimeSpan PatienceWithChildren = TimeSpan.FromSeconds(10);

    private readonly string _root;
    private readonly string _cluster;
    private readonly string _socket;
    private readonly Unprivileged _owner;

    private EmbeddedPostgres(string data)
    {
        _root = Path.GetFullPath(data);
        _owner = Unprivileged.In(_root);
        var home = _owner.CanReach(_root) ? Path.Combine(_root, "postgres") : Aside("/var/lib/exchange");
        _owner = _owner with { Home = home };
        _cluster = Path.Combine(home, "cluster");
        _socket = Path.Combine(home, "run");
        if (Encoding.UTF8.GetByteCount(_socket) + "/.s.PGSQL.5432.lock".Length > LongestSocketPath)
        {
            _socket = Aside(Path.Combine(Path.GetTempPath(), "exchange-run"));
        }
    }

    /// <summary>What the server says; what the programs that make and start it say is beside it.</summary>
    private string ServerLog => Path.Combine(_owner.Home, "postgres.log");
    private string SetupLog => Path.Combine(_owner.Home, "setup.log");

    private string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = _socket,
        Username = Database,
        Database = Database,
        MaxPoolSize = 40,
        Timeout = 15,
        CommandTimeout = 600,
    }.ConnectionString;

    /// <summary>
    /// Makes the cluster when there is none, starts it when it is not running, and says how to reach it.
    /// </summary>
    /// <returns>The connection string, and whether the database is new and empty.</returns>
    /// <exception cref="RefusedException">No Postgres is installed, or a newer product made the directory.</exception>
    public static async Task<(string ConnectionString, bool IsNew)> Open(string data, CancellationToken ct)
    {
        var postgres = new EmbeddedPostgres(data);
        Directory.CreateDirectory(postgres._root);
        using var turn = await DataDirectory.Turn(postgres._root, ct);
        DataDirectory.CheckVersion(postgres._root);
        var isNew = !File.Exists(Path.Combine(postgres._cluster, "PG_VERSION"));
        var binaries = PostgresBinaries.Find(isNew ? null : postgres.ClusterMajor());
        if (isNew)
        {
            await postgres.Make(binaries, ct);
        }

        if (!await postgres.Answers(ct))
        {
            await postgres.StopUnreachable(binaries, ct);
            await postgres.Start(binaries, ct);
        }

        return (postgres.ConnectionString, await postgres.CreateDatabase(ct) || isNew);
    }

    /// <summary>Stops the cluster of a data directory, if it runs. Whoever is connected is disconnected.</summary>
    /// <returns>Whether it was running.</returns>
    public static async Task<bool> Stop(string data, CancellationToken ct)
    {
        var postgres = new EmbeddedPostgres(data);
        if (!File.Exists(Path.Combine(postgres._cluster, "postmaster.pid")))
        {
            return false;
        }

        using var turn = await DataDirectory.Turn(postgres._root, ct);
        var binaries = PostgresBinaries.Find(postgres.ClusterMajor());
        if (await postgres.Answers(ct))
        {
            await postgres.PgCtl(binaries, ["-m", "fast", "-w", "stop"], ct);
            return true;
        }

        return await postgres.StopUnreachable(binaries, ct);
    }

    private async Task Make(PostgresBinaries binaries, CancellationToken ct)
    {
        Directory.CreateDirectory(_owner.Home);
        _owner.Own(_owner.Home);
        File.SetUnixFileMode(_owner.Home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        // Made aside and moved, so that a command stopped in between leaves no half cluster.
        var made = $"{_cluster}.new";
        if (Directory.Exists(made))
        {
            Directory.Delete(made, recursive: true);
        }

        await _owner.Run(binaries.InitDb, [
            "-D", made, "-U", Database, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums",
            "--no-instructions"], SetupLog, ct);
        await File.AppendAllTextAsync(Path.Combine(made, "postgresql.conf"), Settings(), ct);
        Directory.Move(made, _cluster);
        DataDirectory.WriteVersion(_root);
    }

    private string Settings()
    {
        var buffers = Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1L << 20) / 16, 64, 1024);
        return $"""

            # Written by exchange. Every switch that protects data is left as Postgres ships it: on.
            listen_addresses = ''
            unix_socket_directories = '{_socket}'
            unix_socket_permissions = 0700
            shared_buffers = {buffers}MB
            max_wal_size = 4GB
            checkpoint_timeout = 15min
            max_connections = 100
            jit = off
            timezone = 'UTC'
            log_timezone = 'UTC'
            log_min_messages = warning

            """;
    }

    private async Task Start(PostgresBinaries binaries, CancellationToken ct)
    {
        Directory.CreateDirectory(_socket);
        _owner.Own(_socket);
        File.SetUnixFileMode(_socket, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        for (var start = Stopwatch.GetTimestamp(); !await Answers(ct); await Task.Delay(200, ct))
        {
            // One that runs without answering comes back from a crash; the children of one that was killed need a
            // moment to let go of the shared memory, and more where they write a checkpoint.
            var isLate = Stopwatch.GetElapsedTime(start) > Patience;
            if (ServerProcess.Runs(_cluster) && !isLate)
            {
                continue;
            }

            if (!ServerProcess.Forget(_cluster) && Stopwatch.GetElapsedTime(start) < PatienceWithChildren)
            {
                continue;
            }

            try
            {
                await PgCtl(binaries, ["-l", ServerLog, "-w", "-t", "600", "start"], ct);
                return;
            }
            catch (InvalidOperationException) when (!isLate)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), ct);
            }
        }
    }

    /// <summary>
    /// Stops a server of this cluster whose socket was deleted under it: it runs, holds the cluster, and nobody can
    /// reach it.
    /// </summary>
    private async Task<bool> StopUnreachable(PostgresBinaries binaries, CancellationToken ct)
    {
        if (!ServerProcess.Runs(_cluster) || File.Exists(Path.Combine(_socket, ".s.PGSQL.5432")))
        {
            return false;
        }

        try
        {
            await PgCtl(binaries, ["-m", "fast", "-w", "stop"], ct);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false; // The file was left behind by a server that was killed; the start deals with it.
        }
    }

    private Task PgCtl(PostgresBinaries binaries, IEnumerable<string> action, CancellationToken ct) =>
        _owner.Run(binaries.PgCtl, ["-D", _cluster, .. action], SetupLog, ct);

    private async Task<bool> Answers(CancellationToken ct)
    {
        if (!File.Exists(Path.Combine(_cluster, "postmaster.pid")) ||
            !File.Exists(Path.Combine(_socket, ".s.PGSQL.5432")))
        {
            return false;
        }

        try
        {
            await using var database = NpgsqlDataSource.Create(ToPostgres());
            await using var command = database.Statement("select 1", []);
            return await command.ExecuteScalarAsync(ct) is 1;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task<bool> CreateDatabase(CancellationToken ct)
    {
        await using var postgres = NpgsqlDataSource.Create(ToPostgres());
        await using var exists = postgres.Statement("select 1 from pg_database where datname = 'exchange'", []);
        if (await exists.ExecuteScalarAsync(ct) is not null)
        {
            return false;
        }

        await postgres.Execute("create database exchange", [], ct);
        return true;
    }

    private string ToPostgres() =>
        new NpgsqlConnectionStringBuilder(ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString;

    private int ClusterMajor() =>
        int.Parse(File.ReadAllText(Path.Combine(_cluster, "PG_VERSION")).Trim(), Text.PlainNumber, null);

    /// <summary>A directory elsewhere that belongs to this data directory and no other.</summary>
    private string Aside(string parent) => Path.Combine(
        parent, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_root)).AsSpan(0, 6)));
}
