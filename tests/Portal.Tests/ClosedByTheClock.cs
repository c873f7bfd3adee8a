using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Jobs;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// The close job believes no clock: a month is over once something was heard from after it. Seen to fail with the job
/// that asked the clock alone, which closed 2027-10 as the first month of all.
/// </summary>
public class ClosedByTheClock
{
    private static readonly Job Close = AllJobs.Named(AllJobs.Of(new(3, null, null)), "close");

    [Theory]
    [InlineData(2026, 11)]
    [InlineData(2026, 12)]
    [InlineData(2027, 11)]
    public async Task A_month_from_after_which_nothing_was_heard_is_not_closed_whatever_the_clock_says(
        int year, int month)
    {
        await using var serving = await UsedMonth.Start(Instant.FromUtc(year, month, 5, 12, 0));

        var outcome = await Run(serving, 1);

        Assert.False(outcome.IsDone);
        Assert.StartsWith("close/not-reached: 2026-10 is not closed", outcome.Said, StringComparison.Ordinal);
        Assert.Contains("The last that was heard of is 2026-10-11", outcome.Said, StringComparison.Ordinal);
        Assert.Empty((await serving.Exchange.Journal.State(Months.Fold, Months.Id, Serving.Ct)).Closed);
    }

    [Theory]
    [InlineData("2026-11-01T00:30:00Z", "close/not-reached: 2026-11", "2026-10")]
    [InlineData("2026-11-28T10:00:00Z", "close/not-reached: 2026-11", "2026-10")]
    [InlineData("2026-12-01T00:00:00Z", "close/not-reached: 2026-12", "2026-10, 2026-11")]
    public async Task With_the_clock_a_year_forward_only_the_months_that_readings_are_past_are_closed(
        string heard, string stopped, string closed)
    {
        await using var serving = await UsedMonth.Start(Instant.FromUtc(2027, 11, 28, 12, 0));
        await UsedMonth.Hear(serving, heard);

        var outcome = await Run(serving, 1);

        Assert.StartsWith(stopped, outcome.Said, StringComparison.Ordinal);
        Assert.Equal(closed, string.Join(", ", (await serving.Exchange.Journal.State(
            Months.Fold, Months.Id, Serving.Ct)).Closed.Keys.Order()));
        Assert.Contains($"{closed} closed.", outcome.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_earlier_month_with_usage_is_named_before_a_later_one_is_closed()
    {
        await using var serving = await UsedMonth.Start(Instant.FromUtc(2027, 2, 5, 12, 0));
        await UsedMonth.Hear(serving, "2026-11-20T00:00:00Z");

        var plan = await CloseAndWrite.Plan(serving.Exchange, new(
            new(2027, 1), Exchange.Rating.Policies.Corrected, new HashSet<string>(), Actors.Local("test")), Serving.Ct);

        var check = Assert.Single(plan.Plan!.Checks, check => check.Code == "close/earlier-open");
        Assert.True(check.Blocks);
        Assert.Equal(
            "2026-10 and 2026-11 have charges and are open. Close the earliest first: 'exchange close --month " +
            "2026-10 --commit'.", check.Message);
    }

    [Fact]
    public async Task A_job_of_which_the_clock_was_set_back_is_run_for_the_same_time_again()
    {
        await using var serving = await Serving.Start();
        var runs = 0;
        var job = new Job("tick", "Ticks.", "0 0 * * * ?", (_, _, _) => Task.FromResult($"{++runs}"));
        var due = Instant.FromUtc(2026, 11, 3, 6, 0);

        foreach (var firing in (long[])[1, 1, 2, 3, 2])
        {
            await RunJob.Run(serving.Exchange, job, new RunJob.Start(due, Firing: firing), Serving.Ct);
        }

        // The second was the first again, and the last was overtaken.
        Assert.Equal(3, runs);
    }

    [Fact]
    public async Task A_clock_that_was_set_is_said_and_what_waits_for_its_time_waits_no_longer()
    {
        await using var serving = await Serving.Start();
        await Portal.Mail.Outbox.Queue(serving.Exchange.Database, [new("a", "a@bu.edu", "A", "", null)], "x.org",
            Due(0) + Duration.FromHours(1), Serving.Ct);
        var watch = new ClockWatch(
            serving.Exchange, new JobSchedule(serving.Exchange, [], isOn: false),
            Microsoft.Extensions.Logging.Abstractions.NullLogger<ClockWatch>.Instance);

        await watch.Jumped(Due(0) + Duration.FromHours(1), Due(0), Serving.Ct);

        await using var command = serving.Exchange.Database.Statement(
            "select next_at from exchange.outbox", []);
        Assert.Equal(Due(0), await command.ExecuteScalarAsync(Serving.Ct));
        using var opal = await serving.As("operator");
        var audit = await opal.GetStringAsync(new Uri("/operator/audit", UriKind.Relative), Serving.Ct);
        Assert.Contains("clock set", audit, StringComparison.Ordinal);
    }

    private static Instant Due(int day) => Instant.FromUtc(2026, 11, 3 + day, 6, 0);

    private static async Task<RunJob.JobOutcome> Run(Serving serving, int day) => (await RunJob.Run(
        serving.Exchange, Close, Due(day), Serving.Ct))!;
}
