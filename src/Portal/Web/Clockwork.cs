using System.Diagnostics;
using Exchange.Portal.Budgets;
using Exchange.Portal.Spend;
using NodaTime;

namespace Exchange.Portal.Web;

/// <summary>
/// Decides only when: each job is a plain method that is safe to run again, and also a verb of the command line.
/// One job runs at a time.
/// </summary>
internal sealed class Clockwork(Composition exchange, ILogger<Clockwork> log) : BackgroundService
{
    /// <summary>Open months are rated again after this long, and after so many times as long as it took.</summary>
    private static readonly Duration Rest = Duration.FromSeconds(30);
    private const int ShareOfRest = 10;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var rateAgain = Instant.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Run("projections", exchange.Projections.CatchUp, stoppingToken);
            if (exchange.Clock.GetCurrentInstant() >= rateAgain)
            {
                var began = Stopwatch.GetTimestamp();
                await Run("rating", ct => RateMonths.Run(exchange, _ => { }, ct), stoppingToken);
                await Run("budgets", ct => WatchBudgets.Open(exchange, ct), stoppingToken);
                var took = Stopwatch.GetElapsedTime(began);
                rateAgain = exchange.Clock.GetCurrentInstant() + Rest + Duration.FromTimeSpan(took * ShareOfRest);
            }

            await Task.Delay(TimeSpan.FromSeconds(5), stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Run(string job, Func<CancellationToken, Task> work, CancellationToken ct)
    {
        try
        {
            await work(ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            log.LogWarning(e, "Job '{Job}' failed; it runs again in a moment.", job);
        }
        catch (OperationCanceledException)
        {
            log.LogInformation("Job '{Job}' stops with the server; it is safe to run again.", job);
        }
    }
}
