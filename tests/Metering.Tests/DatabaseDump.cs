using Exchange.Journal;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// What all tables and sequences of the meter, and of the journal where that is beside it, held at one moment: to restore
/// it is what a restored dump does, for whoever runs on meanwhile.
/// </summary>
internal sealed class DatabaseDump : IAsyncDisposable
{
    private static int _number;
    private readonly NpgsqlDataSource _database;
    private readonly string _name = $"dump_{Interlocked.Increment(ref _number)}";
    private readonly List<string> _restore = [];

    private DatabaseDump(NpgsqlDataSource database) => _database = database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Takes one; nobody writes or merges meanwhile, for it reads table after table.</summary>
    public static async Task<DatabaseDump> Of(NpgsqlDataSource database)
    {
        const string Tables = """
            select table_schema || '.' || t.table_name,
              string_agg(c.column_name, ', ' order by c.ordinal_position), bool_or(c.is_identity = 'YES')
            from information_schema.tables t join information_schema.columns c using (table_schema, table_name)
            where table_schema in ('metering', 'journal') and table_type = 'BASE TABLE' and c.is_generated = 'NEVER'
            group by 1
            """;
        const string Sequences = """
            select schemaname || '.' || quote_ident(sequencename), coalesce(last_value, 1), last_value is not null
            from pg_sequences
            where schemaname in ('metering', 'journal')
            """;
        var dump = new DatabaseDump(database);
        var make = $"create schema {dump._name};";
        dump._restore.Add("set session_replication_role = replica;"); // As a restore does: no trigger sees its rows.
        await foreach (var (table, columns, hasIdentity) in Rows(database, Tables, row =>
            (row.GetString(0), row.GetString(1), row.GetBoolean(2))))
        {
            var kept = $"{dump._name}.{table.Replace('.', '_')}";
            make += $"create table {kept} as table {table};";
            dump._restore.Add($"delete from {table};");
            dump._restore.Add($"insert into {table} ({columns}) " +
                (hasIdentity ? "overriding system value " : "") + $"select {columns} from {kept};");
        }

        await foreach (var (sequence, value, isUsed) in Rows(database, Sequences, row =>
            (row.GetString(0), row.GetInt64(1), row.GetBoolean(2))))
        {
            dump._restore.Add($"select setval('{sequence}', {value}, {(isUsed ? "true" : "false")});");
        }

        dump._restore.Add("set session_replication_role = origin;");
        await database.Execute(make, [], Ct);
        return dump;
    }

    public async Task Restore()
    {
        await using var connection = await _database.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await using var command = new NpgsqlCommand(string.Concat(_restore), connection);
        await command.ExecuteNonQueryAsync(Ct);
        await transaction.CommitAsync(Ct);
    }

    public async ValueTask DisposeAsync() =>
        await _database.Execute($"drop schema {_name} cascade", [], CancellationToken.None);

    private static async IAsyncEnumerable<T> Rows<T>(
        NpgsqlDataSource database, string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = database.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync(Ct);
        while (await rows.ReadAsync(Ct))
        {
            yield return read(rows);
        }
    }
}
