using System.Globalization;
using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A byte of a file of the data directory is not what was written. The database's own sums find it, and whoever asks is
/// told that a file is damaged, and never that the program failed. Seen to fail with the key that signs heads.
/// </summary>
public sealed class FilesThatRot(FilesThatRot.Kept kept) : IClassFixture<FilesThatRot.Kept>
{
    private readonly string _data = kept.Data;

    /// <summary>An exchange with a reading; each test leaves its files as they were.</summary>
    public sealed class Kept : IAsyncLifetime
    {
        internal string Data { get; } = Directory.CreateTempSubdirectory("exchange-rot-").FullName;

        public async ValueTask InitializeAsync()
        {
            File.SetUnixFileMode(Data, (UnixFileMode)0b111_101_101);
            var file = Path.Combine(Data, "reading.ndjson");
            await File.WriteAllTextAsync(file, UsedMonth.Event("vm-1", "p-ada", 4), CancellationToken.None);
            await Portal.Tests.Typed.Line($"--data {Data} --bare ingest {file}");
        }

        public async ValueTask DisposeAsync()
        {
            await EmbeddedPostgres.Stop(Data, CancellationToken.None);
            Directory.Delete(Data, recursive: true);
        }
    }

    [Theory]
    [InlineData("journal.mt_events", "verify")]
    [InlineData("journal.mt_events", "invoices list")]
    [InlineData("metering.block", "rate --month 2026-10")]
    public async Task A_flipped_byte_in_a_table_s_file_is_told_by_whoever_reads_it(string table, string line)
    {
        var file = await FileOf(table);
        await EmbeddedPostgres.Stop(_data, Serving.Ct);
        Flip(file, 4_000);

        var told = await Portal.Tests.Typed.Line($"--data {_data} {line}");

        Assert.Equal(3, told.Exit);
        Assert.Contains("error: world/database-damaged", told.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("bug", told.Errors, StringComparison.Ordinal);
        await EmbeddedPostgres.Stop(_data, Serving.Ct);
        Flip(file, 4_000);
        await Typed("verify");
    }

    /// <summary>
    /// Any file of any table or index: it is told by whoever reads it, and who does not read it goes on. Some are
    /// drawn; with EXCHANGE_EVERY_COLUMN=1 each of them is flipped.
    /// </summary>
    [Fact]
    public async Task A_flipped_byte_in_any_file_of_the_database_is_told_as_that_or_harms_nobody()
    {
        var random = new Random(20_261_130);
        var files = await Files();
        var isAll = Environment.GetEnvironmentVariable("EXCHANGE_EVERY_COLUMN") is not null;
        var chosen = isAll ? files : [.. files.GroupBy(one => one.Kind).SelectMany(of => Draws.Of([.. of], of.Key, 3))];
        var (told, wrong) = (0, new List<string>());
        var cluster = Path.Combine(_data, "postgres", "cluster");
        await EmbeddedPostgres.Stop(_data, Serving.Ct);
        Scratch.Copy(cluster, $"{cluster}.kept");
        foreach (var (_, name, path) in chosen)
        {
            var at = random.Next(100, 8_000);
            Flip(Path.Combine(cluster, path), at);
            foreach (var line in (string[])["verify", "rate --month 2026-10"])
            {
                var said = await Portal.Tests.Typed.Line($"--data {_data} {line}");
                var isTold = said.Exit == 3 && said.Errors.Contains("error: world/", StringComparison.Ordinal);
                told += isTold ? 1 : 0;
                if (!isTold && (said.Exit != 0 || said.Errors.Contains("error: bug", StringComparison.Ordinal)))
                {
                    wrong.Add($"{name} at {at}, '{line}' ended with {said.Exit}: {said.Errors}");
                }
            }

            await EmbeddedPostgres.Stop(_data, Serving.Ct);
            Directory.Delete(cluster, recursive: true); // What was not read may be written over, or be in another file.
            Scratch.Copy($"{cluster}.kept", cluster);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{chosen.Count} files, told {told} times.");
        Assert.Equal("", string.Join('\n', wrong));
        Assert.InRange(told, 1, 2 * chosen.Count);
        await Typed("verify");
    }

    [Fact]
    public async Task A_cluster_that_does_not_start_is_told_with_its_own_words_and_soon()
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        await EmbeddedPostgres.Stop(_data, Serving.Ct);
        var file = Path.Combine(_data, "postgres", "cluster", "global", "pg_control");
        Flip(file, 60);

        var told = await Portal.Tests.Typed.Line($"--data {_data} verify");

        Assert.Equal(3, told.Exit);
        Assert.StartsWith(
            "error: world/postgres-failed: The database does not start: ", told.Errors, StringComparison.Ordinal);
        Assert.Contains("checksum", told.Errors, StringComparison.Ordinal);
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(start), TimeSpan.Zero, Waiting.Patience);
        Flip(file, 60);
        await Typed("verify");
    }

    [Theory]
    [InlineData(".json", "head ")]
    [InlineData("signing-key.pem", "")]
    public async Task A_flipped_byte_in_a_signed_head_or_its_key_is_named(string file, string named)
    {
        await Typed($"verify --write-head {Path.Combine(_data, "heads", "held.json")}");
        var path = Directory.GetFiles(Path.Combine(_data, "heads"), $"*{file}").Order(StringComparer.Ordinal).First();
        Flip(path, 40);

        var told = await Portal.Tests.Typed.Line($"--data {_data} verify");

        Assert.NotEqual(0, told.Exit);
        Assert.Contains(Path.GetFileName(path), told.Errors, StringComparison.Ordinal);
        Assert.Contains(named, told.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("bug", told.Errors, StringComparison.Ordinal);
        Flip(path, 40);
        await Typed("verify");
    }

    private async Task<Typed> Typed(string line)
    {
        var typed = await Portal.Tests.Typed.Line($"--data {_data} {line}");
        Assert.True(typed.Exit == 0, $"'{line}' ended with {typed.Exit}: {typed.Errors}{typed.Output}");
        return typed;
    }

    private async Task<string> FileOf(string table)
    {
        await using var exchange = await Composition.Open(new(_data), SystemClock.Instance, Serving.Ct);
        await using var command = exchange.Database.CreateCommand(string.Create(
            CultureInfo.InvariantCulture, $"select pg_relation_filepath('{table}')"));
        return Path.Combine(_data, "postgres", "cluster", (string)(await command.ExecuteScalarAsync(Serving.Ct))!);
    }

    /// <summary>What has a page of its own: tables and indexes of the exchange.</summary>
    private async Task<IReadOnlyList<(string Kind, string Name, string Path)>> Files()
    {
        const string Sql = """
            select case n.nspname when 'pg_toast' then 'toast' else c.relkind::text end, c.oid::regclass::text, pg_relation_filepath(c.oid)
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'i', 't') and pg_relation_size(c.oid) >= 8192
              and n.nspname in ('journal', 'metering', 'rating', 'market', 'invoicing', 'exchange', 'pg_toast')
            order by 2
            """;
        await using var exchange = await Composition.Open(new(_data), SystemClock.Instance, Serving.Ct);
        await using var command = exchange.Database.CreateCommand(Sql);
        await using var rows = await command.ExecuteReaderAsync(Serving.Ct);
        var found = new List<(string, string, string)>();
        while (await rows.ReadAsync(Serving.Ct))
        {
            found.Add((rows.GetString(0), rows.GetString(1), rows.GetString(2)));
        }

        return found;
    }

    private static void Flip(string file, int at)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Position = at;
        var one = stream.ReadByte();
        stream.Position = at;
        stream.WriteByte((byte)(one ^ 1));
    }
}
