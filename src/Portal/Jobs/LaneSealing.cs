namespace Exchange.Portal.Jobs;

/// <summary>
/// Seals the ends of all lanes in the journal each minute, so that a lane that went back in time is named. Where no
/// database of a lane is named it looks for the settings only: they may come after the server's start.
/// </summary>
internal sealed class LaneSealing(Composition exchange, ILogger<LaneSealing> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await exchange.Meter.Seal(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(e, "The ends of lanes could not be sealed in the journal; that is tried again.");
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
