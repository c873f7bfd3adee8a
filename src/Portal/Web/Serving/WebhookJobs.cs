using Exchange.Portal.Webhooks;

namespace Exchange.Portal.Web;

/// <summary>Sends while it serves, beside the other jobs: an address that is slow must not hold them up.</summary>
internal sealed class WebhookJobs(Composition exchange, ServerOptions options, ILogger<WebhookJobs> log)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var http = PublicOnly.Client(options.WebhooksToPrivate);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SendWebhooks.Run(exchange.Database, http, exchange.Clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.LogWarning(e, "Webhooks could not be sent; it is tried again in a moment.");
            }

            await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
