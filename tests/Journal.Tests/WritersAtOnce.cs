using System.Diagnostics;
using System.Globalization;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Journal.Tests;

/// <summary>
/// Transactions that overlap, end badly or last long: positions stay without gaps and in their order, nobody waits for
/// a stranger, and the chain holds. Marten's own numbers do have gaps, and its daemon waits at them.
/// </summary>
public sealed class WritersAtOnce : IAsyncLifetime
{
    private NpgsqlDataSource _database = null!;
    private PostgresJournal _journal = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.New(typeof(PostgresJournal).Assembly);
        _journal = new PostgresJournal(_database, SystemClock.Instance);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_transaction_that_is_given_up_leaves_no_gap_and_its_streams_as_they_were()
    {
        await Append("counter-a", 0, 2);
        await using (var connection = await _database.OpenConnectionAsync(Ct))
        await using (var transaction = await connection.BeginTransactionAsync(Ct))
        {
            await _journal.Append(transaction, [Up("counter-a", 2, 3), Up("counter-b", 0, 1)], Ct);
            await transaction.RollbackAsync(Ct);
        }

        await Append("counter-a", 2, 1);

        Assert.Equal([1, 2, 3], await Positions());
        Assert.Empty(await _journal.Read<Counted>("counter-b", Ct));
        Assert.Equal(3L, await One("select last_value - 4 from journal.mt_events_sequence")); // Four were lost.
        await Holds();
    }

    [Fact]
    public async Task Who_waited_for_a_transaction_that_was_given_up_takes_its_positions()
    {
        await using var first = await _database.OpenConnectionAsync(Ct);
        await using var transaction = await first.BeginTransactionAsync(Ct);
        await _journal.Append(transaction, [Up("counter-a", 0, 5)], Ct);
        var second = Append("counter-b", 0, 2);
        await Until("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()");

        Assert.Empty(await _journal.ReadAll(0, 10, Ct));
        await transaction.RollbackAsync(Ct);
        await second;

        Assert.Equal([1, 2], await Positions());
        await Holds();
    }

    [Fact]
    public async Task Two_appends_of_one_transaction_stand_one_after_the_other()
    {
        await using (var connection = await _database.OpenConnectionAsync(Ct))
        await using (var transaction = await connection.BeginTransactionAsync(Ct))
        {
            await _journal.Append(connection, [Up("counter-a", 0, 2)], Ct);
            await _journal.Append(connection, [Up("counter-a", 2, 1), Up("counter-b", 0, 1)], Ct);
            await Assert.ThrowsAsync<ConflictException>(
                () => _journal.Append(connection, [Up("counter-b", 0, 1)], Ct));
            await transaction.CommitAsync(Ct);
        }

        Assert.Equal([1, 2, 3, 4], await Positions());
        await Holds();
    }

    [Fact]
    public async Task An_append_outside_of_a_transaction_is_refused()
    {
        await using var connection = await _database.OpenConnectionAsync(Ct);

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _journal.Append(connection, [Up("counter-a", 0, 1)], Ct));
    }

    /// <summary>A stranger took one of Marten's numbers and holds its transaction open: nobody waits for it.</summary>
    [Fact]
    public async Task A_long_transaction_beside_a_gap_holds_up_nobody()
    {
        await Append("counter-a", 0, 1);
        await using var stranger = await _database.OpenConnectionAsync(Ct);
        await using var transaction = await stranger.BeginTransactionAsync(Ct);
        await stranger.Execute("create table public.long_work (one int)", [], Ct);
        await stranger.Execute("select nextval('journal.mt_events_sequence')", [], Ct);

        await Append("counter-a", 1, 1);
        var projections = new Projections(_database, _journal, [new Followed()]);
        await projections.CatchUp(Ct);

        Assert.Equal([1, 2], await Positions());
        Assert.Equal(2L, await One("select position from journal.checkpoint where projection = 'followed'"));
        await transaction.CommitAsync(Ct);
        await Holds();
    }

    [Fact]
    public async Task Of_two_writers_who_saw_the_same_exactly_one_is_right_each_time()
    {
        var lost = 0;
        for (var round = 0; round < 60; round++)
        {
            var version = round;
            await Task.WhenAll(Enumerable.Range(0, 2).Select(async writer =>
            {
                try
                {
                    await _journal.Append([Up($"counter-own-{writer}-{version}", 0, 1), Up("counter-a", version, 1)], Ct);
                }
                catch (ConflictException e) when (e.Message.StartsWith("counter-a ", StringComparison.Ordinal))
                {
                    Interlocked.Increment(ref lost);
                }
            }));
        }

        Assert.Equal(60, lost);
        Assert.Equal(120, (await Positions()).Count);
        await Holds();
    }

    /// <summary>More streams than Marten sends at once; the last cannot be kept, so none is, and no trace stays.</summary>
    [Fact]
    public async Task An_append_of_many_pages_that_fails_at_its_end_leaves_nothing()
    {
        await Append("counter-a", 0, 1);
        var appends = Enumerable.Range(0, 1200).Select(n => Up($"counter-many-{n}", 0, 2))
            .Append(new("counter-broken", 0, [new(new string('t', 600), "{}")])).ToList();

        var failed = await Assert.ThrowsAsync<PostgresException>(() => _journal.Append(appends, Ct));

        Assert.Equal("22001", failed.SqlState); // A name of 600 letters.
        await _journal.Append([.. appends.SkipLast(1)], Ct);
        Assert.Equal(2401, (await Positions()).Count);
        await Holds();
    }

    [Fact]
    public async Task The_request_that_the_program_is_in_is_not_taken_for_what_was_said()
    {
        using var activity = new Activity("request");
        activity.Start();
        await Append("counter-a", 0, 1);

        Assert.Null((await _journal.ReadAll(0, 1, Ct))[0].Headers);
        await Holds();
    }

    private static StreamAppend Up(string stream, long version, int times) =>
        StreamAppend.Of<Counted>(stream, version, Enumerable.Range(0, times).Select(by => new Counted.Up(by)));

    private Task Append(string stream, long version, int times) => _journal.Append([Up(stream, version, times)], Ct);

    private async Task<List<long>> Positions() =>
        [.. (await _journal.ReadAll(0, int.MaxValue, Ct)).Select(recorded => recorded.Position)];

    private async Task Holds()
    {
        var (events, wrong, _) = await VerifyChain.Run(_journal, _database, _ => { }, Ct);
        Assert.Null(wrong);
        Assert.Equal(await One("select count(*) from journal.mt_events"), events);
    }

    private async Task<long> One(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(Ct), CultureInfo.InvariantCulture);
    }

    private Task Until(string sql) => Waiting.For(async () => await One(sql) != 0, () => "Nobody waits.");

    /// <summary>A read model of nothing.</summary>
    private sealed class Followed : IProjection
    {
        public string Name => "followed";

        public Task Clear(NpgsqlConnection connection, CancellationToken ct) => Task.CompletedTask;

        public Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct) =>
            Task.CompletedTask;
    }
}
