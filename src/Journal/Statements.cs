using Npgsql;

namespace Exchange.Journal;

/// <summary>SQL with its values beside it: the first is $1.</summary>
public static class Statements
{
    public static NpgsqlCommand Statement(
        this NpgsqlConnection connection, string sql, IReadOnlyList<object> values) =>
        With(new NpgsqlCommand(sql, connection), values);

    public static NpgsqlCommand Statement(
        this NpgsqlDataSource database, string sql, IReadOnlyList<object> values) =>
        With(database.CreateCommand(sql), values);

    /// <returns>How many rows were written.</returns>
    public static async Task<int> Execute(
        this NpgsqlConnection connection, string sql, IReadOnlyList<object> values, CancellationToken ct)
    {
        await using var command = connection.Statement(sql, values);
        return await command.ExecuteNonQueryAsync(ct);
    }

    /// <returns>How many rows were written.</returns>
    public static async Task<int> Execute(
        this NpgsqlDataSource database, string sql, IReadOnlyList<object> values, CancellationToken ct)
    {
        await using var command = database.Statement(sql, values);
        return await command.ExecuteNonQueryAsync(ct);
    }

    /// <returns>The first column of each row, which is a text and never null.</returns>
    public static async Task<IReadOnlyList<string>> Texts(
        this NpgsqlDataSource database, string sql, IReadOnlyList<object> values, CancellationToken ct)
    {
        await using var command = database.Statement(sql, values);
        return await command.Texts(ct);
    }

    /// <returns>The first column of each row, which is a text and never null.</returns>
    public static async Task<IReadOnlyList<string>> Texts(this NpgsqlCommand command, CancellationToken ct)
    {
        await using var rows = await command.ExecuteReaderAsync(ct);
        var texts = new List<string>();
        while (await rows.ReadAsync(ct))
        {
            texts.Add(rows.GetString(0));
        }

        return texts;
    }

    private static NpgsqlCommand With(NpgsqlCommand command, IReadOnlyList<object> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }
}
