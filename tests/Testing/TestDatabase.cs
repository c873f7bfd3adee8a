using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Exchange.Journal;
using Npgsql;
using Xunit;

namespace Exchange.Testing;

/// <summary>
/// Real databases for tests: one private Postgres per test program, in a directory of its own that goes when the
/// program ends, and as many empty databases in it as tests ask for.
/// </summary>
public static class TestDatabase
{
    private static readonly Lazy<Task<string>> Server = new(Start);

    /// <summary>
    /// What makes databases and throws them away stays connected: a connection costs more than a database does.
    /// </summary>
    private static readonly Lazy<Task<NpgsqlDataSource>> Maker = new(async () => DataSources.Open(
        new NpgsqlConnectionStringBuilder(await Server.Value) { MaxPoolSize = 8 }.ConnectionString, "databases of tests"));

    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Templates = new();

    /// <summary>Databases by the test that asked for them, and those whose test is over, the oldest first.</summary>
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<string>> InUse = new();
    private static readonly ConcurrentQueue<string> Over = new();

    /// <summary>What a test has started may still be ending when its test is over: so many wait before they go.</summary>
    private const int Waiting = 24;

    private static readonly AsyncLocal<bool> Stays = new();
    private static int _made;

    /// <summary>
    /// An empty database with the tables of these modules. Skips where Postgres is missing, fails in CI.
    /// </summary>
    public static async Task<NpgsqlDataSource> New(params IReadOnlyList<Assembly> modules) =>
        DataSources.Open(await NewConnectionString(modules));

    /// <summary>How to reach a new database with the tables of these modules; without any it is wholly empty.</summary>
    public static async Task<string> NewConnectionString(params IReadOnlyList<Assembly> modules)
    {
        try
        {
            await Server.Value;
        }
        catch (RefusedException e) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip(e.Message);
            throw;
        }

        var template = modules.Count == 0 ? "template1" : await Templates.GetOrAdd(
            string.Join(' ', modules.Select(module => module.GetName().Name)),
            _ => new(() => ForMany(() => Upgraded(modules)))).Value;
        return await Create($"test_{Interlocked.Increment(ref _made)}", template);
    }

    /// <summary>Makes a world that many tests look at: its databases stay while the program runs.</summary>
    public static async Task<T> ForMany<T>(Func<Task<T>> make)
    {
        Stays.Value = true;
        return await make();
    }

    /// <summary>How to reach a copy of a database that nothing is connected to any more.</summary>
    public static Task<string> Copy(string connectionString) => Create(
        $"test_{Interlocked.Increment(ref _made)}", new NpgsqlConnectionStringBuilder(connectionString).Database!);

    /// <summary>A database with all that another holds, for less than it takes to fill it again.</summary>
    public static async Task<NpgsqlDataSource> Copy(NpgsqlDataSource filled)
    {
        filled.Clear(); // Nobody may be connected with what is copied.
        return DataSources.Open(await Copy(filled.ConnectionString));
    }

    /// <summary>A database whose tables are made once and copied for every test that wants them.</summary>
    private static async Task<string> Upgraded(IReadOnlyList<Assembly> modules)
    {
        var name = $"template_{Interlocked.Increment(ref _made)}";
        await using var database = DataSources.Open(await Create(name, "template1"));
        await Schema.Upgrade(database, modules, CancellationToken.None);
        return name;
    }

    private static async Task<string> Create(string name, string template)
    {
        var postgres = await Maker.Value;
        // Files are copied as they are: to write a log of each page of them first takes twice the time.
        await postgres.Execute(
            $"create database {name} template {template} strategy file_copy", [], CancellationToken.None);
        if (!Stays.Value && TestContext.Current.Test is { } test)
        {
            InUse.GetOrAdd(test.UniqueID, _ => new()).Enqueue(name);
        }

        while (Over.Count > Waiting && Over.TryDequeue(out var old))
        {
            await postgres.Execute($"drop database {old} with (force)", [], CancellationToken.None);
        }

        return new NpgsqlConnectionStringBuilder(await Server.Value)
        {
            Database = name,
            MaxPoolSize = 10,
            ConnectionIdleLifetime = 5,
            ConnectionPruningInterval = 2,
        }.ConnectionString;
    }

    /// <summary>A test is over: what it asked for is thrown away in time, so that all fits into memory.</summary>
    internal static void End(Xunit.Sdk.ITest test)
    {
        if (InUse.TryRemove(test.UniqueID, out var names))
        {
            foreach (var name in names)
            {
                Over.Enqueue(name);
            }
        }
    }

    private static async Task<string> Start()
    {
        var directory = NewDirectory();
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            End(directory);
        };
        var server = new NpgsqlConnectionStringBuilder(
            (await EmbeddedPostgres.Open(directory, CancellationToken.None)).ConnectionString)
        {
            Timeout = 300, // Seconds to connect: on a machine of much other work the usual 15 are soon over.
        }.ConnectionString;
        await using var postgres = DataSources.Open(server);

        // What a test program writes need not outlive the machine's power: only killed processes are tried here. And
        // nobody is to look through hundreds of databases of which each is used for a second.
        foreach (var sql in (string[])[
            "alter system set fsync = off", "alter system set full_page_writes = off",
            "alter system set autovacuum = off", "alter system set jit = off", "select pg_reload_conf()"])
        {
            await using var command = postgres.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }

        return server;
    }

    /// <summary>
    /// In memory where there is plenty: a database is 300 files for a second or two, and ext4 looks long for places of
    /// files where many were just deleted.
    /// </summary>
    private static string NewDirectory()
    {
        const string Memory = "/dev/shm";
        const long Plenty = 4L << 30;
        var free = Directory.Exists(Memory) ? new DriveInfo(Memory).AvailableFreeSpace : 0;
        if (Math.Min(free, AvailableMemory()) < Plenty)
        {
            return Directory.CreateTempSubdirectory("exchange-test-").FullName;
        }

        var directory = Path.Combine(Memory, $"exchange-test-{Environment.ProcessId}-{Path.GetRandomFileName()}");
        Directory.CreateDirectory(directory);
        return directory;
    }

    /// <summary>Bytes that nobody uses now.</summary>
    private static long AvailableMemory()
    {
        const string Start = "MemAvailable:";
        var line = File.ReadLines("/proc/meminfo").First(line => line.StartsWith(Start, StringComparison.Ordinal));
        return long.Parse(line[Start.Length..^"kB".Length], CultureInfo.InvariantCulture) << 10;
    }

    /// <summary>
    /// What it holds is thrown away, so nothing is to be written any more; and it is thrown away by another program,
    /// because one that takes long to end is taken for one that hangs.
    /// </summary>
    private static void End(string directory)
    {
        const string Script = """
            exec >/dev/null 2>&1 </dev/null
            for pid in $(find "$1" -name postmaster.pid -exec head -n 1 {} +); do
              kill -QUIT "$pid"
              while kill -0 "$pid"; do sleep 0.1; done
            done
            rm -rf "$1"
            """;
        using var ended = Process.Start("setsid", ["sh", "-c", Script, "end", directory]);
    }
}
