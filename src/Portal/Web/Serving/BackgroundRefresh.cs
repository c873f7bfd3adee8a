using System.Diagnostics;
using Exchange.Portal.ReadModels;

namespace Exchange.Portal.Web;

/// <summary>
/// Keeps what pages show near to what was reported: read models, safe to write again. Of many servers one rates at a
/// time, and the nightly job is one of them. What has to happen once, as noting a passed budget, is a job of its own.
/// </summary>
internal sealed class BackgroundRefresh(Composition exchange, ILogger<BackgroundRefresh> log) : BackgroundService
{
    /// <summary>Open months are rated again after this long, and after so many times as long as it took.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);
    private const int ShareOfRest = 2;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // By a clock that nobody sets: one that was set back would let what pages show grow old.
        var (rated, rest) = (Stopwatch.GetTimestamp(), TimeSpan.Zero);
        while (!stoppingToken.IsCancellationRequested)
        {
            await Run("projections", exchange.Projections.CatchUp, stoppingToken);
            await Run(
                "signed head",
                ct => exchange.Heads.WriteDaily(exchange.Database, exchange.Clock.GetCurrentInstant(), ct),
                stoppingToken);
            if (Stopwatch.GetElapsedTime(rated) >= rest)
            {
                var began = Stopwatch.GetTimestamp();
                await Run(
                    "rating", ct => RateMonths.RunUnlessUnderWay(exchange, _ => { }, ct), stoppingToken);
                (rated, rest) = (
                    Stopwatch.GetTimestamp(), Rest + (Stopwatch.GetElapsedTime(began) * ShareOfRest));
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
