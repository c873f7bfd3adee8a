using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>What was set aside; here whether it shows what was decided.</summary>
internal sealed partial class QuarantineTable
{
    /// <summary>The names of what shows another decision than the journal holds.</summary>
    public static async Task<IReadOnlyList<string>> Differing(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select shown.name
            from metering.quarantine as shown
            left join journal.mt_events as decided
              on decided.stream_id = 'quarantine-' || shown.name and decided.version = 1
            where shown.fate <> case decided.type
              when 'quarantine-released/1' then 'released'
              when 'quarantine-discarded/1' then 'discarded'
              else 'waiting' end
            order by 1
            """;
        await using var command = connection.Statement(Sql, []);
        return await command.Texts(ct);
    }

    /// <summary>
    /// The same of a database that has no journal; there also who decided, and why, are as the journal shows them now.
    /// </summary>
    public async Task<IReadOnlyList<string>> DifferingFromLedger(CancellationToken ct)
    {
        const string Decided = """
            select substr(stream, 12), substr(stream, 12) || case type
              when 'quarantine-released/1' then ' released ' when 'quarantine-discarded/1' then ' discarded '
              else ' waiting ' end || concat_ws(' ', body::json ->> 'by', body::json ->> 'because')
            from journal.event
            where stream like 'quarantine-%' and version = 0
            """;
        const string Shown = """
            select name, name || ' ' || fate || ' ' || concat_ws(' ', decided_by, because), fate
            from metering.quarantine
            order by 1
            """;
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        await using (var decided = ledger.Statement(Decided, []))
        await using (var rows = await decided.ExecuteReaderAsync(ct))
        {
            while (await rows.ReadAsync(ct))
            {
                known[rows.GetString(0)] = rows.GetString(1);
            }
        }

        var differing = new List<string>();
        await using var shown = database.Statement(Shown, []);
        await using var own = await shown.ExecuteReaderAsync(ct);
        while (await own.ReadAsync(ct))
        {
            var name = own.GetString(0);
            if (known.TryGetValue(name, out var says) ? says != own.GetString(1) : own.GetString(2) != "waiting")
            {
                differing.Add(name);
            }
        }

        return differing;
    }
}
