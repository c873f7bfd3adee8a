using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Published;
using Exchange.Metering;
using Exchange.Portal;
using Exchange.Rating;
using Exchange.Testing;
using NodaTime;

namespace Exchange.Simulation.Tests;

/// <summary>An exchange of the simulation over one database, which may die and come back any number of times.</summary>
internal sealed class Exchanges : IAsyncDisposable
{
    public static readonly Instant Now = Instant.FromUtc(2026, 5, 2, 12, 0);
    private readonly DataLocation _place;
    private readonly StoppedClock _clock;

    private Exchanges(DataLocation place, StoppedClock clock, Composition living) =>
        (_place, _clock, Living) = (place, clock, living);

    public Composition Living { get; private set; }

    /// <summary>What its clock says, until it is told otherwise.</summary>
    public Instant Time
    {
        get => _clock.Now;
        set => _clock.Now = value;
    }

    public string Connection => _place.Database!;

    /// <summary>How often the process died.</summary>
    public int Deaths { get; private set; }

    /// <summary>An exchange with no price and no project.</summary>
    public static async Task<Exchanges> Bare(Instant now, CancellationToken ct) => await Over(
        await TestDatabase.NewConnectionString(Composition.Modules), now, ct);

    /// <summary>An exchange with all that is in a copy of this database.</summary>
    public static async Task<Exchanges> Like(string database, CancellationToken ct) => await Over(
        await TestDatabase.Copy(database), Now, ct);

    private static async Task<Exchanges> Over(string database, Instant now, CancellationToken ct)
    {
        var clock = new StoppedClock(now);
        var place = new DataLocation(Directory.CreateTempSubdirectory("exchange-simulation-").FullName, database);
        return new Exchanges(place, clock, await Composition.Open(place, clock, ct));
    }

    public static async Task<Exchanges> Begin(CancellationToken ct)
    {
        var exchange = await Bare(Now, ct);
        var outcome = await PublishPrices.Run(
            exchange.Living.Journal,
            [
                new("acme/compute/2026-01.yaml", Story.Sheet("2026-01", "0.0137", "0.00013", "13.70")),
                new("acme/compute/2026-03-16.yaml",
                    Story.Sheet($"\"{Text.Of(Story.PriceChange)}\"", "0.0291", "0.00013", "29.10")),
            ],
            PricePublishContext.Nothing, "simulation", Now, ct);
        if (outcome.Refusals is [var refusal, ..])
        {
            throw new RefusedException(refusal);
        }

        var projects = string.Concat(Enumerable.Range(0, 3).Select(
            n => $"a1,p{n},project {n},{Story.Owner(new($"p{n}"))}\n"));
        await ImportProjects.Run(
            exchange.Living.Journal, $"cluster,project,name,pi\n{projects}", "projects.csv", "simulation", Now, ct);
        return exchange;
    }

    /// <summary>Readings come, and are folded.</summary>
    public async Task Send(IEnumerable<Reading> batch, CancellationToken ct)
    {
        await Living.Meter.Ingest(batch.Select(reading => (Collected)reading), ct);
        await Living.Meter.Fold(ct);
    }

    /// <summary>Finance closes a month, whichever accounts are parked.</summary>
    public async Task Close(Sources sources, BillingMonth month, CancellationToken ct)
    {
        await Living.Projections.CatchUp(ct);
        await CloseMonth.Commit(
            sources, month, Policies.Corrected, new HashSet<string> { "close/parked" }, "simulation", Time, ct);
        await Living.Projections.CatchUp(ct);
    }

    /// <summary>The process is gone; another begins over what it left.</summary>
    public async Task ComeBack(CancellationToken ct)
    {
        Deaths++;
        await Living.DisposeAsync();
        Living = await Composition.Open(_place, _clock, ct);
    }

    public async ValueTask DisposeAsync()
    {
        await Living.DisposeAsync();
        Directory.Delete(_place.Data, recursive: true);
    }
}

/// <summary>A clock that stands still until it is set.</summary>
internal sealed class StoppedClock(Instant now) : IClock
{
    public Instant Now { get; set; } = now;

    public Instant GetCurrentInstant() => Now;
}
