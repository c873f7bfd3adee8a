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
    private const int MaxSocketPath = 100; // The kernel allows 107 bytes, with the socket's own name in it.
    private const string Database = "exchange";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10); // To read the whole log again.
    private static readonly TimeSpan PatienceWithChildren = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PatienceWithRefusal = TimeSpan.FromSeconds(12);
    private readonly string _root;
    private readonly string _cluster;
    private readonly string _socket;
    private readonly string _serverSocket;
    private readonly Unprivileged _owner;

    private EmbeddedPostgres(string data)
    {
        _root = Path.GetFullPath(data);
        _owner = Unprivileged.In(Path.Combine(_root, "postgres"));
        _cluster = Path.Combine(_owner.Home, "cluster");
        _socket = Path.Combine(_owner.Home, "run");
        _serverSocket = $"{Unprivileged.Inside}/run";
        if (_socket.Contains(',', StringComparison.Ordinal) || // Whoever connects takes it for two hosts.
            Encoding.UTF8.GetByteCount(_socket) + "/.s.PGSQL.5432.lock".Length > MaxSocketPath)
        {
            _serverSocket = _socket = Path.Combine(Path.GetTempPath(), $"exchange-run-{Hash(_root)}");
        }
    }

    /// <summary>What the programs that make and start the server say; what it says itself is beside it.</summary>
    private string SetupLog => Path.Combine(_owner.Home, "setup.log");

    private string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = _socket,
        Username = Database,
        Database = Database,
        MaxPoolSize = (int)Math.Clamp(ClusterSettings.Memory / (12 << 20), 12, 40),
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
        DataDirectory.Guard(postgres._root, postgres._owner.Home);
        using var turn = await DataDirectory.Turn(postgres._root, ct);
        DataDirectory.CheckVersion(postgres._root);
        await OlderCluster.BringHome(Path.Combine("/var/lib/exchange", Hash(postgres._root)), postgres._owner, ct);
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
            "-D", $"{Unprivileged.Inside}/cluster.new", "-U", Database, "--auth-local=trust",
            "--auth-host=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums",
            "--no-instructions"], SetupLog, ct);
        await File.AppendAllTextAsync(Path.Combine(made, "postgresql.conf"), ClusterSettings.Of(_socket), ct);
        Directory.Move(made, _cluster);
        DataDirectory.WriteVersion(_root);
    }

    private async Task Start(PostgresBinaries binaries, CancellationToken ct)
    {
        Directory.CreateDirectory(_socket);
        _owner.Own(_socket);
        string[] start = ["-l", $"{Unprivileged.Inside}/postgres.log", "-w", "-t", "600", "-o", Place, "start"];
        File.SetUnixFileMode(_socket, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        for (var began = Stopwatch.GetTimestamp(); !await Answers(ct); await Task.Delay(200, ct))
        {
            // One that runs without answering comes back from a crash; the children of one that was killed need a
            // moment to let go of the shared memory, and more where they write a checkpoint.
            var isLate = Stopwatch.GetElapsedTime(began) > Patience;
            if (ServerProcess.Runs(_cluster) && !isLate)
            {
                continue;
            }

            if (!ServerProcess.Forget(_cluster) && Stopwatch.GetElapsedTime(began) < PatienceWithChildren)
            {
                continue;
            }

            try
            {
                ForgetSocket();
                await PgCtl(binaries, start, ct);
                return;
            }
            catch (InvalidOperationException) when (Stopwatch.GetElapsedTime(began) < PatienceWithRefusal)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), ct);
            }
            catch (InvalidOperationException e)
            {
                throw new InvalidOperationException($"The database does not start: {LastWords() ?? e.Message}", e);
            }
        }
    }

    /// <summary>Why it did not start, in its own words; null where it said nothing of it.</summary>
    private string? LastWords()
    {
        var log = Path.Combine(_owner.Home, "postgres.log");
        return !File.Exists(log) ? null : File.ReadLines(log).TakeLast(20).LastOrDefault(line =>
            line.Contains("PANIC:", StringComparison.Ordinal) || line.Contains("FATAL:", StringComparison.Ordinal));
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

    /// <summary>
    /// Where the server listens, said at each start: its settings name the place where the directory was made.
    /// </summary>
    private string Place => $"-c unix_socket_directories='{_serverSocket}' -c unix_socket_permissions=0700";

    /// <summary>Sockets that were copied with the directory, or left by a server that was killed.</summary>
    private void ForgetSocket()
    {
        File.Delete(Path.Combine(_socket, ".s.PGSQL.5432"));
        File.Delete(Path.Combine(_socket, ".s.PGSQL.5432.lock"));
    }

    private Task PgCtl(PostgresBinaries binaries, IEnumerable<string> action, CancellationToken ct) =>
        _owner.Run(binaries.PgCtl, ["-D", $"{Unprivileged.Inside}/cluster", .. action], SetupLog, ct);

    /// <summary>Whether the server of this very cluster answers: another's may listen where a copy looks.</summary>
    private async Task<bool> Answers(CancellationToken ct)
    {
        if (!File.Exists(Path.Combine(_cluster, "postmaster.pid")) ||
            !File.Exists(Path.Combine(_socket, ".s.PGSQL.5432")))
        {
            return false;
        }

        try
        {
            using var mark = ClusterMark.Put(_cluster);
            await using var database = DataSources.Open(ToPostgres());
            await using var command = database.Statement(
                "select (pg_stat_file($1, true)).size is not null", [mark.Name]);
            return await command.ExecuteScalarAsync(ct) is true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task<bool> CreateDatabase(CancellationToken ct)
    {
        await using var postgres = DataSources.Open(ToPostgres());
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

    private int ClusterMajor() => PostgresBinaries.MajorOf(_cluster);

    /// <summary>What a directory is called elsewhere that belongs to this data directory and no other.</summary>
    private static string Hash(string root) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root)).AsSpan(0, 6));
}
