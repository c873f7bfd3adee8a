using System.Collections.Concurrent;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Portal.Jobs;
using Exchange.Portal.Mail;
using Exchange.Portal.ReadModels;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Jobs, their schedule and their results. Seen to fail when a run did not ask whether it had ended before, and when it
/// did not lock.
/// </summary>
public class JobsRunByThemselves
{
    private static readonly Instant Due = Instant.FromUtc(2026, 11, 3, 6, 0);

    [Fact]
    public async Task Two_servers_run_a_job_once_for_each_time_that_it_is_due()
    {
        await using var serving = await Serving.Start();
        var ran = new ConcurrentQueue<string>();
        Job[] Jobs(string server) =>
        [
            new("tick", "Ticks.", "* * * * * ?", (_, _, _) =>
            {
                ran.Enqueue(server); // It takes no notice of a server that ends: what began is done.
                return Task.FromResult("Ticked.");
            }),
        ];
        await using (var one = new JobSchedule(serving.Exchange, Jobs("one")))
        await using (var other = new JobSchedule(serving.Exchange, Jobs("other")))
        {
            await one.StartAsync(Serving.Ct);
            await other.StartAsync(Serving.Ct);
            await Waiting.For(() => ran.Count >= 4, () => $"It ran {ran.Count} times.");
        }

        const string Sql = "select count(*), sum(attempts)::bigint from exchange.job_run where is_done";
        await using var command = serving.Exchange.Database.CreateCommand(Sql);
        await using var rows = await command.ExecuteReaderAsync(Serving.Ct);
        Assert.True(await rows.ReadAsync(Serving.Ct));
        Assert.Equal((ran.Count, (long)ran.Count), (rows.GetInt64(0), rows.GetInt64(1)));
    }

    [Fact]
    public async Task What_was_missed_while_no_server_was_there_is_run_once_when_one_is_back()
    {
        await using var serving = await Serving.Start();
        var ran = 0;

        // Never while this runs.
        var half = (SystemClock.Instance.GetCurrentInstant() + Duration.FromHours(12)).InUtc().Hour;
        Job[] jobs =
        [
            new("nightly", "Rates.", $"0 0 {half} * * ?", (_, _, _) => Task.FromResult($"Done {++ran}.")),
        ];
        await using (var before = new JobSchedule(serving.Exchange, jobs))
        {
            await before.StartAsync(Serving.Ct);
        }

        Assert.Equal(0, ran);
        await serving.Exchange.Database.Execute(
            """
            with at as (update hangfire.set set score = score - 864000 where key = 'recurring-jobs')
            update hangfire.hash set value = (value::bigint - 864000000)::text where field in ('NextExecution', 'CreatedAt')
            """, [], Serving.Ct);
        await using (var after = new JobSchedule(serving.Exchange, jobs))
        {
            await after.StartAsync(Serving.Ct);
            await Waiting.For(() => ran > 0, () => "What was missed is not run.");
        }

        // Of ten nights one was made up for; the next is fired when it is due, and no other waits.
        await using var waits = serving.Exchange.Database.CreateCommand("""
            select (select count(*) from hangfire.job) + (select count(*) from hangfire.jobqueue)
            """);
        Assert.Equal((1, 1L), (ran, await waits.ExecuteScalarAsync(Serving.Ct)));
    }

    /// <summary>
    /// Seen as it stood: a server was killed at the moment at which it fired mail, and for ten minutes no other fired
    /// anything or could be started.
    /// </summary>
    [Fact]
    public async Task A_server_that_was_killed_while_it_fired_keeps_no_other_from_starting_and_firing()
    {
        await using var serving = await Serving.Start();
        var ran = 0;
        Job[] jobs = [new("tick", "Ticks.", "* * * * * ?", (_, _, _) => Task.FromResult($"Ticked {++ran}."))];
        await new JobSchedule(serving.Exchange, jobs, works: false).StartAsync(Serving.Ct);
        await serving.Exchange.Database.Execute("""
            insert into hangfire.lock (resource, acquired)
            select 'hangfire:' || name, now() - interval '1 minute'
            from unnest(array['recurring-jobs:lock', 'lock:recurring-job:tick', 'locks:schedulepoller']) as name
            """, [], Serving.Ct);

        await using var other = new JobSchedule(serving.Exchange, jobs);
        await other.StartAsync(Serving.Ct);
        await Waiting.For(() => ran > 0, () => "It is not fired.");
    }

