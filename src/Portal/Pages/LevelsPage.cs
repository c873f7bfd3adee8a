using System.Globalization;
using Exchange.Journal;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /landlord/levels — how much of each month a landlord's clusters worked, the outages that say so, and how far its
/// collectors are.
/// </summary>
public sealed partial class LevelsPage
{
    /// <summary>What a landlord promises, what did not work, and how far its collectors are.</summary>
    public sealed record Levels(
        LevelsBox.Promises Promises, IListing Outages, IListing Availability, ITable Collectors)
    {
        /// <summary>The names of the outages.</summary>
        public required IReadOnlyList<string> Names { get; init; }

        /// <summary>The version of all outages.</summary>
        public required string Edition { get; init; }
    }

    private const int Months = 12;

    /// <summary>How much of a month a cluster did not work.</summary>
    internal sealed record Level(ClusterId Cluster, BillingMonth Month, Duration Out, Duration Whole)
    {
        /// <summary>In percent, three places, never rounded up to what it was not.</summary>
        public decimal Percent => Whole <= Duration.Zero ? 100
            : decimal.Floor((decimal)(Whole - Out).TotalMilliseconds / (decimal)Whole.TotalMilliseconds * 100_000)
                / 1_000;
    }

    /// <summary>A collector as the landlord whose services it reads sees it.</summary>
    private sealed record Collector(
        string Name, string Kind, string Cluster, Instant? ReadUntil, long Accepted, long Duplicate, long Quarantined,
        int Failures, string Why);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/landlord/levels", Get)
        .RequireAuthorization(Permissions.SeeSales).ExcludeFromDescription();

    private static Task<IResult> Get(HttpContext http, View view, Composition exchange, CancellationToken ct) =>
        Draw(http, view, exchange, Form.Empty, ct);

    internal static async Task<IResult> Draw(
        HttpContext http, View view, Composition exchange, Form form, CancellationToken ct)
    {
        var (landlord, now) = (Viewer.Needed(http).Landlord!.Value, exchange.Clock.GetCurrentInstant());
        var books = await LoadPriceBooks.Run(exchange.Journal, ct);
        var edition = await ETag.Of(exchange, [ExchangeLists.Fold.StreamOf(ExchangeLists.Id)], ct);
        var outages = books.Outages.Where(o => o.Landlord == landlord)
            .OrderByDescending(o => o.From).ToList();
        var clusters = books.List().Where(s => s.Sheet.Landlord == landlord).SelectMany(s => s.Sheet.Clusters)
            .Distinct().OrderBy(c => c.Value, StringComparer.Ordinal).ToList();
        var collectors = await Collectors(view, landlord, ct);
        var listing = Availability(outages, clusters, now);
        var services = books.List().Where(s => s.Sheet.Landlord == landlord).Select(s => s.Sheet.Service).Distinct()
            .Order(StringComparer.Ordinal);
        var known = Known(outages, now);
        return listing.Answer(http) ?? known.Answer(http) ?? Page.Of<LevelsPage, Levels>(http, "Service levels", new(
            LevelsBox.PromisesOf(LevelRow.Of(books, landlord, BillingMonth.Of(now), now), [.. services]),
            known, listing, Reading(collectors, now))
        {
            Names = [.. outages.Select(one => one.Name)],
            Edition = edition.Version,
        }, form);
    }

    private static Listing<Level> Availability(
        IReadOnlyList<Outage> outages, IReadOnlyList<ClusterId> clusters, Instant now)
    {
        var months = new List<BillingMonth>();
        for (var (month, n) = (BillingMonth.Of(now), 0); n < Months; (month, n) = (month.Previous, n + 1))
        {
            months.Add(month);
        }

        return new("levels", "Availability", [.. months.SelectMany(m => clusters.Select(c => Of(outages, c, m, now)))],
        [
            Column<Level>.Words("Cluster", l => l.Cluster.Value),
            Column<Level>.Month("Month", l => l.Month),
            new("Uptime, of the time so far", l => Cell.Tag(
                $"{l.Percent.ToString("0.000", CultureInfo.InvariantCulture)} %",
                l.Out == Duration.Zero ? "good" : "warn"), IsNumber: true,
                l => l.Percent.ToString("0.000", CultureInfo.InvariantCulture), l => l.Percent),
            Column<Level>.Number("Downtime (hours)",
                l => decimal.Round((decimal)l.Out.TotalHours, 2, MidpointRounding.ToEven)),
        ], "No cluster is sold yet.");
    }

