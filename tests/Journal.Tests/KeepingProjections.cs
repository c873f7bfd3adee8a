using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Journal.Tests;

public sealed class KeepingProjections : IAsyncLifetime
{
    private NpgsqlDataSource _database = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.New(typeof(PostgresJournal).Assembly);
        await Run("create table total (one int primary key, sum bigint)");
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Applies_every_event_exactly_once_whoever_catches_up()
    {
        var projections = await Counted(1, 2, 3);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => projections.CatchUp(Ct)));
        await projections.CatchUp(Ct);

        Assert.Equal(6L, await Sum());
    }

    [Fact]
    public async Task Rebuilds_to_what_it_was()
    {
        var projections = await Counted(1, 2, 3);
        await projections.CatchUp(Ct);
        await Run("update total set sum = 999");

        await projections.Rebuild(_ => { }, Ct);

        Assert.Equal(6L, await Sum());
    }

    [Fact]
    public async Task Moves_its_checkpoint_only_together_with_what_it_applied()
    {
        var projections = await Counted(1, -1, 3);

        await Assert.ThrowsAsync<InvalidOperationException>(() => projections.CatchUp(Ct));

        Assert.Null(await Sum());
        await using var checkpoint = _database.CreateCommand("select coalesce(max(position), 0) from journal.checkpoint");
        Assert.Equal(0L, await checkpoint.ExecuteScalarAsync(Ct));
    }

    /// <summary>Pages are read once for all of them; what one stumbles over is told when the others are done.</summary>
    [Fact]
    public async Task One_that_fails_stops_no_other()
    {
        await Run("create table seen (events bigint)");
        await Counted([.. Enumerable.Repeat(1, 600), -1, 1]);
        var journal = new PostgresJournal(_database, SystemClock.Instance);
        var projections = new Projections(_database, journal, [new Total(), new Counting()]);

        await Assert.ThrowsAsync<InvalidOperationException>(() => projections.CatchUp(Ct));

        Assert.Equal(500L, await Sum());
        await using var seen = _database.CreateCommand("select sum(events)::bigint from seen");
        Assert.Equal(602L, await seen.ExecuteScalarAsync(Ct));
    }

    [Fact]
    public async Task Refuses_tables_that_a_newer_product_made()
    {
        await Run("insert into journal.schema_step (module, number, name) values ('journal', 99, '0099-later.sql')");

        var refused = await Assert.ThrowsAsync<RefusedException>(
            () => Schema.Upgrade(_database, [typeof(PostgresJournal).Assembly], Ct));

        Assert.Equal("schema/newer", refused.Refusal.Code);
    }

    private async Task<Projections> Counted(params int[] steps)
    {
        var journal = new PostgresJournal(_database, SystemClock.Instance);
        await journal.Append([StreamAppend.Of("counter-1", 0, steps.Select(Counted (by) => new Counted.Up(by)))], Ct);
        return new Projections(_database, journal, [new Total()]);
    }

    private async Task<object?> Sum()
    {
        await using var command = _database.CreateCommand("select sum from total");
        return await command.ExecuteScalarAsync(Ct);
    }

    private async Task Run(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }

    /// <summary>The sum of all steps; it stumbles over a negative one.</summary>
    private sealed class Total : IProjection
    {
        public string Name => "total";

        public async Task Clear(NpgsqlConnection connection, CancellationToken ct)
        {
            await using var command = new NpgsqlCommand("delete from total", connection);
            await command.ExecuteNonQueryAsync(ct);
        }

        public async Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct)
        {
            foreach (var e in events)
            {
                var step = ((Counted.Up)e.Event.As<Counted>(Upcasts.None)).By;
                await using var command = new NpgsqlCommand(
                    "insert into total values (1, $1) on conflict (one) do update set sum = total.sum + $1", connection);
                command.Parameters.Add(new() { Value = (long)step });
                await command.ExecuteNonQueryAsync(ct);
                if (step < 0)
                {
                    throw new InvalidOperationException("It does not count down.");
                }
            }
        }
    }

    /// <summary>How many events came.</summary>
    private sealed class Counting : IProjection
    {
        public string Name => "counting";

        public async Task Clear(NpgsqlConnection connection, CancellationToken ct)
        {
            await using var command = new NpgsqlCommand("delete from seen", connection);
            await command.ExecuteNonQueryAsync(ct);
        }

        public async Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct)
        {
            await using var command = new NpgsqlCommand("insert into seen values ($1)", connection);
            command.Parameters.Add(new() { Value = (long)events.Count });
            await command.ExecuteNonQueryAsync(ct);
        }
    }
}