    [Fact]
    public async Task Many_callers_at_once_run_it_once_and_a_run_that_ended_is_not_run_again()
    {
        await using var serving = await Serving.Start();
        var runs = 0;
        var job = new Job("slow", "Slow.", null, async (_, run, ct) =>
        {
            Interlocked.Increment(ref runs);
            run.Step("half way");
            await Task.Delay(300, ct);
            return "There.";
        });

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => RunJob.Run(
            serving.Exchange, job, Due, Serving.Ct)));
        Assert.Null(await RunJob.Run(serving.Exchange, job, Due, Serving.Ct));

        Assert.Equal(new RunJob.JobOutcome(true, "There."), Assert.Single(outcomes.OfType<RunJob.JobOutcome>()));
        Assert.Equal(1, runs);
        Assert.NotNull(await RunJob.Run(serving.Exchange, job, Due + Duration.FromDays(1), Serving.Ct));
    }

    [Fact]
    public async Task A_run_that_died_with_its_server_is_taken_up_and_one_that_failed_says_why()
    {
        await using var serving = await Serving.Start();
        using var power = CancellationTokenSource.CreateLinkedTokenSource(Serving.Ct);
        var dies = new Job("dies", "Dies.", null, async (_, run, ct) =>
        {
            run.Step("half way");
            await power.CancelAsync();
            await Task.Delay(Timeout.Infinite, ct);
            return "never";
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunJob.Run(
            serving.Exchange, dies, Due, power.Token));
        var listed = Assert.Single(await JobList.Run(await serving.Connection(), [dies], Serving.Ct));
        Assert.Equal(("died", "half way", 1), (listed.State, listed.Said, listed.Attempts));

        var fails = dies with { Work = (_, _, _) => throw new InvalidOperationException("no disk") };
        Assert.Equal(
            new RunJob.JobOutcome(false, "It failed: no disk"),
            await RunJob.Run(serving.Exchange, fails, Due, Serving.Ct));

        listed = Assert.Single(await JobList.Run(await serving.Connection(), [dies], Serving.Ct));
        Assert.Equal(("failed", "It failed: no disk", 2), (listed.State, listed.Said, listed.Attempts));
    }

    [Fact]
    public async Task The_month_is_closed_exported_and_reminded_of_and_nothing_is_done_twice()
    {
        await using var serving = await UsedMonth.Start();
        var reports = Directory.CreateTempSubdirectory("exchange-jobs-");
        var jobs = AllJobs.Of(new(3, reports.FullName, MailSettings.Parse("smtp://127.0.0.1:1?from=a@b.org")));

        await UsedMonth.Hear(serving, "2026-11-01T01:00:00Z");
        Assert.Equal("Closed 2026-10.", (await Run("close")).Said);
        Assert.Equal("Every month that is over is closed.", (await Run("close")).Said);
        Assert.True((await serving.Exchange.Journal.State(Months.Fold, Months.Id, Serving.Ct))
            .IsClosed(UsedMonth.Month));
        Assert.Equal("Wrote 2026-10.", (await Run("exports")).Said);
        Assert.Equal("Every closed month is written.", (await Run("exports")).Said);
        Assert.Equal(["2026-10"], reports.EnumerateFileSystemInfos().Select(one => one.Name));
        Assert.Contains(
            "focus-2026-10.csv",
            Directory.EnumerateFiles(Path.Combine(reports.FullName, "2026-10")).Select(Path.GetFileName));

        Assert.Equal("0 reminders queued.", (await Run("reminders")).Said);
        await serving.Exchange.Database.Execute("update invoicing.invoice set due = '2026-10-28'", [], Serving.Ct);

        // What Ada owes, her institution took.
        Assert.Equal("1 reminders queued.", (await Run("reminders")).Said);
        Assert.Equal("0 reminders queued.", (await Run("reminders")).Said);
        Assert.Equal("Every open month is rated.", (await Run("rating")).Said);
        Assert.Equal("Budgets were looked at.", (await Run("budgets")).Said);
        reports.Delete(recursive: true);

        async Task<RunJob.JobOutcome> Run(string name) => (await RunJob.Run(
            serving.Exchange, AllJobs.Named(jobs, name), SystemClock.Instance.GetCurrentInstant(), Serving.Ct))!;
    }

    [Theory]
    [InlineData("exports", "EXCHANGE_EXPORTS")]
    [InlineData("mail", "EXCHANGE_MAIL")]
    [InlineData("reminders", "EXCHANGE_MAIL")]
    public async Task A_job_without_its_setting_is_refused_and_no_run_of_it_is_noted(string name, string variable)
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);

        var typed = await Typed.Line($"jobs run {name}", database);

        Assert.Equal(ExitCode.Refused, typed.Exit);
        Assert.Contains("jobs/off", typed.Errors, StringComparison.Ordinal);
        Assert.Contains(variable, typed.Errors, StringComparison.Ordinal);
        Assert.Contains(
            "\"state\": \"off\"", (await Typed.Done("jobs list --json", database)).Output, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "failed", (await Typed.Done("jobs list --json", database)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_that_rate_open_months_at_once_one_does_and_a_job_waits_for_it()
    {
        await using var serving = await UsedMonth.Start();
        await using var busy = await serving.Exchange.Database.OpenConnectionAsync(Serving.Ct);
        await busy.Execute("select pg_advisory_lock(hashtextextended('exchange open months', 0))", [], Serving.Ct);
        await RateMonths.Forget(serving.Exchange.Database, Serving.Ct);
        var steps = new ConcurrentQueue<string>();

        await RateMonths.RunUnlessUnderWay(serving.Exchange, steps.Enqueue, Serving.Ct);
        Assert.Empty(steps);
        var job = RateMonths.Run(serving.Exchange, steps.Enqueue, Serving.Ct);
        Assert.NotSame(job, await Task.WhenAny(job, Task.Delay(1_500, Serving.Ct)));
        await busy.Execute("select pg_advisory_unlock_all()", [], Serving.Ct);
        await job;

        Assert.NotEmpty(steps);
    }

    /// <summary>
    /// Seen to fail when a close wrote beside it: whoever had begun to rate the open month wrote it after the close, and
    /// what funds pay of it found no charge.
    /// </summary>
    [Fact]
    public async Task A_close_writes_what_pages_show_after_whoever_rates_the_open_month()
    {
        await using var serving = await UsedMonth.Start();
        await using var busy = await serving.Exchange.Database.OpenConnectionAsync(Serving.Ct);
        await busy.Execute("select pg_advisory_lock(hashtextextended('exchange open months', 0))", [], Serving.Ct);

        var close = UsedMonth.Close(serving);
        while (!serving.Exchange.Database.CreateCommand("select exists (select from invoicing.invoice)")
            .ExecuteScalar()!.Equals(true))
        {
            await Task.Delay(10, Serving.Ct);
        }

        Assert.NotSame(close, await Task.WhenAny(close, Task.Delay(1_000, Serving.Ct)));
        await using (var closed = serving.Exchange.Database.CreateCommand(
            "select exists (select from exchange.rated where closed)"))
        {
            Assert.Equal(false, await closed.ExecuteScalarAsync(Serving.Ct));
        }

        await busy.Execute("select pg_advisory_unlock_all()", [], Serving.Ct);
        await close;
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("1", 1)]
    [InlineData("28", 28)]
    public void The_day_of_the_close_is_one_that_every_month_has(string text, int? day) =>
        Assert.Equal(day, JobSettings.Day(text));

    [Theory]
    [InlineData("0")]
    [InlineData("29")]
    [InlineData("third")]
    public void Another_day_is_refused(string text) => Assert.Equal(
        "jobs/close-on", Assert.Throws<RefusedException>(() => JobSettings.Day(text)).Refusal.Code);
}
