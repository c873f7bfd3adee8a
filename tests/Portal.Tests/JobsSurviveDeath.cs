using System.Diagnostics;
using System.Globalization;
using System.Net;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Jobs;
using Exchange.Portal.Mail;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Two servers in processes of their own, of which one is killed without warning inside the close, an export and the
/// mail: the other takes each up within a minute, never two at once, and nothing is done twice.
/// </summary>
[Collection(nameof(Alone))]
public sealed class JobsSurviveDeath
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "exchange");

    /// <summary>The servers go by the machine's clock: every month that is over by it is closed.</summary>
    private static readonly BillingMonth Today = BillingMonth.Of(SystemClock.Instance.GetCurrentInstant());
    private static readonly string[] Names = ["close", "exports", "mail"];

    [Fact]
    public async Task What_is_killed_inside_a_close_an_export_and_mail_is_taken_up_within_a_minute_and_done_once()
    {
        await using var mail = await TestMailServer.Start();
        using var stalls = StallingRelay.Before(mail.Port);
        var reports = Component.NewFolder();
        await using var serving = await UsedMonth.Start(clock: SystemClock.Instance);
        var database = serving.Exchange.Database;
        await UsedMonth.Hear(serving, "2026-09-02T00:00:00Z", "2026-09-01T00:00:00Z");
        await UsedMonth.Hear(
            serving, Exchange.Text.Of(Today.Start), Exchange.Text.Of(Today.Start - Duration.FromHours(1)));
        await CloseAndWrite.Run(
            serving.Exchange, new(UsedMonth.Month.Previous, "corrected", new HashSet<string>(), Actors.Local("test")),
            _ => { }, Serving.Ct);
        await Outbox.Queue(
            database, Enumerable.Range(0, 5).Select(i => new Message($"note:{i}", "ada@bu.edu", "Note", "Text", null)),
            "example.org", SystemClock.Instance.GetCurrentInstant() - Duration.FromMinutes(1), Serving.Ct);

        // Each of the three comes to something that makes it wait: a table that is locked, a server that says nothing.
        await using var busy = await database.OpenConnectionAsync(Serving.Ct);
        await busy.Execute(
            "begin; lock table exchange.charge, invoicing.line in access exclusive mode", [], Serving.Ct);
        await using var dies = await Serve(serving, $"smtp://127.0.0.1:{stalls.Port}?from=a@b.org", reports.FullName);
        await AllUnderWay(serving.Exchange, dies);
        await stalls.Taken.WaitAsync(Waiting.Patience, Serving.Ct);
        await using var takesUp = await Serve(serving, mail.Setting, reports.FullName);
        await dies.Kill();
        var killed = Stopwatch.GetTimestamp();
        var died = SystemClock.Instance.GetCurrentInstant();
        await busy.Execute("rollback", [], Serving.Ct);
        const string Unsent = "select count(*) from exchange.outbox where id like 'note:%' and sent_at is null";
        await takesUp.Until(async () =>
            (await Runs(database, died)).Count(run => run.IsDone) == 3 && await Count(database, Unsent) == 0);

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"All done {Stopwatch.GetElapsedTime(killed).TotalSeconds:0.0} s after the kill.");
        foreach (var run in await Runs(database, died))
        {
            TestContext.Current.TestOutputHelper.WriteLine($"{run}, {(run.StartedAt - died).TotalSeconds:0.0} s after");

            // The next of mail, and of exports at eight o'clock, does what the last did not; the close has no times.
            Assert.True(run.Attempts == 2 || run.Job != "close", $"{run}");
        }

        // What was under way came again, under one Message-ID; of the five and the invoices all others came once.
        var came = mail.Came.CountBy(MailGoesOut.IdOf).Select(same => same.Value).ToList();
        Assert.True(came.Count > 5, $"{came.Count} came.");
        Assert.InRange(stalls.Unsaid, 1, int.MaxValue);
        Assert.Equal(stalls.Unsaid, came.Sum(times => times - 1));
        Assert.Contains("2026-09", reports.EnumerateFileSystemInfos().Select(one => one.Name));
        Assert.DoesNotContain(
            reports.EnumerateFileSystemInfos(), one => one.Name.EndsWith(".part", StringComparison.Ordinal));
        var closed = (await serving.Exchange.Journal.State(Months.Fold, Months.Id, Serving.Ct)).Closed.Keys;
        Assert.Equal(Today.Previous, closed.Max());
        Assert.Equal(UsedMonth.Month.Previous, closed.Min());
        Assert.Empty((await Operating.Verify(serving.Exchange, _ => { }, Serving.Ct)).Wrong);
    }

    /// <summary>By what the schedule is told: on a busy machine each step takes as long as it takes.</summary>
    [Fact]
    public void A_run_that_nobody_hears_of_is_taken_up_within_a_minute() => Assert.InRange(
        JobStore.Silence + JobStore.Look + FiredAgainWhileBusyAttribute.Pause + JobSchedule.Pause,
        TimeSpan.Zero, TimeSpan.FromMinutes(1));

    /// <summary>
    /// Has the three run until all of them are under way at once. On a machine that is busy with much else, mail may
    /// have given its server up before the close began; what ended is begun once more.
    /// </summary>
    private static async Task AllUnderWay(Composition exchange, Component server)
    {
        const string IsOpen = "select count(distinct job) from exchange.job_run where ended_at is null and job = any($1)";
        const string Ended = "select count(*) from exchange.job_run where ended_at is not null and job = any($1)";

        var schedule = new JobSchedule(exchange, [], isOn: false, works: false);
        var fired = Names.ToDictionary(name => name, _ => 0L);
        try
        {
            await server.Until(async () =>
            {
                foreach (var name in Names)
                {
                    var ended = await Count(exchange.Database, Ended, [name]);
                    if (ended >= fired[name] && await Count(exchange.Database, IsOpen, [name]) == 0)
                    {
                        schedule.Fire(name, "", "test");
                        fired[name] = ended + 1;
                    }
                }

                return await Count(exchange.Database, IsOpen, Names) == Names.Length;
            });
        }
        finally
        {
            foreach (var run in await Runs(exchange.Database, Instant.FromUnixTimeSeconds(0)))
            {
                TestContext.Current.TestOutputHelper!.WriteLine($"{run}");
            }
        }
    }

    private sealed record Ran(string Job, int Attempts, Instant StartedAt, bool IsDone, string Said);

    /// <summary>The first run of each that began after an instant.</summary>
    private static async Task<IReadOnlyList<Ran>> Runs(NpgsqlDataSource database, Instant after)
    {
        const string Sql = """
            select distinct on (job) job, attempts, started_at, coalesce(is_done, false), said || ' on ' || ran_on
            from exchange.job_run where job = any($1) and started_at > $2 order by job, started_at
            """;
        await using var command = database.Statement(Sql, [Names, after]);
        await using var rows = await command.ExecuteReaderAsync(Serving.Ct);
        var runs = new List<Ran>();
        while (await rows.ReadAsync(Serving.Ct))
        {
            runs.Add(new(
                rows.GetString(0), rows.GetInt32(1), Instant.FromDateTimeUtc(rows.GetDateTime(2)),
                rows.GetBoolean(3), rows.GetString(4)));
        }

        return runs;
    }

    private static async Task<Component> Serve(Serving serving, string setting, string reports)
    {
        var address = new Uri($"http://127.0.0.1:{Ports.Free()}");
        var environment = new Dictionary<string, string>
        {
            [MailSettings.Variable] = setting,
            [JobSettings.ExportsVariable] = reports,
        };
        var server = Component.Start(
            Program, Component.NewFolder().FullName, environment,
            [
                "--data", serving.Exchange.Place.Data,
                "--database", $"{serving.Exchange.Place.Database};Command Timeout=600", // As long as the lock is held.
                "serve", "--urls", $"{address}",
            ]);
        using var http = new HttpClient { BaseAddress = address };
        await server.Until(async () =>
            (await http.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode == HttpStatusCode.OK);
        return server;
    }

    private static async Task<long> Count(NpgsqlDataSource database, string sql, string[]? names = null)
    {
        await using var command = database.Statement(sql, names is null ? [] : [names]);
        return Convert.ToInt64(await command.ExecuteScalarAsync(Serving.Ct), CultureInfo.InvariantCulture);
    }
}
