using System.Text.Json;
using Exchange.Invoicing;
using Exchange.Invoicing.Explaining;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Metering.Collectors.Live;
using Exchange.Portal.ReadModels;
using Exchange.Rating;
using NodaTime;
using Npgsql;

namespace Exchange.Portal;

/// <summary>
/// What an operator asks of the exchange itself: its collectors, its database, and whether all is unchanged.
/// </summary>
internal static class Operating
{
    /// <summary>How large the stores are, and how far read models are behind the journal.</summary>
    public sealed record Stores(long Blocks, long Readings, long Events, long Behind, long Bytes);

    public static Task<IReadOnlyList<CollectorState>> Collectors(Composition exchange, CancellationToken ct) =>
        new CollectorLog(exchange.Database).All(ct);

    /// <summary>Reads what the database says of itself, which is nobody's and so behind no wall.</summary>
    public static ValueTask<NpgsqlConnection> Catalogs(Composition exchange, CancellationToken ct) =>
        exchange.Views.OpenConnectionAsync(ct);

    /// <summary>Which server owns each lane, where several share them.</summary>
    public static Task<IReadOnlyDictionary<int, string>> OwnersOfLanes(Composition exchange, CancellationToken ct) =>
        Servers.LaneOwners.Read(exchange.Database, ct);

    public static async Task<Stores> Database(Composition exchange, CancellationToken ct)
    {
        const string Elsewhere = """
            select (select count(*) from metering.block),
                (select coalesce(sum(readings), 0)::bigint from metering.block),
                0::bigint, 0::bigint, pg_database_size(current_database())
            """;
        const string Sql = """
            with newest as (select position from journal.head)
            select (select count(*) from metering.block),
                (select coalesce(sum(readings), 0)::bigint from metering.block),
                   newest.position,
                   greatest(newest.position - coalesce((select min(position) from journal.checkpoint), 0), 0),
                   pg_database_size(current_database())
            from newest
            """;

        var all = await Of(exchange.Database, Sql, ct);
        foreach (var lane in (await exchange.Meter.Databases(ct)).Skip(1))
        {
            var one = await Of(lane, Elsewhere, ct);
            all = all with
            {
                Blocks = all.Blocks + one.Blocks,
                Readings = all.Readings + one.Readings,
                Bytes = all.Bytes + one.Bytes,
            };
        }

        return all;
    }

    private static async Task<Stores> Of(NpgsqlDataSource database, string sql, CancellationToken ct)
    {
        await using var command = database.Statement(sql, []);
        await using var row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        return new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4));
    }

    /// <summary>How many readings the blocks of each of the last thirty days hold.</summary>
    public static async Task<IReadOnlyList<(LocalDate Day, long Readings)>> AcceptedByDay(
        Composition exchange, LocalDate today, CancellationToken ct)
    {
        const string Sql = """
            select from_us / 86400000000 - $1, sum(readings)::bigint
            from metering.block
            where from_us >= $1 * 86400000000
            group by 1
            order by 1
            limit 1000
            """;

        var first = today.PlusDays(-29);
        var since = NodaTime.Period.DaysBetween(new(1970, 1, 1), first);
        var found = new Dictionary<long, long>();
        foreach (var database in await exchange.Meter.Databases(ct))
        {
            await using var command = database.Statement(Sql, [(long)since]);
            await using var rows = await command.ExecuteReaderAsync(ct);
            while (await rows.ReadAsync(ct))
            {
                found[rows.GetInt64(0)] = found.GetValueOrDefault(rows.GetInt64(0)) + rows.GetInt64(1);
            }
        }

        return [.. Enumerable.Range(0, 30).Select(n => (first.PlusDays(n), found.GetValueOrDefault(n)))];
    }

    /// <summary>Checks every hash, folds every stream again, adds up every invoice again; changes nothing.</summary>
    /// <param name="heads">Files of signed heads that somebody held, beside those of the data directory.</param>
    public static async Task<(long Events, int Invoices, IReadOnlyList<string> Wrong)> Verify(
        Composition exchange, Action<string> step, CancellationToken ct, IReadOnlyList<string>? heads = null)
    {
        var kept = await exchange.Heads.Read(heads ?? [], ct);
        var books = new VerifyBooks();
        var events = (await Database(exchange, ct)).Events;
        var linked = 0L;
        var chain = await VerifyChain.Run(exchange.Journal, exchange.Database, recorded =>
        {
            books.Add(recorded);
            if (++linked % 500 == 0)
            {
                ct.ThrowIfCancellationRequested();
                step($"Linking the journal: {linked} of {events} events …");
            }
        }, ct);
        List<string> wrong = [.. chain.Wrong is { } broken ? [broken] : Array.Empty<string>(), .. books.Finish(),
            .. await HeadFiles.Compare(kept, exchange.Database, ct)];
        step("Comparing what closes kept …");
        wrong.AddRange(await VerifyKept.Run(exchange.Database, books.Months, books.LinesOf, ct));
        step("Linking and folding the blocks …");
        wrong.AddRange((await exchange.Meter.Verify(ct)).Select(refusal =>
            $"{(refusal.Where is { } place ? $"{place}: " : "")}{refusal.Message.TrimEnd('.')}"));
        try
        {
            step("Comparing the documents …");
            await exchange.Projections.CatchUp(ct);
            wrong.AddRange(await KeepDocuments.Verify(exchange.Database, ct));
            wrong.AddRange(await VerifyReadModels.Run(exchange, step, ct));
        }
        catch (JsonException) when (chain.Wrong is not null)
        {
            wrong.Add("read models: not compared, because the event that is wrong cannot be read");
        }

        return (chain.Events, books.Invoices, wrong);
    }

    /// <summary>Drops every read model and builds it again. Stopped in between, it goes on where it was left.</summary>
    public static async Task Replay(Composition exchange, Action<string> step, CancellationToken ct)
    {
        step("Folding the blocks …");
        await exchange.Meter.Replay(ct);
        await exchange.Projections.Rebuild(step, ct);
        await new MonthSums(exchange.Meter, exchange.Database).Forget(ct);
        await RateMonths.Forget(exchange.Database, ct);
        await RateMonths.Run(exchange, step, ct);
    }

    /// <summary>How far behind a collector is that read up to an instant, or has not read yet.</summary>
    public static string Lag(Instant? readUntil, Instant now) =>
        readUntil is { } until ? Ago(now - until) : "never read";

    /// <summary>'3 d 4 h', '12 min'.</summary>
    public static string Ago(Duration span) => span < Duration.Zero ? "none"
        : span.Days > 0 ? $"{span.Days} d {span.Hours} h"
        : span.Hours > 0 ? $"{span.Hours} h {span.Minutes} min"
        : $"{span.Minutes} min";
}
