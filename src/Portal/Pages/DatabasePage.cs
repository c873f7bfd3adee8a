using Exchange.Journal;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /operator/database — how large everything is, who is connected, since when readings are kept, and which steps of
/// the tables were applied.
/// </summary>
public sealed partial class DatabasePage
{
    /// <summary>Sizes and ages, who is connected, and what made the tables.</summary>
    public sealed record Store(Whole Whole, ITable Connections, IListing Tables, ITable Steps)
    {
        /// <summary>Why what is known of readings could not be merged; null when it could.</summary>
        public string? NotMerged { get; init; }

        /// <summary>How many databases lanes are in.</summary>
        public required int Lanes { get; init; }

        /// <summary>Which server owns which lane; null where one owns all.</summary>
        public ITable? Owners { get; init; }

        public required long Connected { get; init; }

        public required long Blocks { get; init; }

        public required long Events { get; init; }

        /// <summary>How many events read models have not read yet.</summary>
        public required long Behind { get; init; }

        /// <summary>How long ago the newest block began; 'none' without one.</summary>
        public required string Newest { get; init; }
    }

    /// <summary>Sizes and ages of the whole database.</summary>
    public sealed record Whole(
        string Version, long Bytes, int MostConnections, Instant Since, Instant? OldestBlock, Instant? NewestBlock);

    private sealed record TableSize(string Schema, string Name, long? Rows, long Bytes);

    private sealed record Connections(string State, string Program, long Count, Instant? Oldest);

    private sealed record Step(string Module, int Number, string Name, Instant At);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/operator/database", Get)
        .RequireAuthorization(Permissions.SeeMeters).ExcludeFromDescription();

    private static async Task<IResult> Get(HttpContext http, Composition exchange, IClock clock, CancellationToken ct)
    {
        await using var connection = await Operating.Catalogs(exchange, ct);
        var tables = await Tables(connection, ct);
        var listing = List(tables);
        if (listing.Answer(http) is { } file)
        {
            return file;
        }

        var whole = await WithLanes(await All(connection, ct), exchange, ct);
        var connections = await Connected(connection, ct);
        var stores = await Operating.Database(exchange, ct);
        return Page.Of<DatabasePage, Store>(http, "Database", new(
            whole, List(connections), listing, StepsDone(await Steps(connection, ct)))
        {
            NotMerged = exchange.Meter.NotMerged,
            Lanes = (await exchange.Meter.Databases(ct)).Count,
            Owners = await Owners(exchange, ct),
            Connected = connections.Sum(c => c.Count),
            Blocks = stores.Blocks,
            Events = stores.Events,
            Behind = stores.Behind,
            Newest = whole.NewestBlock is { } newest
                ? $"{Operating.Ago(clock.GetCurrentInstant() - newest)} ago" : "none",
        });
    }

    private static TableOf<Connections> List(IReadOnlyList<Connections> connections) => new(
        "Who is connected to it", connections,
        [
            Column<Connections>.Words("Program", c => c.Program),
            Column<Connections>.Words("State", c => c.State),
            Column<Connections>.Number("Connections", c => (decimal)c.Count),
            Column<Connections>.Time("Oldest transaction", c => c.Oldest),
        ], "Nobody.");

    private static TableOf<Step> StepsDone(IReadOnlyList<Step> steps) => new(
        "What made the tables, newest first", steps,
        [
            Column<Step>.Words("Module", s => s.Module),
            Column<Step>.Number("Step", s => (decimal)s.Number),
            Column<Step>.Words("Name", s => s.Name),
            Column<Step>.Time("Applied", s => s.At),
        ], "None.");

    private static Listing<TableSize> List(IReadOnlyList<TableSize> tables) =>
        new("tables", "Tables, with their indexes", tables,
        [
            Column<TableSize>.Words("Schema", t => t.Schema),
            Column<TableSize>.Words("Table", t => t.Name),
            Column<TableSize>.Number(
                "Rows, about", t => t.Rows is { } rows ? Show.Of(rows) : "not counted yet", t => t.Rows) with
            {
                Plain = t => $"{t.Rows}",
            },
            Column<TableSize>.Number("Size", t => Size(t.Bytes), t => t.Bytes) with { Plain = t => $"{t.Bytes}" },
        ], "There are no tables.");

