using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Tables are made all or none, wherever that is cut off; and a program that is older than the tables leaves them alone.
/// </summary>
public sealed class StepsOfTheSchema
{
    [Theory]
    [InlineData("journal")]
    [InlineData("metering")]
    [InlineData("rating")]
    [InlineData("market")]
    [InlineData("invoicing")]
    [InlineData("exchange")]
    public async Task Steps_that_are_cut_off_leave_nothing_and_are_done_the_next_time(string module)
    {
        var connection = await TestDatabase.NewConnectionString();
        await using var database = DataSources.Open(connection);
        await using (var other = await database.OpenConnectionAsync(Serving.Ct))
        await using (await other.BeginTransactionAsync(Serving.Ct))
        {
            await other.Execute($"create schema {module}", [], Serving.Ct); // Until this ends, the steps wait here.
            var upgrade = Open(connection);
            await CutOff(database);

            var cut = await Assert.ThrowsAnyAsync<Exception>(() => upgrade);
            Assert.Equal("world/database-away", WorldFailure.Of(cut)?.Code);
        }

        Assert.Equal(0L, await Count(database, "select count(*) from pg_namespace where nspname = 'journal'"));
        await using var exchange = await Open(connection);
        Assert.Empty((await Operating.Verify(exchange, _ => { }, Serving.Ct)).Wrong);
    }

    [Theory]
    [InlineData("journal", "invoices list")]
    [InlineData("metering", "rate --month 2026-10")]
    [InlineData("rating", "verify")]
    [InlineData("market", "quotes list")]
    [InlineData("invoicing", "close --month 2026-10")]
    [InlineData("exchange", "serve --urls http://127.0.0.1:0")]
    public async Task An_old_program_on_new_tables_says_so_and_touches_nothing(string module, string line)
    {
        using var small = await SmallExchange.Start();
        await small.Sql(
            $"insert into journal.schema_step (module, number, name) values ('{module}', 999, '0999-later.sql')");
        await using var database = DataSources.Open(small.Database);
        var events = await Count(database, "select position from journal.head");

        var told = await small.Line(line);

        Assert.Equal(1, told.Exit);
        Assert.StartsWith(
            $"error: schema/newer: The database is at step 999 of '{module}', this program knows ", told.Errors,
            StringComparison.Ordinal);
        Assert.Contains("Install that version", told.Errors, StringComparison.Ordinal);
        Assert.Equal(events, await Count(database, "select position from journal.head"));
    }

    private static Task<Composition> Open(string connection) => Composition.Open(
        new(Path.GetTempPath(), connection, Bare: true), SystemClock.Instance, Serving.Ct);

    /// <summary>Ends the one connection that waits for a lock.</summary>
    private static Task CutOff(NpgsqlDataSource database) => Waiting.For(
        async () => await Count(database, """
            select count(pg_terminate_backend(pid)) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'
            """) == 1,
        () => "Nobody waits.");

    private static async Task<long> Count(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Serving.Ct))!;
    }
}
