using Exchange.Journal;
using Npgsql;

namespace Exchange.Portal.Keys;

/// <summary>The read model behind 'exchange keys list'.</summary>
internal sealed class KeyList : IProjection
{
    public string Name => "exchange.api_key";

    public async Task Clear(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("truncate exchange.api_key", connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    public async Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct)
    {
        foreach (var recorded in events.Where(e => e.Category == ApiKey.Fold.Category))
        {
            var id = recorded.Stream["key-".Length..];
            await (recorded.Event.As<ApiKeyEvent>(Upcasts.None) switch
            {
                ApiKeyEvent.Created e => Add(connection, id, e, ct),
                ApiKeyEvent.Revoked e => Revoke(connection, id, e, ct),
                _ => throw new InvalidOperationException($"'{recorded.Event.Type}' is not known of a key."),
            });
        }
    }

    private static async Task Add(NpgsqlConnection connection, string id, ApiKeyEvent.Created e, CancellationToken ct)
    {
        const string Sql = """
            insert into exchange.api_key (id, name, landlord, scope, created_at) values ($1, $2, $3, $4, $5)
            """;

        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = e.Name });
        command.Parameters.Add(new() { Value = (object?)e.Landlord?.Value ?? DBNull.Value });
        command.Parameters.Add(new() { Value = e.Scope.ToString() });
        command.Parameters.Add(new() { Value = e.At.ToDateTimeUtc() });
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task Revoke(
        NpgsqlConnection connection, string id, ApiKeyEvent.Revoked e, CancellationToken ct)
    {
        const string Sql = "update exchange.api_key set revoked_at = $2 where id = $1";
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = e.At.ToDateTimeUtc() });
        await command.ExecuteNonQueryAsync(ct);
    }
}
