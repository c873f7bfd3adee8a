using System.Diagnostics;
using Npgsql;
using Xunit;

namespace Exchange.Journal.Tests;

/// <summary>
/// A data directory that is copied or renamed opens where it is, and what is done with it never touches the one it came
/// from. The settings of a copy name the place of the first; a copy of one that runs names a server that is not its.
/// </summary>
public sealed class KnowingOnlyItself : IAsyncLifetime
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Nobody but its owner may enter it, the database's user neither: so are the directories of most people.
    private readonly string _home = Directory.CreateTempSubdirectory("exchange-itself-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string First => Path.Combine(_home, "first");
    private string Second => Path.Combine(_home, "second");

    public async ValueTask InitializeAsync() => await Write(First, "create table kept (word text)", "first");

    public async ValueTask DisposeAsync()
    {
        foreach (var directory in Directory.EnumerateDirectories(_home))
        {
            await EmbeddedPostgres.Stop(directory, CancellationToken.None);
        }

        Directory.Delete(_home, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_copy_has_its_own_server_and_its_own_rows(bool isStopped)
    {
        Assert.Equal(isStopped, isStopped && await EmbeddedPostgres.Stop(First, Ct));
        await Copy();

        await Write(Second, "select 1", "copy");
        await Write(First, "select 1", "again");

        Assert.Equal("first copy", await Words(Second));
        Assert.Equal("first again", await Words(First));
    }

    [Fact]
    public async Task To_stop_a_copy_of_one_that_runs_stops_nothing()
    {
        await Copy();

        Assert.False(await EmbeddedPostgres.Stop(Second, Ct));
        Assert.Equal("first", await Words(First));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_renamed_directory_opens_where_it_is(bool isStopped)
    {
        Assert.Equal(isStopped, isStopped && await EmbeddedPostgres.Stop(First, Ct));
        Directory.Move(First, Second);

        Assert.Equal("first", await Words(Second));
        Assert.False(Directory.Exists(First));
    }

    [Fact]
    public async Task It_is_its_owners_alone_and_is_closed_again_when_it_was_open()
    {
        await EmbeddedPostgres.Stop(First, Ct);
        File.SetUnixFileMode(First, Owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        var left = Path.Combine(First, "left.json");
        await File.WriteAllTextAsync(left, "{}", Ct);
        File.SetUnixFileMode(left, (UnixFileMode)0b110_100_100);

        await Words(First);

        Assert.Equal(Owner, File.GetUnixFileMode(First));
        Assert.All(
            Directory.EnumerateFileSystemEntries(First, "*", SearchOption.AllDirectories), entry =>
                Assert.Equal(0, (int)File.GetUnixFileMode(entry) & 0b000_111_111));
    }

    [Fact]
    public async Task Only_its_socket_lets_strangers_of_no_password_in_and_only_its_owner_reaches_that()
    {
        var rules = await File.ReadAllLinesAsync(Path.Combine(First, "postgres", "cluster", "pg_hba.conf"), Ct);

        Assert.DoesNotContain(rules, rule => rule.StartsWith("host", StringComparison.Ordinal) &&
            rule.EndsWith("trust", StringComparison.Ordinal));
        Assert.Equal(Owner, File.GetUnixFileMode(Path.Combine(First, "postgres", "run")));
    }

    [Fact]
    public async Task What_the_program_makes_elsewhere_is_its_owners_as_well()
    {
        OwnFiles.Only(); // As the program does first of all.
        var export = Path.Combine(Directory.CreateDirectory(Path.Combine(_home, "out")).FullName, "focus.csv");
        await File.WriteAllTextAsync(export, "BilledCost\n", Ct);
        var folder = Path.GetDirectoryName(export)!;

        Assert.Equal((Owner, Owner & ~UnixFileMode.UserExecute), (File.GetUnixFileMode(folder), File.GetUnixFileMode(export)));
        Directory.Delete(folder, recursive: true);
    }

    private async Task Copy()
    {
        using var copy = Process.Start("cp", ["-a", First, Second]);
        await copy.WaitForExitAsync(Ct);
        Assert.Equal(0, copy.ExitCode);
    }

    private static async Task Write(string data, string sql, string word)
    {
        await using var database = NpgsqlDataSource.Create((await EmbeddedPostgres.Open(data, Ct)).ConnectionString);
        await database.Execute(sql, [], Ct);
        await database.Execute("insert into kept values ($1)", [word], Ct);
    }

    private static async Task<string> Words(string data)
    {
        await using var database = NpgsqlDataSource.Create((await EmbeddedPostgres.Open(data, Ct)).ConnectionString);
        await using var command = database.CreateCommand("select string_agg(word, ' ' order by ctid) from kept");
        return (string)(await command.ExecuteScalarAsync(Ct))!;
    }
}
