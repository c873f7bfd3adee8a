using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Metering.Collectors.Live;

/// <summary>Where collectors keep how far they are, and where operators read it.</summary>
public sealed class CollectorLog(NpgsqlDataSource database)
{
    /// <summary>Every collector that ever ran, by name.</summary>
    public async Task<IReadOnlyList<CollectorState>> All(CancellationToken ct)
    {
        const string Sql = """
            select name, kind, landlord, cluster, position, read_until, waiting, accepted, duplicate, quarantined,
                   ignored, tried_at, succeeded_at, failures, why
            from metering.collector
            order by name collate "C"
            """;
        await using var connection = await database.OpenConnectionAsync(ct);
        var gaps = await Gaps(connection, ct);
        await using var command = connection.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var states = new List<CollectorState>();
        while (await rows.ReadAsync(ct))
        {
            states.Add(new()
            {
                Name = rows.GetString(0),
                Kind = rows.GetString(1),
                Landlord = new(rows.GetString(2)),
                Cluster = rows.IsDBNull(3) ? null : new ClusterId(rows.GetString(3)),
                Position = rows.IsDBNull(4) ? null : rows.GetString(4),
                ReadUntil = InstantIn(rows, 5),
                Waiting = rows.IsDBNull(6) ? null : rows.GetInt64(6),
                Accepted = rows.GetInt64(7),
                Duplicate = rows.GetInt64(8),
                Quarantined = rows.GetInt64(9),
                Ignored = rows.GetInt64(10),
                TriedAt = InstantIn(rows, 11),
                SucceededAt = InstantIn(rows, 12),
                Failures = rows.GetInt32(13),
                Why = rows.IsDBNull(14) ? null : rows.GetString(14),
                Gaps = [.. gaps[rows.GetString(0)].Select(gap => gap.Gap)],
            });
        }

        return states;
    }

    /// <summary>
    /// Makes this the only process that runs the collector, until what is returned is disposed; null when another
    /// does already.
    /// </summary>
    internal async Task<IAsyncDisposable?> Own(string name, CancellationToken ct)
    {
        var connection = await database.OpenConnectionAsync(ct);
        await using var command = connection.Statement(
            "select pg_try_advisory_lock(hashtext('metering.collector'), hashtext($1))", [name]);
        if ((bool)(await command.ExecuteScalarAsync(ct))!)
        {
            return new Owned(connection, name);
        }

        await connection.DisposeAsync();
        return null;
    }

    internal async Task Begin(CollectorIdentity who, Instant now, CancellationToken ct)
    {
        const string Sql = """
            insert into metering.collector (name, kind, landlord, cluster, tried_at)
            values ($1, $2, $3, nullif($4, ''), $5)
            on conflict (name) do update set kind = $2, landlord = $3, cluster = nullif($4, ''), tried_at = $5
            """;
        await database.Execute(
            Sql, [who.Name, who.Kind, who.Landlord.Value, who.Cluster?.Value ?? "", now], ct);
    }

    internal async Task Move(string name, CollectorStep step, CancellationToken ct)
    {
        const string Sql = """
            update metering.collector
            set position = $2, read_until = greatest(read_until, $3), waiting = $4, accepted = accepted + $5,
                duplicate = duplicate + $6, quarantined = quarantined + $7, ignored = ignored + $8
            where name = $1
            """;
        await database.Execute(
            Sql,
            [
                name, step.Position, OrNull(step.ReadUntil), OrNull(step.Waiting),
                step.Outcome.Accepted, step.Outcome.Duplicate, step.Outcome.Quarantined, step.Ignored,
            ], ct);
    }

    internal Task Succeeded(string name, Instant now, CancellationToken ct) => database.Execute(
        "update metering.collector set succeeded_at = $2, failures = 0, why = null where name = $1",
        [name, now], ct);

    internal Task Failed(string name, string why, CancellationToken ct) => database.Execute(
        "update metering.collector set failures = failures + 1, why = $2 where name = $1", [name, why], ct);

    /// <summary>Notes what of a window is missing now, in place of what was missing of it before.</summary>
    internal async Task Noted(
        string name, Period window, IEnumerable<Period> missing, Instant now, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        var known = (await Gaps(connection, ct))[name].Select(gap => gap.Gap).ToList();
        var after = Live.Gaps.After(known, window, missing, now);
        if (after.SequenceEqual(known))
        {
            return;
        }

        await using var transaction = await connection.BeginTransactionAsync(ct);
        await connection.Execute("delete from metering.collector_gap where collector = $1", [name], ct);
        foreach (var gap in after)
        {
            await connection.Execute(
                "insert into metering.collector_gap values ($1, $2, $3, $4)",
                [
                    name, gap.Period.Start, gap.Period.End,
                    gap.NoticedAt,
                ], ct);
        }

        await transaction.CommitAsync(ct);
    }

    internal async Task<bool> HasTaken(string collector, byte[] sha256, CancellationToken ct)
    {
        await using var command = database.Statement(
            "select count(*) from metering.collected_file where collector = $1 and sha256 = $2", [collector, sha256]);
        return (long)(await command.ExecuteScalarAsync(ct))! > 0;
    }

    /// <summary>The names of the files that a collector took.</summary>
    internal Task<IReadOnlyList<string>> Files(string collector, CancellationToken ct) =>
        database.Texts(
            "select distinct file from metering.collected_file where collector = $1 order by 1", [collector], ct);

    internal Task MarkAccepted(string collector, byte[] sha256, string file, Instant now, CancellationToken ct) =>
        database.Execute(
        "insert into metering.collected_file values ($1, $2, $3, $4) on conflict do nothing",
        [collector, sha256, file, now], ct);

    private static async Task<ILookup<string, (string Collector, CollectorGap Gap)>> Gaps(
        NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select collector, from_at, to_at, noticed_at
            from metering.collector_gap
            order by collector, from_at
            """;
        await using var command = connection.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var gaps = new List<(string Collector, CollectorGap Gap)>();
        while (await rows.ReadAsync(ct))
        {
            gaps.Add((rows.GetString(0), new(
                new(InstantIn(rows, 1)!.Value, InstantIn(rows, 2)!.Value), InstantIn(rows, 3)!.Value)));
        }

        return gaps.ToLookup(gap => gap.Collector);
    }

    private static Instant? InstantIn(NpgsqlDataReader rows, int column) =>
        rows.IsDBNull(column) ? null : rows.GetFieldValue<Instant>(column);

    private static object OrNull<T>(T? value) where T : struct => value is { } known ? known : DBNull.Value;

    /// <summary>The session that holds a collector's lock.</summary>
    private sealed class Owned(NpgsqlConnection connection, string name) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                await connection.Execute(
                    "select pg_advisory_unlock(hashtext('metering.collector'), hashtext($1))", [name],
                    CancellationToken.None);
            }
            catch (NpgsqlException)
            {
                NpgsqlConnection.ClearPool(connection); // The server is away, and its locks are gone with it.
            }

            await connection.DisposeAsync();
        }
    }
}

/// <summary>How far a collector came with one batch.</summary>
internal sealed record CollectorStep(
    string Position, Instant? ReadUntil, long? Waiting, IngestOutcome Outcome, long Ignored);