    private static async Task<ITable?> Owners(Composition exchange, CancellationToken ct)
    {
        var owners = await Operating.OwnersOfLanes(exchange, ct);
        return owners.Count == 0 ? null : new TableOf<KeyValuePair<int, string>>(
            "Which server owns which lane", [.. (await exchange.Meter.LaneNames(ct)).OrderBy(lane => lane.Key)],
            [
                Column<KeyValuePair<int, string>>.Words("Lane", lane => lane.Value),
                Column<KeyValuePair<int, string>>.Words(
                    "Owner", lane => owners.GetValueOrDefault(lane.Key, "none now")),
            ], "There are no lanes.");
    }

    private static string Size(long bytes) => bytes switch
    {
        < 1 << 20 => $"{Show.Of((bytes + 1_023) / 1_024)} KiB",
        < 10L << 30 => $"{Show.Of(bytes >> 20)} MiB",
        _ => $"{Show.Of(bytes >> 30)} GiB",
    };

    /// <summary>The blocks of lanes that are in databases of their own are some of all.</summary>
    private static async Task<Whole> WithLanes(Whole whole, Composition exchange, CancellationToken ct)
    {
        foreach (var lane in (await exchange.Meter.Databases(ct)).Skip(1))
        {
            await using var other = await lane.OpenConnectionAsync(ct);
            var one = await All(other, ct);
            whole = whole with
            {
                OldestBlock = ((Instant?[])[whole.OldestBlock, one.OldestBlock]).Min(),
                NewestBlock = ((Instant?[])[whole.NewestBlock, one.NewestBlock]).Max(),
            };
        }

        return whole;
    }

    private static async Task<Whole> All(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select current_setting('server_version'), pg_database_size(current_database()),
                   current_setting('max_connections')::int, pg_postmaster_start_time(),
                   (select to_timestamp(min(from_us) / 1e6) from metering.block),
                   (select to_timestamp(max(from_us) / 1e6) from metering.block)
            """;

        await using var command = connection.Statement(Sql, []);
        await using var row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        return new(row.GetString(0), row.GetInt64(1), row.GetInt32(2), At(row, 3)!.Value, At(row, 4), At(row, 5));
    }

    private static async Task<IReadOnlyList<TableSize>> Tables(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select n.nspname, c.relname, nullif(c.reltuples, -1)::bigint, pg_total_relation_size(c.oid)
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            where c.relkind = 'r' and n.nspname in
              ('journal', 'metering', 'rating', 'invoicing', 'servers', 'exchange', 'public')
            order by 4 desc, 1, 2
            limit 500
            """;

        return await Read(connection, Sql, row => new TableSize(
            row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetInt64(2), row.GetInt64(3)), ct);
    }

    private static async Task<IReadOnlyList<Connections>> Connected(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select coalesce(state, backend_type, 'unknown'), coalesce(nullif(application_name, ''), 'exchange'),
                   count(*), min(xact_start)
            from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()
            group by 1, 2
            order by 3 desc, 1, 2
            limit 100
            """;

        return await Read(connection, Sql, row => new Connections(
            row.GetString(0), row.GetString(1), row.GetInt64(2), At(row, 3)), ct);
    }

    private static async Task<IReadOnlyList<Step>> Steps(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select module, number, name, applied_at
            from journal.schema_step
            order by applied_at desc, module, number desc
            limit 500
            """;

        return await Read(connection, Sql, row => new Step(
            row.GetString(0), row.GetInt32(1), row.GetString(2), At(row, 3)!.Value), ct);
    }

    private static async Task<IReadOnlyList<T>> Read<T>(
        NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        await using var command = connection.Statement(sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<T>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(read(rows));
        }

        return found;
    }

    private static Instant? At(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<Instant>(column);
}
