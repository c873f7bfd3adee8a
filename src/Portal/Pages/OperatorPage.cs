using Exchange.Metering.Collectors.Live;
using Exchange.Portal.Collecting;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /operator — collectors and their lag, what waits in quarantine, jobs, and the database.</summary>
public sealed partial class OperatorPage
{
    private const int MaxQuarantined = 10_000;

    /// <summary>What comes in, from whom, and how much of it waits.</summary>
    public sealed record Sources(IListing Collectors, Plot Accepted, IListing Months)
    {
        /// <summary>Readings in quarantine, in words: no more are counted than up to a bound.</summary>
        public required string Waiting { get; init; }

        /// <summary>The reasons that readings wait for, each with where all of them are decided at once.</summary>
        public required ITable Reasons { get; init; }

        public required long Heard { get; init; }

        public required long Silent { get; init; }

        public required Store Store { get; init; }

        /// <summary>How far each collector is behind; null where none runs.</summary>
        public ITable? Behind { get; init; }

        /// <summary>What collectors brought; null where none runs.</summary>
        public Plot? Came { get; init; }
    }

    /// <summary>How large the stores are, and how far read models are behind the journal.</summary>
    public sealed record Store(long Blocks, long Readings, long Events, long Behind, long Bytes);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/operator", Get)
        .RequireAuthorization(Permissions.SeeMeters).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, IClock clock, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var states = await Operating.Collectors(exchange, ct);
        var collectors = List(states, now);
        if (collectors.Answer(http) is { } file)
        {
            return file;
        }

        var reasons = await exchange.Meter.WaitingByReason(MaxQuarantined, ct);
        var waiting = reasons.Sum(one => one.Readings);
        var state = await Operating.Database(exchange, ct);
        var sources = await WatchSources.All(exchange, ct);
        var months = await MonthSpend.Months(view, ct);
        var taken = await Operating.AcceptedByDay(exchange, now.InUtc().Date, ct);
        var rated = Rated(months);
        return rated.Answer(http) ?? Page.Of<OperatorPage, Sources>(
            http, "Data sources", new(collectors, AcceptedPlot(taken), rated)
            {
                Waiting = $"{Show.Of((long)waiting)}{(waiting == MaxQuarantined ? " or more" : "")}",
                Reasons = Reasons(reasons),
                Heard = sources.Count,
                Silent = sources.Count(one => one.IsSilent(now)),
                Store = new(state.Blocks, state.Readings, state.Events, state.Behind, state.Bytes),
                Behind = states.Count > 0 ? Behind(states, now) : null,
                Came = states.Count > 0 ? Came(states) : null,
            });
    }

    private static TableOf<(string Reason, int Readings)> Reasons(
        IReadOnlyList<(string Reason, int Readings)> waiting) => new("Waiting in quarantine, by reason", waiting,
    [
        Column<(string Reason, int Readings)>.Link(
            "Reason", one => one.Reason, one => QuarantineBulkPage.Href(one.Reason)),
        Column<(string Reason, int Readings)>.Number("Readings", one => (decimal)one.Readings),
    ], "Nothing waits in quarantine.");

    private static Listing<MonthSpend.Rated> Rated(IReadOnlyList<MonthSpend.Rated> months) => new(
        "months", "When each month was last rated", months,
        [
            Column<MonthSpend.Rated>.Month("Month", m => m.Month),
            Column<MonthSpend.Rated>.Time("Rated", m => m.At),
            Column<MonthSpend.Rated>.Number("Charges", m => (decimal)m.Charges),
            Column<MonthSpend.Rated>.Number("Unpriced", m => (decimal)m.Unpriced),
            new("State", m => m.IsClosed ? Cell.Tag("closed", "good") : Cell.Tag("open", "")),
        ], "No month was rated yet.");

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
        ], "No collector runs here. Usage may still come over HTTP and from files.")
    {
        Act = new("Sources", SourcesPage.Path),
    };
}
