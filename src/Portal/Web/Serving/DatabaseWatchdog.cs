using Exchange.Journal;
using Npgsql;

namespace Exchange.Portal.Web;

/// <summary>Starts the embedded Postgres again when it has died under the running server.</summary>
internal sealed class DatabaseWatchdog(Composition exchange, ILogger<DatabaseWatchdog> log) : BackgroundService
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (exchange.Place.Database is null && !stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Between, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await using var command = exchange.Probe.Statement("select 1", []);
                await command.ExecuteScalarAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException &&
                !stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("The embedded database does not answer ({Why}); starting it again.", e.Message);
                await Restart(stoppingToken);
            }
        }
    }

    private async Task Restart(CancellationToken ct)
    {
        try
        {
            await EmbeddedPostgres.Open(exchange.Place.Data, ct);
            exchange.ForgetConnections();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogError(e, "It does not start. The next attempt is in {Seconds} s.", Between.TotalSeconds);
        }
    }
}
