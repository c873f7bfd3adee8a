using Exchange.Journal;
using Npgsql;

namespace Exchange.Portal.Keys;

/// <summary>The read model behind 'exchange keys list'.</summary>
internal sealed class KeyList : IProjection
{
    public string Name => "exchange.api_key";

    public async Task Clear(NpgsqlConnection connection, CancellationToken ct)
    {
        await connection.Execute("truncate exchange.api_key", [], ct);
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
            insert into exchange.api_key (id, name, landlord, scope, created_at, institution)
            values ($1, $2, $3, $4, $5, $6)
            """;

        await connection.Execute(
            Sql,
            [
                id, e.Name, (object?)e.Landlord?.Value ?? DBNull.Value, e.Scope.ToString(), e.At,
                (object?)e.Institution ?? DBNull.Value,
            ], ct);
    }

    private static async Task Revoke(
        NpgsqlConnection connection, string id, ApiKeyEvent.Revoked e, CancellationToken ct)
    {
        const string Sql = "update exchange.api_key set revoked_at = $2 where id = $1";
        await connection.Execute(Sql, [id, e.At], ct);
    }
}