    private static Listing<Outage> Known(IReadOnlyList<Outage> outages, Instant now) => new(
        "outages", "Outages of your clusters, the newest first", outages,
        [
            Column<Outage>.Words("Name", o => o.Name),
            Column<Outage>.Words("Clusters", o => string.Join(", ", o.Clusters)),
            Column<Outage>.Time("From", o => o.From),
            new("Until", o => o.Until is { } until
                ? Cell.Time(Show.Of(until)) : Cell.Tag("lasts", good: false),
                Plain: o => o.Until is { } until ? Exchange.Text.Of(until) : "lasts", Key: o => o.Until ?? now),
            Column<Outage>.Words("Lasted", o => o.From > now ? "" : Operating.Ago((o.Until ?? now) - o.From)),
            Column<Outage>.Words("Kind", o => ServiceLevel.Word(o.Kind)),
            Column<Outage>.Words("Reason", o => o.Reason),
        ], "No outage is known. Declare one below when something of yours does not work.");

    private static TableOf<Collector> Reading(IReadOnlyList<Collector> collectors, Instant now) => new(
        "What reads your services", collectors,
        [
            Column<Collector>.Words("Name", c => c.Name),
            Column<Collector>.Words("Cluster", c => c.Cluster),
            Column<Collector>.Time("Read until", c => c.ReadUntil),
            Column<Collector>.Words("Lag", c => Operating.Lag(c.ReadUntil, now)),
            Column<Collector>.Number("Accepted", c => (decimal)c.Accepted),
            Column<Collector>.Number("Duplicate", c => (decimal)c.Duplicate),
            Column<Collector>.Number("Quarantined", c => (decimal)c.Quarantined),
            Column<Collector>.State("State", c => c.Failures == 0 ? "well" : $"failed {c.Failures} times",
                c => c.Failures == 0),
            Column<Collector>.Words("Why", c => c.Why),
        ], "No collector of the exchange reads your services. You send usage yourself, with a key.");

    /// <summary>Of a month that is not over, what has passed of it counts.</summary>
    internal static Level Of(IReadOnlyList<Outage> outages, ClusterId cluster, BillingMonth month, Instant now)
    {
        var end = Instant.Min(month.End, now);
        var spans = outages.Where(o => o.Clusters.Contains(cluster))
            .Select(o => (Start: Instant.Max(month.Start, o.From).ToUnixTimeTicks(),
                End: Instant.Min(end, o.Until ?? end).ToUnixTimeTicks()))
            .Where(span => span.Start < span.End);
        var gone = Duration.FromTicks(Outage.Merged(spans).Sum(span => span.End - span.Start));
        return new(cluster, month, gone, end > month.Start ? end - month.Start : Duration.Zero);
    }

    private static async Task<IReadOnlyList<Collector>> Collectors(
        View view, LandlordId landlord, CancellationToken ct)
    {
        const string Sql = """
            select name, kind, coalesce(cluster, ''), read_until, accepted, duplicate, quarantined, failures,
                   coalesce(why, '')
            from metering.collector
            where landlord = $1
            order by name
            limit 1000
            """;

        await using var command = await view.Command(Sql, ct);
        command.Parameters.Add(new() { Value = landlord.Value });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<Collector>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                rows.GetString(0), rows.GetString(1), rows.GetString(2),
                rows.IsDBNull(3) ? null : rows.GetFieldValue<Instant>(3), rows.GetInt64(4),
                rows.GetInt64(5), rows.GetInt64(6), rows.GetInt32(7), rows.GetString(8)));
        }

        return found;
    }
}
