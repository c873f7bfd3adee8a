using Exchange.Journal;
using Exchange.Portal.Collecting;
using Exchange.Portal.Jobs;
using NodaTime;

namespace Exchange.Portal.Diagnosing;

/// <summary>What the database says: that it answers, what time it has, who is silent, and which jobs failed.</summary>
internal static class DatabaseChecks
{
    private const int MaxNamed = 5;
    private static readonly Duration Apart = Duration.FromSeconds(2);
    private static readonly Duration FarApart = Duration.FromMinutes(1);

    /// <summary>It is looked at only: a directory without a database is not given one.</summary>
    /// <param name="world">What a failure of the database is called; null where it is no such failure.</param>
    public static async Task<IReadOnlyList<Finding>> Run(
        DataLocation place, IClock clock, Func<Exception, Refusal?> world, CancellationToken ct)
    {
        if (place.Database is null && !EmbeddedCluster.IsMade(place.Data))
        {
            return [NotMade(place)];
        }

        try
        {
            await using var exchange = await Composition.Open(place, clock, ct);
            return
            [
                await Answers(exchange, ct), await Time(exchange, ct), await Sources(exchange, ct),
                await Quarantine(exchange, ct), await Jobs(exchange, ct),
            ];
        }
        catch (RefusedException e)
        {
            return [Finding.Fail("database", e.Refusal)];
        }
        catch (Exception e) when (!ct.IsCancellationRequested && world(e) is { } failure)
        {
            return [Finding.Fail("database", failure)];
        }
    }

    private static Finding NotMade(DataLocation place)
    {
        try
        {
            EmbeddedCluster.CheckInstalled();
            return Finding.Warn(
                "database", $"there is none in {place.Data} yet", "the first 'exchange serve' makes it; or name the " +
                "directory with --data");
        }
        catch (RefusedException e)
        {
            return Finding.Fail("database", e.Refusal);
        }
    }

    private static async Task<Finding> Answers(Composition exchange, CancellationToken ct)
    {
        const string Sql = """
            select pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean,
                   current_setting('server_version'), pg_database_size(current_database())
            """;

        await using var command = exchange.Database.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        await rows.ReadAsync(ct);
        var says = $"PostgreSQL {rows.GetString(1)}, {rows.GetInt64(2) / (1 << 20)} MiB" +
            (exchange.Place.Database is null ? $", kept in {exchange.Place.Data}" : "");
        return rows.GetBoolean(0)
            ? Finding.Fail("database", $"{says}; it takes no changes", "point the exchange at the primary")
            : exchange.Meter.Damaged is { Count: > 0 } damaged
                ? Finding.Fail("database", $"{says}; {string.Join("; ", damaged)} cannot be read",
                    "restore what was stored from a backup, then 'exchange verify'")
                : Finding.Ok("database", says);
    }

    /// <summary>The database's clock beside ours, and what was recorded later than now.</summary>
    private static async Task<Finding> Time(Composition exchange, CancellationToken ct)
    {
        await using var command = exchange.Database.Statement("select clock_timestamp()", []);
        var theirs = (Instant)(await command.ExecuteScalarAsync(ct))!;
        var off = exchange.Clock.GetCurrentInstant() - theirs;
        off = off < Duration.Zero ? -off : off;
        var says = $"the database's clock is {off.TotalSeconds:0.0} s from this machine's";
        return off < Apart ? Finding.Ok("database clock", says)
            : off < FarApart ? Finding.Warn("database clock", says, "run a time service on both machines")
            : Finding.Fail("database clock", says, "set the clocks right, and run a time service on both machines");
    }

    private static async Task<Finding> Sources(Composition exchange, CancellationToken ct)
    {
        var now = exchange.Clock.GetCurrentInstant();
        var sources = await WatchSources.All(exchange, ct);
        var silent = sources.Where(one => one.IsSilent(now)).Select(one => one.Name).ToList();
        return sources.Count == 0
            ? Finding.Warn(
                "sources", "no source of usage was heard yet",
                "'exchange keys create --name NAME --landlord LANDLORD --scope usage' lets a collector in")
            : silent.Count == 0
                ? Finding.Ok("sources", $"{sources.Count} sources, none of them silent")
                : Finding.Warn(
                    "sources", $"{silent.Count} of {sources.Count} sources are silent: " +
                    $"{string.Join(", ", silent.Take(MaxNamed))}{(silent.Count > MaxNamed ? ", …" : "")}",
                    "see 'exchange sources list --silent'; have them report, or take off those that ended");
    }

    private static async Task<Finding> Quarantine(Composition exchange, CancellationToken ct)
    {
        const int Most = 1_000;
        var waiting = await exchange.Meter.WaitingInQuarantine(Most, ct);
        return waiting == 0
            ? Finding.Ok("quarantine", "nothing waits")
            : Finding.Warn(
                "quarantine", $"{(waiting == Most ? $"{Most} or more" : waiting)} readings wait",
                "see 'exchange quarantine list': what waits is not billed");
    }

    private static async Task<Finding> Jobs(Composition exchange, CancellationToken ct)
    {
        JobSettings settings;
        try
        {
            settings = JobSettings.Here();
        }
        catch (RefusedException e)
        {
            return Finding.Fail("jobs", e.Refusal);
        }

        await using var connection = await exchange.Database.OpenConnectionAsync(ct);
        var jobs = await JobList.Run(connection, AllJobs.Of(settings), ct);
        var failed = jobs.Where(job => job.State is "failed" or "died").ToList();
        return failed.Count == 0
            ? Finding.Ok("jobs", $"{jobs.Count(job => job.State != "off")} of {jobs.Count} are on, none failed")
            : Finding.Fail(
                "jobs", string.Join("; ", failed.Select(job => $"{job.Name} {job.State}: {job.Said}")),
                $"mend what it says, then: exchange jobs run {failed[0].Name}");
    }
}
