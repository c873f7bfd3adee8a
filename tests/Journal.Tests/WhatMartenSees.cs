using Exchange.Testing;
using Marten;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Journal.Tests;

/// <summary>The tables are Marten's: it finds them as it would have made them, and reads what is in them.</summary>
public sealed class WhatMartenSees : IAsyncLifetime
{
    private NpgsqlDataSource _database = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Marten looks through catalogs, whose types a pool of the exchange does not ask for.</summary>
    public async ValueTask InitializeAsync() =>
        _database = NpgsqlDataSource.Create(await TestDatabase.NewConnectionString(typeof(PostgresJournal).Assembly));

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    /// <summary>Fails when another version of Marten wants other tables: then they are another numbered step.</summary>
    [Fact]
    public async Task Its_schema_is_the_one_of_our_numbered_steps()
    {
        await using var store = Store();

        await store.Storage.Database.AssertDatabaseMatchesConfigurationAsync(Ct);
    }

    [Fact]
    public async Task It_reads_the_streams_that_the_journal_wrote()
    {
        using (EventHeaders.Use(new("ada", "count", "r-1")))
        {
            await new PostgresJournal(_database, SystemClock.Instance).Append(
                [StreamAppend.Of<Counted>("counter-1", 0, [new Counted.Up(1), new Counted.Up(2)])], Ct);
        }

        await using var store = Store();
        await using var session = store.QuerySession();
        var events = await session.Events.FetchStreamAsync("counter-1", token: Ct);

        Assert.Equal(
            ["""{"$type":"up/1","by":1}""", """{"$type":"up/1","by":2}"""],
            events.Select(e => ((StoredEvent)e.Data).Json));
        Assert.Equal([1L, 2L], events.Select(e => e.Version));
        Assert.All(events, e => Assert.Equal(("ada", "count", "r-1"), (e.UserName, $"{e.Headers!["command"]}", e.CorrelationId)));
        var state = await session.Events.FetchStreamStateAsync("counter-1", Ct);
        Assert.Equal(2L, state!.Version);
        Assert.Equal(events[0].Timestamp, state.Created);
    }

    private DocumentStore Store() => DocumentStore.For(options =>
    {
        options.Connection(_database);
        EventStore.Configure(options);
    });
}
