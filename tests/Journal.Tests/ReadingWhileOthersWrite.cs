using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Journal.Tests;

/// <summary>
/// The fault that event stores on Postgres sequences keep having: a transaction takes a low position, another takes a
/// higher one and commits first, and a reader that has seen the higher one never goes back for the lower.
/// </summary>
public sealed class ReadingWhileOthersWrite : IAsyncLifetime
{
    private NpgsqlDataSource _database = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.New(typeof(PostgresJournal).Assembly);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Never_skips_an_event_whose_transaction_commits_late()
    {
        var journal = new PostgresJournal(_database, SystemClock.Instance);
        await using var slow = await _database.OpenConnectionAsync(Ct);
        await using var transaction = await slow.BeginTransactionAsync(Ct);
        await journal.Append(slow, [StreamAppend.Of<Counted>("counter-slow", 0, [new Counted.Up(1)])], Ct);

        var fast = journal.Append([StreamAppend.Of<Counted>("counter-fast", 0, [new Counted.Up(2)])], Ct);
        await Task.Delay(300, Ct);
        var seen = await Follow(journal, 0);
        await transaction.CommitAsync(Ct);
        await fast;
        seen = [.. seen, .. await Follow(journal, seen.Count == 0 ? 0 : seen[^1].Position)];

        Assert.Equal(["counter-slow", "counter-fast"], seen.Select(e => e.Stream));
    }

    /// <summary>The same story on a plain sequence does lose the event: this is what the head's lock is for.</summary>
    [Fact]
    public async Task A_plain_sequence_would_skip_it()
    {
        await Run("create table naive (position bigint generated always as identity, stream text)");
        await using var slow = await _database.OpenConnectionAsync(Ct);
        await using var transaction = await slow.BeginTransactionAsync(Ct);
        await using var insert = new NpgsqlCommand("insert into naive (stream) values ('slow')", slow);
        await insert.ExecuteNonQueryAsync(Ct);
        await Run("insert into naive (stream) values ('fast')");

        await using var last = _database.CreateCommand("select max(position) from naive");
        var checkpoint = (long)(await last.ExecuteScalarAsync(Ct))!;
        await transaction.CommitAsync(Ct);
        await using var missed = _database.CreateCommand($"select count(*) from naive where position > {checkpoint}");

        Assert.Equal(0L, await missed.ExecuteScalarAsync(Ct));
    }

    [Fact]
    public async Task Many_writers_and_a_reader_agree_on_every_event()
    {
        var journal = new PostgresJournal(_database, SystemClock.Instance);
        var writers = Enumerable.Range(0, 6).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 60; i++)
            {
                await journal.Append([StreamAppend.Of<Counted>($"counter-{writer}", i, [new Counted.Up(i)])], Ct);
            }
        }, Ct)).ToList();

        var seen = new List<Recorded>();
        while (seen.Count < 360)
        {
            seen.AddRange(await Follow(journal, seen.Count == 0 ? 0 : seen[^1].Position));
        }

        await Task.WhenAll(writers);
        Assert.Equal(Enumerable.Range(1, 360).Select(i => (long)i), seen.Select(e => e.Position));
    }

    private static async Task<IReadOnlyList<Recorded>> Follow(PostgresJournal journal, long after) =>
        await journal.ReadAll(after, 1000, Ct);

    private async Task Run(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }
}
