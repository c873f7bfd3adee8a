using Exchange.Journal;
using Npgsql;

namespace Exchange.Servers;

/// <summary>Which server said last that it owns a lane, for people to see.</summary>
public static class LaneOwners
{
    /// <summary>The servers that live, by the numbers of their lanes; empty where there is one server only.</summary>
    public static async Task<IReadOnlyDictionary<int, string>> Read(NpgsqlDataSource ledger, CancellationToken ct)
    {
        const string Sql = """
            select lane, server from servers.owner
            where server in (select address || ':' || port from servers.server where status = 3)
            """;
        var owners = new Dictionary<int, string>();
        await using var connection = await ledger.OpenConnectionAsync(ct);
        await using var known = connection.Statement("select to_regclass('servers.owner') is not null", []);
        if (await known.ExecuteScalarAsync(ct) is not true)
        {
            return owners;
        }

        await using var command = connection.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            owners[rows.GetInt32(0)] = rows.GetString(1);
        }

        return owners;
    }

    internal static Task Note(
        NpgsqlDataSource ledger, IReadOnlyCollection<int> lanes, string server, CancellationToken ct) => ledger.Execute(
            """
            insert into servers.owner (lane, server) select lane, $2 from unnest($1) as lane
            on conflict (lane) do update set server = excluded.server, since = now()
            """, [lanes.ToArray(), server], ct);
}
