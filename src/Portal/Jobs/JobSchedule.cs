using NodaTime;
using Quartz;

namespace Exchange.Portal.Jobs;

/// <summary>
/// Quartz over the exchange's own database: of several servers one fires each trigger, and what was missed while all
/// were away is fired once when one is back.
/// </summary>
internal sealed class JobSchedule(Composition exchange, IReadOnlyList<Job> jobs) : IHostedService, IAsyncDisposable
{
    private const string Here = "exchange.schedule";

    private IScheduler? _scheduler;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _scheduler = await QuartzSchedulerBuilder.Create(quartz =>
        {
            quartz.ConfigureScheduler(options =>
            {
                options.InstanceName = "exchange";
                options.GenerateInstanceId = true;
            });
            quartz.UseDefaultThreadPool(4);
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(source => source.DataSourceFactory = _ => exchange.Database);
                store.UseSystemTextJsonSerializer();
                store.ProvisionSchema();
                store.UseClustering(cluster => cluster.CheckinInterval = TimeSpan.FromSeconds(10));
            });
        }).BuildScheduler(cancellationToken);
        _scheduler.Context[Here] = this;
        foreach (var job in jobs)
        {
            await Schedule(_scheduler, job, cancellationToken);
        }

        await _scheduler.Start(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_scheduler is { } scheduler)
        {
            _scheduler = null;
            await scheduler.Shutdown(true, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    /// <summary>A trigger stays as it is while its times do, so that what it missed is still known.</summary>
    private static async Task Schedule(IScheduler scheduler, Job job, CancellationToken ct)
    {
        var key = new TriggerKey(job.Name);
        if (job.Cron is not { } cron)
        {
            await scheduler.DeleteJob(new JobKey(job.Name), ct);
            return;
        }

        if (await scheduler.GetTrigger(key, ct) is ICronTrigger known && known.CronExpressionString == cron)
        {
            return;
        }

        var detail = JobBuilder.Create<Firing>().WithIdentity(job.Name).WithDescription(job.What)
            .DisallowConcurrentExecution(true).RequestRecovery(true).Build();
        var trigger = TriggerBuilder.Create().WithIdentity(key).ForJob(detail).WithSchedule(
            CronScheduleBuilder.Create(cron).InTimeZone(TimeZoneInfo.Utc)
                .WithMisfireInstruction(CronTriggerMisfireInstruction.FireAndProceed)).Build();
        await scheduler.ScheduleJob(detail, [trigger], new ScheduleJobOptions { Replace = true }, ct);
    }

    /// <summary>What Quartz fires: the job of this name, for the time at which it was due.</summary>
    internal sealed class Firing : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
        {
            var schedule = (JobSchedule)context.Scheduler.Context[Here]!;
            await schedule.Fire(
                context.JobDetail.Key.Name, context.ScheduledFireTimeUtc ?? context.FireTimeUtc, cancellationToken);
        }
    }

    private async Task Fire(string name, DateTimeOffset due, CancellationToken ct)
    {
        if (jobs.FirstOrDefault(job => job.Name == name) is { } job)
        {
            await RunJob.Run(exchange, job, Instant.FromDateTimeOffset(due), ct);
        }
    }
}
