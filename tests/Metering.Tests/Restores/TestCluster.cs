using System.Diagnostics;
using System.Globalization;
using Exchange.Journal;
using Exchange.Testing;
using Xunit;

namespace Exchange.Metering.Tests.Restores;

/// <summary>
/// A Postgres server of a test's own on 127.0.0.1, which it may stop, kill, copy, follow with a standby and promote.
/// </summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private const string Owner = "postgres"; // Postgres refuses to be root's.
    private readonly string _home;

    private TestCluster(string home, int port) => (_home, Port) = (home, port);

    public int Port { get; }

    private string Data => Path.Combine(_home, "data");

    public static async Task<TestCluster> Start()
    {
        await using (await TestDatabase.New())
        {
            // Where no Postgres is installed, the test is skipped here.
        }

        var cluster = New();
        await cluster.Run("initdb", "-D", cluster.Data, "-U", "exchange", "--auth=trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync");
        cluster.Configure();
        await cluster.Start(cluster.Data);
        return cluster;
    }

    /// <summary>A standby that follows by streaming replication, and has all that is written so far.</summary>
    public async Task<TestCluster> Standby()
    {
        var standby = New();
        await standby.Run("pg_basebackup", "-h", "127.0.0.1", "-p", $"{Port}", "-U", "exchange", "-D", standby.Data,
            "-R", "-X", "stream", "-c", "fast");
        standby.Configure();
        await standby.Start(standby.Data);
        var written = (string)(await Ask("select pg_current_wal_lsn()::text"))!;
        await standby.Until($"select pg_last_wal_replay_lsn() >= '{written}'::pg_lsn");
        return standby;
    }

    /// <summary>The standby hears no more of its primary, which goes on.</summary>
    public async Task Cut()
    {
        await Ask("alter system set primary_conninfo = ''");
        await Ask("select pg_reload_conf()");
        await Until("select not exists (select from pg_stat_wal_receiver)");
    }

    /// <summary>Nothing is answered any more before the standby has it.</summary>
    public async Task WaitForStandby()
    {
        await Ask("alter system set synchronous_standby_names = '*'");
        await Ask("select pg_reload_conf()");
        await Until("select exists (select from pg_stat_replication where sync_state = 'sync')");
    }

    public async Task Promote() => await Ask("select pg_promote()");

    /// <summary>As when its machine loses power.</summary>
    public Task Die() => Run("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");

    /// <summary>As by <c>kill -9</c>: it tells nobody, and its processes end when they notice.</summary>
    public void Kill()
    {
        var file = Path.Combine(Data, "postmaster.pid");
        using var server = Process.GetProcessById(int.Parse(File.ReadLines(file).First(), CultureInfo.InvariantCulture));
        server.Kill();
        File.Delete(file);
    }

    public async Task CopyAside()
    {
        await Run("pg_ctl", "-D", Data, "-m", "fast", "-w", "stop");
        await Run("/bin/cp", "-a", Data, $"{Data}.copy");
        await Start(Data);
    }

    public async Task CopyBack()
    {
        await Run("pg_ctl", "-D", Data, "-m", "fast", "-w", "stop");
        await Run("/bin/rm", "-rf", Data);
        await Run("/bin/mv", $"{Data}.copy", Data);
        await Start(Data);
    }

    public Task Dump() => Run("pg_dump", "-h", "127.0.0.1", "-p", $"{Port}", "-U", "exchange", "-Fc", "-f",
        Path.Combine(_home, "dump"), "exchange");

    public async Task RestoreDump()
    {
        await Ask("drop database exchange with (force)", "postgres");
        await Ask("create database exchange", "postgres");
        await Run("pg_restore", "-h", "127.0.0.1", "-p", $"{Port}", "-U", "exchange", "-d", "exchange", "--exit-on-error",
            Path.Combine(_home, "dump"));
    }

    public async Task<object?> Ask(string sql, string database = "exchange")
    {
        await using var source = DataSources.Open(
            $"Host=127.0.0.1;Port={Port};Username=exchange;Database={database};Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(CancellationToken.None);
    }

    public async Task Until(string isSo)
    {
        while (await Ask(isSo) is not true)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(Data, "postmaster.pid")))
        {
            await Run("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
        }

        Directory.Delete(_home, recursive: true);
    }

    private static TestCluster New()
    {
        var home = Directory.CreateTempSubdirectory("exchange-cluster-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            using var own = Process.Start("chown", [Owner, home]);
            own.WaitForExit();
        }

        return new(home, Ports.Free());
    }

    private void Configure() => File.AppendAllText(Path.Combine(Data, "postgresql.conf"), $"""

        listen_addresses = '127.0.0.1'
        port = {Port}
        unix_socket_directories = ''
        fsync = off
        jit = off
        wal_retrieve_retry_interval = '100ms'

        """);

    private Task Start(string data) =>
        Run("pg_ctl", "-D", data, "-l", Path.Combine(_home, "log"), "-w", "-t", "120", "start");

    private async Task Run(string program, params string[] arguments)
    {
        List<string> words = [program.StartsWith('/') ? program : Path.Combine(Binaries(), program), .. arguments];
        if (Environment.IsPrivilegedProcess)
        {
            words.InsertRange(0, ["setpriv", $"--reuid={Owner}", $"--regid={Owner}", "--clear-groups"]);
        }

        // A server keeps the pipes of who started it, so what is said goes to a file.
        var said = Path.Combine(_home, "said");
        using var process = Process.Start(new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = "/",
            ArgumentList = { "-c", $"umask 077; exec \"$@\" >>'{said}' 2>&1 </dev/null", "sh" },
        }.With(words))!;
        await process.WaitForExitAsync(CancellationToken.None);
        Assert.True(process.ExitCode == 0, $"{program}: {(File.Exists(said) ? await File.ReadAllTextAsync(said) : "")}");
    }

    private static string Binaries() => Directory.GetDirectories("/usr/lib/postgresql")
        .OrderByDescending(name => int.TryParse(Path.GetFileName(name), out var major) ? major : 0)
        .Select(name => Path.Combine(name, "bin")).First(name => File.Exists(Path.Combine(name, "pg_basebackup")));
}

/// <summary>Adds words to what is to be run.</summary>
internal static class Words
{
    public static ProcessStartInfo With(this ProcessStartInfo start, IEnumerable<string> words)
    {
        foreach (var word in words)
        {
            start.ArgumentList.Add(word);
        }

        return start;
    }
}
