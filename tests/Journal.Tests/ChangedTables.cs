using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Journal.Tests;

/// <summary>
/// Whatever is changed in a table of the journal, Marten's or ours, verify names it. Tables and columns are taken
/// from the database itself, so that one which a later Marten adds is tried as well.
/// Seen to fail without the checks of ids, of data, of headers, of the streams' times and of unused tables.
/// </summary>
public sealed class ChangedTables : IAsyncLifetime
{
    private const string Change = """
        case format_type(atttypid, null)
          when 'boolean' then format('not coalesce(%1$I, false)', attname)
          when 'bytea' then format('coalesce(%1$I, '''') || ''\x20''', attname)
          when 'jsonb' then '''{"command": "another"}'''
          when 'uuid' then format('overlay(%1$I::text placing ''0000'' from 1 for 4)::uuid', attname)
          when 'bigint' then format('coalesce(%1$I, 0) + 1000', attname)
          when 'integer' then format('coalesce(%1$I, 0) + 1000', attname)
          when 'timestamp with time zone' then format('coalesce(%1$I, now()) + interval ''1 microsecond''', attname)
          else format('coalesce(%1$I, '''') || ''x''', attname)
        end
        """;

    private NpgsqlDataSource _database = null!;
    private PostgresJournal _journal = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.New(typeof(PostgresJournal).Assembly);
        _journal = new PostgresJournal(_database, SystemClock.Instance);
        for (var i = 0; i < 3; i++)
        {
            // With headers and without: both kinds of rows are tried.
            using var headers = EventHeaders.Use(i == 1 ? new("ada@bu.edu", "invoices void", "r-17") : new());
            await _journal.Append(
                [
                    StreamAppend.Of<Counted>("counter-1", i * 2, [new Counted.Up(1), new Counted.Up(2)]),
                    StreamAppend.Of<Counted>($"counter-more-{i}", 0, [new Counted.Up(3)]),
                    new($"counter-ada@bu.edu:{i}", 0, [new("up/1", """{"$type":"up/1","by":4,"of":"ada@bu.edu"}""")]),
                ], Ct);
        }

        await TakingPeopleOut.Erase(_database, _journal, "ada@bu.edu");
        await Run("create table public.sum (one int)");
        await new Projections(_database, _journal, [new Nothing()]).CatchUp(Ct);
        Assert.Null(await Wrong());
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_changed_value_in_any_column_of_any_table_is_named()
    {
        var columns = await Rows($"""
            select relname, attname, {Change}
            from pg_class join pg_attribute on attrelid = pg_class.oid
            where relnamespace = 'journal'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
              and relname <> 'schema_step' and (relname, attname) not in (('head', 'one'), ('checkpoint', 'projection'))
            order by 1, 2
            """);
        Assert.True(columns.Count > 30, $"{columns.Count} columns are not all.");

        List<string> unnoticed = [];
        foreach (var column in columns)
        {
            await EachRow(column[0], unnoticed, $"update journal.{column[0]} set {column[1]} = {column[2]}");
        }

        Assert.Empty(unnoticed);
    }

    [Fact]
    public async Task A_row_that_is_gone_or_was_put_there_is_named()
    {
        List<string> unnoticed = [];
        foreach (var table in (string[])["mt_events", "mt_streams", "link", "head"])
        {
            await EachRow(table, unnoticed, $"delete from journal.{table}");
        }

        foreach (var (table, values) in ((string, string)[])[
            ("mt_events", "select 99, gen_random_uuid(), 'counter-1', 7, data, bdata, type from journal.mt_events limit 1"),
            ("mt_streams", "values ('counter-9')"), ("link", "select 99, 99, hash from journal.head"),
            ("mt_event_progression", "values ('HighWaterMark', 3)"), ("mt_high_water_skips", "values (2, 1)"),
            ("mt_event_projection_floors", "values ('a', 'b', 1)"),
            ("mt_doc_deadletterevent", "values (gen_random_uuid(), '{}')"),
            ("checkpoint", "values ('invented', 4, decode('00', 'hex'))")])
        {
            var names = table switch
            {
                "mt_events" => "(seq_id, id, stream_id, version, data, bdata, type)",
                "mt_streams" => "(id)",
                "mt_event_progression" => "(name, last_seq_id)",
                "mt_high_water_skips" => "(ending_sequence, starting_sequence)",
                "mt_event_projection_floors" => "(name, tenant_id, floor)",
                "mt_doc_deadletterevent" => "(id, data)",
                _ => "",
            };
            await Tamper(table, $"insert into journal.{table} {names} {values}", unnoticed);
        }

        Assert.Empty(unnoticed);
    }

    [Fact]
    public async Task Numbers_that_would_be_given_out_again_are_named()
    {
        await Run("select setval('journal.mt_events_sequence', 3)");

        Assert.Contains("mt_events_sequence", await Wrong(), StringComparison.Ordinal);
    }

    private async Task EachRow(string table, List<string> unnoticed, string change)
    {
        var rows = (await Rows($"select 1 from journal.{table}")).Count;
        for (var row = 0; row < rows; row++)
        {
            await Tamper(
                table, $"{change} where ctid = (select ctid from journal.{table} order by {table}::text offset {row} limit 1)",
                unnoticed);
        }
    }

    /// <summary>Changes one table, looks, and puts it back as it was.</summary>
    private async Task Tamper(string table, string change, List<string> unnoticed)
    {
        await Run($"""
            set session_replication_role = replica;
            create table public.before as table journal.{table};
            {change};
            """);
        if (await Wrong() is null)
        {
            unnoticed.Add(change);
        }

        await Run($"""
            set session_replication_role = replica;
            delete from journal.{table};
            insert into journal.{table} table public.before;
            drop table public.before;
            """);
    }

    private async Task<string?> Wrong() => (await VerifyChain.Run(_journal, _database, _ => { }, Ct)).Wrong;

    private async Task<List<string[]>> Rows(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync(Ct);
        var found = new List<string[]>();
        while (await rows.ReadAsync(Ct))
        {
            found.Add([.. Enumerable.Range(0, rows.FieldCount).Select(i => $"{rows.GetValue(i)}")]);
        }

        return found;
    }

    private async Task Run(string sql) => await _database.Execute(sql, [], Ct);

    /// <summary>A read model of nothing, for its checkpoint.</summary>
    private sealed class Nothing : IProjection
    {
        public string Name => "nothing";

        public Task Clear(NpgsqlConnection connection, CancellationToken ct) => Task.CompletedTask;

        public Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct) =>
            Task.CompletedTask;
    }
}
