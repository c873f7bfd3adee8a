using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Xunit;

namespace Exchange.Journal.Tests;

public sealed class RunningAPrivatePostgres : IAsyncLifetime
{
    private string _data = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        // Its settings name it: a quote in it was seen to keep the server from starting.
        _data = Directory.CreateTempSubdirectory("exchange-it's\\a-place-ü-").FullName;
        File.SetUnixFileMode(_data, (UnixFileMode)0b111_101_101);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await EmbeddedPostgres.Stop(_data, CancellationToken.None);
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Is_new_once_and_then_the_same_for_everybody()
    {
        var opened = await Task.WhenAll(Open(), Open());
        var again = await Open();

        Assert.Single(opened, o => o.IsNew);
        Assert.False(again.IsNew);
        Assert.All(opened, o => Assert.Equal(again.ConnectionString, o.ConnectionString));
    }

    [Fact]
    public async Task Keeps_what_was_committed_through_a_kill_of_the_server()
    {
        var (connection, _) = await Open();
        await Run(connection, "create table kept (word text)", "insert into kept values ('here')");
        var log = File.ReadAllLines(Path.Combine(_data, "postgres", "cluster", "postmaster.pid"));
        using (var server = Process.GetProcessById(int.Parse(log[0], CultureInfo.InvariantCulture)))
        {
            server.Kill(); // SIGKILL to the server alone: its children see it and end by themselves.
            await server.WaitForExitAsync(Ct);
        }

        (connection, _) = await Open();

        await using var database = NpgsqlDataSource.Create(connection);
        await using var command = database.CreateCommand("select word from kept");
        Assert.Equal("here", await command.ExecuteScalarAsync(Ct));
    }

    [Fact]
    public async Task Comes_back_after_a_kill_though_another_process_has_the_number_of_the_server_by_now()
    {
        var (connection, _) = await Open();
        await Run(connection, "create table kept (word text)", "insert into kept values ('here')");
        var file = Path.Combine(_data, "postgres", "cluster", "postmaster.pid");
        var lines = await File.ReadAllLinesAsync(file, Ct);
        using var stranger = Stranger(int.Parse(lines[0], CultureInfo.InvariantCulture));
        using (var server = Process.GetProcessById(int.Parse(lines[0], CultureInfo.InvariantCulture)))
        {
            server.Kill();
            await server.WaitForExitAsync(Ct);
        }

        lines[0] = stranger.Id.ToString(CultureInfo.InvariantCulture);
        await File.WriteAllLinesAsync(file, lines, Ct);

        Assert.False(await EmbeddedPostgres.Stop(_data, Ct));
        (connection, _) = await Open();
        await Run(connection, "insert into kept values ('and here')");
        File.Delete(Path.Combine(_data, "postgres", "run", ".s.PGSQL.5432"));
        (connection, _) = await Open();
        await Run(connection, "insert into kept values ('and here, too')");
        Assert.False(stranger.HasExited);
        stranger.Kill();
    }

    /// <summary>A process of the same user as the server that sleeps.</summary>
    private static Process Stranger(int server)
    {
        var owner = File.ReadLines($"/proc/{server}/status")
            .Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];
        string[] words = Environment.IsPrivilegedProcess
            ? ["setpriv", $"--reuid={owner}", "--clear-groups", "sleep", "60"]
            : ["sleep", "60"];
        return Process.Start(words[0], words[1..]);
    }

    [Fact]
    public async Task Leaves_every_switch_on_that_protects_data()
    {
        var (connection, _) = await Open();
        await using var database = NpgsqlDataSource.Create(connection);
        await using var command = database.CreateCommand("""
            select string_agg(name || '=' || setting, ' ' order by name)
            from pg_settings
            where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'listen_addresses')
            """);

        Assert.Equal(
            "data_checksums=on fsync=on full_page_writes=on listen_addresses= synchronous_commit=on",
            await command.ExecuteScalarAsync(Ct));
    }

    [Fact]
    public async Task Refuses_a_directory_that_a_newer_product_made()
    {
        await File.WriteAllTextAsync(Path.Combine(_data, "VERSION"), "99\n", Ct);

        var refused = await Assert.ThrowsAsync<RefusedException>(Open);

        Assert.Equal("data/newer", refused.Refusal.Code);
        Assert.Contains(_data, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stops_when_told_and_says_whether_it_ran()
    {
        await Open();

        Assert.True(await EmbeddedPostgres.Stop(_data, Ct));
        Assert.False(await EmbeddedPostgres.Stop(_data, Ct));
    }

    /// <summary>With a comma the address was taken for two servers, and nobody was reached.</summary>
    [Theory]
    [InlineData("too long, as these are a hundred letters, so that no socket can be in a directory of this name at all")]
    [InlineData("a,b")]
    public async Task Works_in_a_directory_in_whose_path_no_socket_can_be(string name)
    {
        var deep = Path.Combine(_data, name);
        Directory.CreateDirectory(deep);
        try
        {
            var (connection, isNew) = await EmbeddedPostgres.Open(deep, Ct);
            await Run(connection, "select 1");
            Assert.True(isNew);
        }
        finally
        {
            await EmbeddedPostgres.Stop(deep, Ct);
        }
    }

    private Task<(string ConnectionString, bool IsNew)> Open() => EmbeddedPostgres.Open(_data, Ct);

    private static async Task Run(string connection, params string[] statements)
    {
        await using var database = NpgsqlDataSource.Create(connection);
        foreach (var sql in statements)
        {
            await using var command = database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(Ct);
        }
    }
}
