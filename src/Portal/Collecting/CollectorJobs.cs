using Exchange.Metering.Collectors.Live;

namespace Exchange.Portal.Collecting;

/// <summary>Runs the collectors of the installation beside the server, for as long as it serves.</summary>
internal sealed class CollectorJobs(
    Composition exchange, CollectorChoice choice, ILogger<CollectorJobs> log) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new RunCollectors(exchange.Database, exchange.Meter, exchange.Clock).Forever(
            choice.Collectors,
            (name, why) => log.LogWarning("Collector '{Name}' failed and tries again: {Why}", name, why),
            stoppingToken);
}

/// <summary>The collectors that a server runs.</summary>
internal sealed record CollectorChoice(IReadOnlyList<ICollector> Collectors);
