using Exchange.Journal;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Portal.Audit;

/// <summary>The read model in which the audit log is searched.</summary>
internal sealed class AuditTrail : IProjection
{
    public string Name => "exchange.audit";

    public async Task Clear(NpgsqlConnection connection, CancellationToken ct)
    {
        await connection.Execute("truncate exchange.audit", [], ct);
    }

    public async Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct)
    {
        const string Copy = """
            copy exchange.audit (position, at, actor, act, target, result, origin, times) from stdin (format binary)
            """;

        await using var rows = await connection.BeginBinaryImportAsync(Copy, ct);
        foreach (var recorded in events.Where(e => e.Category == "audit"))
        {
            if (recorded.Event.As<AuditEvent>(Upcasts.None) is not AuditEvent.Noted note)
            {
                throw new InvalidOperationException($"'{recorded.Event.Type}' is not known of the audit log.");
            }

            await rows.StartRowAsync(ct);
            await rows.WriteAsync(recorded.Position, NpgsqlDbType.Bigint, ct);
            await rows.WriteAsync(note.At, NpgsqlDbType.TimestampTz, ct);
            await rows.WriteAsync(note.Actor, NpgsqlDbType.Text, ct);
            await rows.WriteAsync(note.Act, NpgsqlDbType.Text, ct);
            await rows.WriteAsync(Storable(note.Target), NpgsqlDbType.Text, ct);
            await rows.WriteAsync(note.Result, NpgsqlDbType.Text, ct);
            await rows.WriteAsync(note.Origin, NpgsqlDbType.Text, ct);
            await rows.WriteAsync(note.Times, NpgsqlDbType.Integer, ct);
        }

        await rows.CompleteAsync(ct);
    }

    /// <summary>What somebody typed, without the one character that no text in Postgres may have.</summary>
    private static string Storable(string typed) => typed.Replace('\0', '\uFFFD');
}
