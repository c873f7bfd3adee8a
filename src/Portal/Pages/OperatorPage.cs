using Exchange.Metering;
using Exchange.Metering.Collectors.Live;
using Exchange.Portal.Collecting;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /operator — collectors and their lag, what waits in quarantine, jobs, and the database.</summary>
internal static class OperatorPage
{
    private const int MaxQuarantined = 10_000;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/operator", Get).RequireAuthorization(Permissions.SeeMeters).ExcludeFromDescription();
    }

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, IClock clock, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var states = await Operating.Collectors(exchange, ct);
        var collectors = List(states, now);
        if (collectors.IsAskedFor(http))
        {
            return collectors.Csv(http);
        }

        var waiting = await exchange.Meter.WaitingInQuarantine(MaxQuarantined, ct);
        var state = await Operating.Database(exchange, ct);
        var sources = await WatchSources.All(exchange, ct);
        var months = await MonthSpend.Months(view, ct);
        var taken = await Operating.AcceptedByDay(exchange, now.InUtc().Date, ct);
        return Layout.Page(http, "Data sources", Html.Of($"""
            {Cards(state, waiting, sources, now)}
            <h2>Collectors</h2>
            {collectors.Of(http)}
            {Html.If(states.Count > 0, () => Html.Of($"{Behind(states, now).Written}{Chart.Of(Came(states))}"))}
            <h2>Readings</h2>
            <p><a href="{CorrectionsPage.Path}">Correct usage</a> that was reported wrong, or collect a window
            again.</p>
            {Chart.Of(AcceptedPlot(taken))}
            <h2>Rating of months</h2>
            {new Listing<MonthSpend.Rated>("months", "When each month was last rated", months, [
                Column<MonthSpend.Rated>.Month("Month", m => m.Month),
                Column<MonthSpend.Rated>.Time("Rated", m => m.At),
                Column<MonthSpend.Rated>.Number("Charges", m => (decimal)m.Charges),
                Column<MonthSpend.Rated>.Number("Unpriced", m => (decimal)m.Unpriced),
                new("State", m => m.IsClosed ? Tag.Of("closed", "good") : Tag.Of("open", "")),
            ], "No month was rated yet.").Of(http)}
            <h2>Verify and replay</h2>
            <p><a href="/jobs/verify">Verify</a> checks every hash, invoice and block; <a href="/jobs/replay">replay</a>
            builds every read model again.</p>
            """));
    }

    private static Html Cards(Operating.Stores state, int waiting, IReadOnlyList<HeardSource> sources, Instant now) =>
        Card.Row(
            Card.Of("Waiting in quarantine", waiting == MaxQuarantined ? $"{Show.Of((long)waiting)} or more"
                : Show.Of((long)waiting), Html.Of($"""<a href="/operator/quarantine">look at them</a>""")),
            Card.Of("Silent sources", Show.Of((long)sources.Count(one => one.IsSilent(now))), Html.Of($"""
                <a href="/operator/sources">of {Show.Of((long)sources.Count)} sources</a>
                """)),
            Card.Of("Blocks of readings", Show.Of(state.Blocks), Html.Of($"{Show.Of(state.Readings)} readings")),
            Card.Of("Events", Show.Of(state.Events), Html.Of($"read models are {Show.Of(state.Behind)} behind")),
            Card.Of("Database", $"{Show.Of(state.Bytes / (1 << 20))} MiB"));

    /// <summary>Whoever is furthest behind stands first; one that never read anything is in the table above.</summary>
    private static TableOf<CollectorState> Behind(IEnumerable<CollectorState> states, Instant now) => Chart.Bars(
        "How far collectors are behind",
        [.. states.Where(c => c.ReadUntil is not null).OrderBy(c => c.ReadUntil)],
        Column<CollectorState>.Words("Collector", c => c.Name),
        Column<CollectorState>.Words("Lag", c => Operating.Lag(c.ReadUntil, now)),
        c => (long)(now - c.ReadUntil!.Value).TotalSeconds, "No collector has read anything yet.");

    private static Plot AcceptedPlot(IReadOnlyList<(LocalDate Day, long Readings)> taken) => new(
        "taken", "Readings of each day, by the day on which their block begins", "Day",
        [.. taken.Select(t => Show.Of(t.Day))], [new("readings", [.. taken.Select(t => t.Readings)])])
    { IsMoney = false };

    private static Plot Came(IReadOnlyList<CollectorState> states) => new(
        "came", "What collectors brought", "Collector", [.. states.Select(s => s.Name)],
        [
            new("accepted", [.. states.Select(s => s.Accepted)]),
            new("duplicate", [.. states.Select(s => s.Duplicate)]),
            new("quarantined", [.. states.Select(s => s.Quarantined)]),
        ])
    { IsMoney = false };

    private static Listing<CollectorState> List(IReadOnlyList<CollectorState> collectors, Instant now) => new(
        "collectors", "Collectors", collectors,
        [
            Column<CollectorState>.Words("Name", c => c.Name),
            Column<CollectorState>.Words("Landlord", c => c.Landlord.Value),
            Column<CollectorState>.Words("Kind", c => c.Kind),
            Column<CollectorState>.Time("Read until", c => c.ReadUntil),
            Column<CollectorState>.Words("Lag", c => Operating.Lag(c.ReadUntil, now)),
            Column<CollectorState>.Number("Accepted", c => (decimal)c.Accepted),
            Column<CollectorState>.Number("Duplicate", c => (decimal)c.Duplicate),
            Column<CollectorState>.Number("Quarantined", c => (decimal)c.Quarantined),
            Column<CollectorState>.State("State", c => c.Failures == 0 ? "well" : $"failed {c.Failures} times",
                c => c.Failures == 0),
            Column<CollectorState>.Words("Why", c => c.Why),
        ], "No collector runs here. Usage may still come over HTTP and from files: see Sources.");
}
