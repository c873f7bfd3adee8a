using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Journal.Tests;

/// <summary>
/// What only reads asks the database for nothing: a standby can be read, and a step that only adds keeps no older
/// server from working. On the version before each command ran DDL, and any newer step locked every older one out.
/// </summary>
public sealed class OpeningWithoutWriting : IAsyncLifetime
{
    private string _connection = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _connection = await TestDatabase.NewConnectionString(typeof(PostgresJournal).Assembly);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_database_that_cannot_be_written_is_opened_and_read()
    {
        await using (var primary = DataSources.Open(_connection))
        {
            await new PostgresJournal(primary, SystemClock.Instance).Append(
                [StreamAppend.Of<Counted>("counter-1", 0, [new Counted.Up(1)])], Ct);
        }

        await using var standby = ReadOnly(_connection);
        await Schema.Upgrade(standby, [typeof(PostgresJournal).Assembly], Ct);
        var journal = new PostgresJournal(standby, SystemClock.Instance);
        await new Projections(standby, journal, [new Never()]).CatchUp(Ct);

        Assert.Single(await journal.Read<Counted>("counter-1", Ct));
        Assert.Null((await VerifyChain.Run(journal, standby, _ => { }, Ct)).Wrong);
    }

    [Fact]
    public async Task One_that_cannot_be_written_and_lacks_tables_is_refused_with_what_to_do()
    {
        await using var standby = ReadOnly(await TestDatabase.NewConnectionString());

        var refused = await Assert.ThrowsAsync<RefusedException>(
            () => Schema.Upgrade(standby, [typeof(PostgresJournal).Assembly], Ct));

        Assert.Equal("schema/read-only", refused.Refusal.Code);
    }

    [Fact]
    public async Task A_newer_step_that_only_adds_keeps_no_older_version_out()
    {
        await using var database = DataSources.Open(_connection);
        await database.Execute("""
            insert into journal.schema_step (module, number, name, is_additive) values ('journal', 98, '0098-more.sql', true)
            """, [], Ct);

        await Schema.Upgrade(database, [typeof(PostgresJournal).Assembly], Ct);

        await database.Execute("insert into journal.schema_step (module, number, name) values ('journal', 99, 'x')", [], Ct);
        var refused = await Assert.ThrowsAsync<RefusedException>(
            () => Schema.Upgrade(database, [typeof(PostgresJournal).Assembly], Ct));
        Assert.Equal("schema/newer", refused.Refusal.Code);
    }

    private static NpgsqlDataSource ReadOnly(string connection) => DataSources.Open(
        new NpgsqlConnectionStringBuilder(connection) { Options = "-c default_transaction_read_only=on" }
            .ConnectionString);

    private sealed class Never : IProjection
    {
        public string Name => "never";

        public Task Clear(NpgsqlConnection connection, CancellationToken ct) => throw new InvalidOperationException();

        public Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct) =>
            throw new InvalidOperationException();
    }
}
