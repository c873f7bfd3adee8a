using System.Text.Json.Serialization;
using Exchange.Journal;
using Exchange.Portal.Alerts;
using Exchange.Portal.Commands;
using Exchange.Portal.ReadModels;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Demo;

/// <summary>
/// What was played: how many readings were sent and what became of them, and what each month came to.
/// </summary>
internal sealed record DemoOutcome(
    long Accepted, long Duplicate, long Quarantined, IReadOnlyList<DemoOutcome.MonthClosed> Months)
{
    /// <summary>A month that was closed in the demonstration.</summary>
    public sealed record MonthClosed(BillingMonth Month, Money Total, int Invoices);
}

/// <summary>
/// Plays a quarter of a year in an exchange with three landlords: a trial in August 2026, a month, the month of
/// October with everything in it, and ten days of November with two landlords more and what came late; what was paid
/// meanwhile, and what went wrong in November. To play it again changes nothing.
/// </summary>
/// <param name="year">Whether ten months more are played before it, and the rest of November after it.</param>
internal sealed class DemoPlay(
    Composition exchange, DemoClock clock, Uri address, Action<string> say, bool year = false)
{
    public const int Seed = 20261001;
    private const string Stream = "demo-exchange";

    /// <summary>After days of trial a whole month is a hundred times as much, and nobody need look.</summary>
    private static readonly HashSet<string> AfterTheTrial = ["close/parked"];
    private static readonly Duration CloseAfter = Duration.FromHours(12);

    public static BillingMonth October { get; } = new(2026, 10);

    /// <summary>When the demonstration's last day begins.</summary>
    public static Instant Today { get; } = Instant.FromUtc(2026, 11, 11, 8, 0);

    /// <summary>The day on which a demonstration goes on that was played.</summary>
    private static Instant TodayOf(DemoOutcome outcome) => outcome.Months.Count > 3 ? DemoYear.Today : Today;

    /// <summary>Everything that can happen to a demonstration.</summary>
    [JsonDerivedType(typeof(Begun), "demo-begun/1")]
    [JsonDerivedType(typeof(Ended), "demo-ended/1")]
    public abstract record Happened;

    /// <summary>The exchange is a demonstration from here on.</summary>
    public sealed record Begun(int Seed) : Happened;

    /// <summary>All of it was played.</summary>
    public sealed record Ended(DemoOutcome Outcome) : Happened;

    /// <exception cref="RefusedException">The exchange holds something else than the demonstration.</exception>
    public async Task<DemoOutcome> Run(Cast cast, CancellationToken ct)
    {
        var history = await exchange.Journal.Read<Happened>(Stream, ct);
        if (history.OfType<Ended>().FirstOrDefault() is { } ended)
        {
            clock.LeapTo(TodayOf(ended.Outcome));
            await RateMonths.Run(exchange, say, ct); // The server may have begun before it was today.
            return ended.Outcome;
        }

        await Begin(cast, history.Count, ct);
        await using var collectors = await DemoCollectors.Open(exchange, address, ct);
        var (payments, november) = (new DemoPayments(exchange, clock), new DemoNovember(cast));
        var more = year ? new DemoYear(cast) : null;
        var later = Usage(cast, november, more);
        var months = await Bill(collectors, later, payments, ct);
        await MarketLandlords.Run(exchange, cast, ct);
        var lease = await MarketLeases.Begin(exchange, cast, ct);
        await november.Run(exchange, clock, ct);
        await (year ? DemoYear.Promise(exchange, ct) : Task.CompletedTask);
        await payments.Lately(October, Today - Duration.FromDays(2), ct);
        clock.LeapTo(Today);
        await Send(collectors, later, Instant.MaxValue, ct);
        await exchange.Projections.CatchUp(ct);
        await DemoMarket.Run(exchange, cast, ct);
        await MarketLevels.Run(exchange, ct);
        await MarketPeers.Run(exchange, ct);
        await MarketLeases.GoOn(exchange, cast, lease, ct);
        await MarketAgreements.Run(exchange, cast, ct);
        if (more is not null)
        {
            clock.LeapTo(DemoYear.Today);
            await collectors.Send(
                [
                    .. more.UntilToday(), more.Correction(),
                    .. november.Gpus(DemoNovember.Until, DemoYear.Today - Duration.FromHours(1)),
                ], ct);
        }

        return await End(collectors.Sent with { Months = months }, ct);
    }

    /// <summary>What a server does by itself with all that was sent, and the end.</summary>
    private async Task<DemoOutcome> End(DemoOutcome outcome, CancellationToken ct)
    {
        await RateMonths.Run(exchange, say, ct);
        await WatchBudgets.Open(exchange, ct);
        await WatchAwards.Run(exchange, ct);
        await exchange.Projections.CatchUp(ct);
        await exchange.Journal.Append([StreamAppend.Of<Happened>(Stream, 1, [new Ended(outcome)])], ct);
        return outcome;
    }

    /// <summary>What is sent from first to last, in that order.</summary>
    private static List<UsageEvent> Usage(Cast cast, DemoNovember november, DemoYear? year)
    {
        var known = new DemoMonth(cast.Before, Seed + 1);
        List<UsageEvent> later =
        [
            .. known.During(new(Instant.FromUtc(2026, 8, 29, 0, 0), Instant.FromUtc(2026, 9, 1, 0, 0))),
            .. known.During(October.Previous.Period),
            .. new DemoMonth(cast, Seed).During(new(October.Start, Instant.FromUtc(2026, 11, 11, 0, 0))),
            .. november.Usage(), .. MarketLandlords.Usage(cast), .. year?.UntilTheTrial() ?? [],
        ];
        later.Sort((a, b) => a.Due.CompareTo(b.Due));
        return later;
    }

    /// <summary>Closes each month when it is over, and has people pay for it.</summary>
    private async Task<List<DemoOutcome.MonthClosed>> Bill(
        DemoCollectors collectors, List<UsageEvent> later, DemoPayments payments, CancellationToken ct)
    {
        var months = new List<DemoOutcome.MonthClosed>();
        for (var month = year ? DemoYear.First : October.Plus(-2); month <= October; month = month.Next)
        {
            clock.LeapTo(month.End + CloseAfter);
            await Send(collectors, later, clock.GetCurrentInstant(), ct);
            months.Add(await Close(month, ct));
            if (month < October)
            {
                await payments.After(month, ct);
            }
        }

        return months;
    }

    /// <summary>Says that it is a demonstration, if nobody did, what there is to buy, and whose projects there are.
    /// </summary>
    private async Task Begin(Cast cast, int happened, CancellationToken ct)
    {
        if (happened == 0)
        {
            await DemoGround.Demand(exchange, ct);
            await exchange.Journal.Append([StreamAppend.Of<Happened>(Stream, 0, [new Begun(Seed)])], ct);
        }

        await DemoGround.Publish(exchange, ct);
        await ImportProjects.Run(
            exchange.Journal, cast.ToCsv(), "the demonstration's projects", "demo", clock.GetCurrentInstant(), ct);
    }

    private async Task Send(DemoCollectors collectors, List<UsageEvent> later, Instant until, CancellationToken ct)
    {
        var due = later.TakeWhile(e => e.Due <= until).ToList();
        later.RemoveRange(0, due.Count);
        say($"Sending {due.Count:N0} readings over HTTP, up to {Text.Of(due[^1].Due)} …");
        await collectors.Send(due, ct);
    }

    private async Task<DemoOutcome.MonthClosed> Close(BillingMonth month, CancellationToken ct)
    {
        say($"Closing {month} …");
        var summary = await CloseAndWrite.Run(
            exchange, new(month, Policies.Corrected, AfterTheTrial, Actors.Local("demo")), say, ct);
        return new(month, summary.Total, summary.AlreadyClosed?.Invoices ?? summary.Numbers.Count);
    }
}
