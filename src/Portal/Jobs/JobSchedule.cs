using Hangfire;
using Hangfire.PostgreSql;
using Hangfire.States;
using HangfireJob = Hangfire.Common.Job;

namespace Exchange.Portal.Jobs;

/// <summary>
/// Hangfire over the exchange's own database: of several servers one fires each job, what was missed while all were
/// away is fired once when one is back, and what died with its server is taken up by another.
/// </summary>
/// <param name="isOn">Whether jobs are started by their times; otherwise only by hand.</param>
/// <param name="works">Whether jobs are run here; otherwise they are left to other servers.</param>
internal sealed class JobSchedule(Composition exchange, IReadOnlyList<Job> jobs, bool isOn = true, bool works = true)
    : IHostedService, IAsyncDisposable
{
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private PostgreSqlStorage? _store;
    private BackgroundJobServer? _server;

    /// <summary>What it keeps; made when it is first asked for.</summary>
    public PostgreSqlStorage Store
    {
        get
        {
            lock (_lock)
            {
                return _store ??= JobStore.Open(exchange.ScheduleDatabase);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (isOn)
        {
            Reckon(again: false);
            Work();
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        BackgroundJobServer? server;
        lock (_lock)
        {
            (server, _server) = (_server, null);
        }

        if (server is not null)
        {
            server.SendStop();
            await server.WaitForShutdownAsync(CancellationToken.None);
            server.Dispose();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    /// <summary>Has a job run now by one of the servers, of which this is one.</summary>
    /// <returns>The number of the firing.</returns>
    public long Fire(string name, string by, string origin)
    {
        Work();
        return long.Parse(
            new BackgroundJobClient(Store).Create(Call(name, by, origin), new EnqueuedState()),
            System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Sets the times of the jobs. They stay as they are while the schedule does, so that what was missed is known.
    /// </summary>
    /// <param name="again">Reckons the next times from now on, whatever was missed: the clock was set.</param>
    public void Reckon(bool again)
    {
        if (!isOn)
        {
            return;
        }

        var times = new RecurringJobManager(Store);
        foreach (var job in jobs)
        {
            if (again || job.Cron is null)
            {
                times.RemoveIfExists(job.Name);
            }

            if (job.Cron is { } cron)
            {
                times.AddOrUpdate(job.Name, Call(job.Name, "", "local"), cron, new RecurringJobOptions
                {
                    TimeZone = TimeZoneInfo.Utc,
                    MisfireHandling = MisfireHandlingMode.Relaxed, // What was missed is run once.
                });
            }
        }
    }

    private static HangfireJob Call(string name, string by, string origin) => HangfireJob.FromExpression<Firing>(
        firing => firing.Run(name, by, origin, null!, CancellationToken.None));

    private void Work()
    {
        if (!works)
        {
            return;
        }

        var store = Store;
        lock (_lock)
        {
            _server ??= new(new BackgroundJobServerOptions
            {
                Activator = new Firings(exchange, jobs),
                WorkerCount = 4,
                SchedulePollingInterval = Pause,
                CancellationCheckInterval = Pause,
                ServerName = JobRuns.Here,
            }, store);
        }
    }

    private sealed class Firings(Composition exchange, IReadOnlyList<Job> jobs) : JobActivator
    {
        public override object ActivateJob(Type jobType) => jobType == typeof(Firing)
            ? new Firing(exchange, jobs)
            : throw new InvalidOperationException($"Nothing here fires '{jobType}'.");
    }
}
