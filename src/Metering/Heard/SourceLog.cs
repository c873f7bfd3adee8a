using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Keeps when each source was heard. What is heard again within moments is not written again.</summary>
internal sealed class SourceLog(NpgsqlDataSource database)
{
    /// <summary>How many sources of a key or collector are told apart: made-up ones fill nobody else's place.</summary>
    public const int MaxSources = 256;

    private const int MaxGaps = 64;
    private static readonly Duration Rest = Duration.FromSeconds(15);
    private static readonly Duration Forgotten = Duration.FromDays(90);

    private readonly Lock _lock = new();
    private readonly Dictionary<(LandlordId, string), Dictionary<string, Instant>> _written = [];
    private readonly Dictionary<string, (object Names, Dictionary<int, Instant> At)> _noted = [];

    /// <summary>Notes whose sources a batch held.</summary>
    public async Task Note(Batch batch, string reporter, Instant now, CancellationToken ct)
    {
        foreach (var of in SourcesOf(batch, reporter, now).GroupBy(one => one.Landlord, one => one.Source))
        {
            if (Due((of.Key, reporter), of, now) is { Length: > 0 } due)
            {
                await Write(of.Key, reporter, due, now, ct);
            }
        }
    }

    /// <summary>Notes one source, as of what is no reading.</summary>
    public async Task Note(LandlordId landlord, string reporter, string source, Instant now, CancellationToken ct)
    {
        if (Due((landlord, reporter), [source], now) is { Length: > 0 } due)
        {
            await Write(landlord, reporter, due, now, ct);
        }
    }

    public async Task<IReadOnlyList<HeardSource>> All(CancellationToken ct)
    {
        const string Sql = """
            select landlord, reporter, source, first_at, at, gaps
            from metering.heard
            order by landlord collate "C", reporter collate "C", source collate "C"
            """;
        await using var command = database.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<HeardSource>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new()
            {
                Landlord = new(rows.GetString(0)),
                Reporter = rows.GetString(1),
                Source = rows.GetString(2),
                FirstAt = rows.GetFieldValue<Instant>(3),
                At = rows.GetFieldValue<Instant>(4),
                Gaps = rows.GetFieldValue<long[]>(5),
            });
        }

        return found;
    }

    /// <summary>Forgets sources that were heard for a short while, long ago: made-up ones among them.</summary>
    public Task Tidy(Instant now, CancellationToken ct) => database.Execute(
        "delete from metering.heard where at < $1 and cardinality(gaps) < 4", [now - Forgotten], ct);

    /// <summary>The sources of a batch but for those that were noted a moment ago: nearly all.</summary>
    private Dictionary<int, (LandlordId Landlord, string Source)>.ValueCollection SourcesOf(
        Batch batch, string reporter, Instant now)
    {
        var seen = new Dictionary<int, (LandlordId, string)>();
        var last = 0;
        lock (_lock)
        {
            var noted = NotedBy(reporter, batch.Names);
            foreach (ref readonly var row in batch.Rows)
            {
                if (row.Source != last && !IsRecent(noted, last = row.Source, now) && seen.Count <= MaxSources &&
                    !seen.ContainsKey(last))
                {
                    seen[last] = (
                        new(row.Correction?.Landlord ?? Readings.Text(batch.Names, row.Resource).Split('/')[0]),
                        Sources.Text(batch.Names[last]));
                    if (noted.Count < MaxSources || noted.ContainsKey(last))
                    {
                        noted[last] = now;
                    }
                }
            }
        }

        return seen.Values;
    }

    /// <summary>When sources of a reporter were noted last, by their numbers among these names.</summary>
    private Dictionary<int, Instant> NotedBy(string reporter, Names names)
    {
        if (!_noted.TryGetValue(reporter, out var noted) || !ReferenceEquals(noted.Names, names.Token))
        {
            _noted[reporter] = noted = (names.Token, []);
        }

        return noted.At;
    }

    private static bool IsRecent(Dictionary<int, Instant> noted, int source, Instant now) =>
        noted.TryGetValue(source, out var at) && at <= now && now - at < Rest;

    private string[] Due((LandlordId, string) whose, IEnumerable<string> sources, Instant now)
    {
        lock (_lock)
        {
            var written = _written.TryGetValue(whose, out var known) ? known : _written[whose] = [];
            var due = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var source in sources)
            {
                var named = written.ContainsKey(source) || written.Count < MaxSources ? source : "";
                if (!written.TryGetValue(named, out var at) || now - at >= Rest || at > now)
                {
                    written[named] = now;
                    due.Add(named);
                }
            }

            return [.. due];
        }
    }

    private async Task Write(
        LandlordId landlord, string reporter, string[] sources, Instant now, CancellationToken ct)
    {
        const string Sql = """
            insert into metering.heard as known (landlord, reporter, source, first_at, at, mark_at)
            select $1, $2, source, $4, $4, $4
            from (select distinct case when exists (
                    select from metering.heard where landlord = $1 and reporter = $2 and source = fresh.source) or (
                    select count(*) from metering.heard where landlord = $1 and reporter = $2) < $5
                  then fresh.source else '' end as source
                  from unnest($3) as fresh (source)) as bounded
            order by source
            on conflict (landlord, reporter, source) do update
            set at = greatest(known.at, excluded.at),
                mark_at = case when excluded.at - known.mark_at >= interval '1 minute'
                  then excluded.at else known.mark_at end,
                gaps = case when excluded.at - known.mark_at >= interval '1 minute'
                  then (known.gaps || greatest(60, extract(epoch from excluded.at - known.at)::bigint))
                       [greatest(1, cardinality(known.gaps) + 2 - $6):]
                  else known.gaps end
            """;
        await database.Execute(
            Sql, [landlord.Value, reporter, sources, now, (long)MaxSources, MaxGaps], ct);
    }
}
