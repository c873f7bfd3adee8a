using Exchange.Journal;
using Npgsql;

namespace Exchange.Portal.Web;

/// <summary>
/// First answers to requests that carried an idempotency key, kept for a day. They are bounded for each owner, which is
/// the landlord of a key, else the person or key; and for all together, where whoever keeps few always finds room.
/// </summary>
internal static class KeptAnswers
{
    /// <summary>Some more may be kept: as many as are worked on at once.</summary>
    public const int MaxOfOwner = 5_000;
    public const int MaxBytesOfOwner = 16 << 20;

    public const int MaxOfAll = 50_000;
    public const int MaxBytesOfAll = 128 << 20;

    /// <summary>Who keeps no more than this is given room whatever others keep.</summary>
    public const int FewOfOwner = 100;
    public const int FewBytesOfOwner = 512 << 10;

    /// <summary>An answer as it was given.</summary>
    /// <param name="Hash">Of what was asked.</param>
    internal sealed record Kept(byte[] Hash, int Status, string Type, byte[] Body);

    public static async Task<Kept?> Find(NpgsqlDataSource database, string actor, string key)
    {
        const string Sql = """
            select request, status, type, body
            from exchange.answered
            where actor = $1 and key = $2 and at > now() - interval '1 day'
            """;

        await using var command = database.Statement(Sql, [actor, key]);
        await using var rows = await command.ExecuteReaderAsync();
        return await rows.ReadAsync()
            ? new(rows.GetFieldValue<byte[]>(0), rows.GetInt32(1), rows.GetString(2), rows.GetFieldValue<byte[]>(3))
            : null;
    }

    /// <summary>Whether another answer of this owner can be kept.</summary>
    public static async Task<bool> HasRoom(NpgsqlDataSource database, string owner)
    {
        const string OfOwner = """
            select count(*), coalesce(sum(length(body)), 0)::bigint
            from exchange.answered
            where owner = $1 and at > now() - interval '1 day'
            """;
        const string OfAll = """
            select count(*), coalesce(sum(length(body)), 0)::bigint
            from exchange.answered
            where at > now() - interval '1 day'
            """;

        var (own, bytes) = await Count(database, OfOwner, [owner]);
        if (own >= MaxOfOwner || bytes >= MaxBytesOfOwner)
        {
            return false;
        }

        if (own < FewOfOwner && bytes < FewBytesOfOwner)
        {
            return true;
        }

        var (all, bytesOfAll) = await Count(database, OfAll, []);
        return all < MaxOfAll && bytesOfAll < MaxBytesOfAll;
    }

    public static Task Add(NpgsqlDataSource database, string owner, string actor, string key, Kept answer)
    {
        const string Sql = """
            with gone as (delete from exchange.answered where at < now() - interval '1 day' and (actor, key) <> ($1,
                $2))
            insert into exchange.answered (actor, key, request, status, type, body, owner)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (actor, key) do update
            set request = excluded.request, status = excluded.status, type = excluded.type, body = excluded.body,
                owner = excluded.owner, at = now()
            """;

        return database.Execute(
            Sql, [actor, key, answer.Hash, answer.Status, answer.Type, answer.Body, owner], CancellationToken.None);
    }

    private static async Task<(long Answers, long Bytes)> Count(NpgsqlDataSource database, string sql, object[] values)
    {
        await using var command = database.Statement(sql, values);
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        return (row.GetInt64(0), row.GetInt64(1));
    }
}
