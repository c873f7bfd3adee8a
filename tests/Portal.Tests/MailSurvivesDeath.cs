using System.Net;
using Exchange.Journal;
using Exchange.Portal.Mail;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Servers in processes of their own, killed without warning while a job of theirs sends mail.
/// </summary>
public sealed class MailSurvivesDeath
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "exchange");

    [Fact]
    public async Task A_server_killed_inside_a_job_is_caught_up_with_once_and_no_message_is_lost()
    {
        await using var mail = await TestMailServer.Start();
        using var stalls = StallingRelay.Before(mail.Port);
        await using var serving = await Serving.Start();
        var database = serving.Exchange.Database;
        var deaf = $"smtp://127.0.0.1:{stalls.Port}?from=billing@example.org";
        await using (var first = await Serve(serving, deaf))
        {
            await first.Until(async () => await Count(
                database, "select count(*) from hangfire.hash where key = 'recurring-job:mail'") > 0);
        }

        // It was due while no server was there.
        await database.Execute(
            """
            with at as (update hangfire.set set score = score - 86400 where value = 'mail')
            update hangfire.hash set value = (value::bigint - 86400000)::text
            where key = 'recurring-job:mail' and field in ('NextExecution', 'CreatedAt', 'LastExecution')
            """, [], Serving.Ct);
        await Outbox.Queue(
            database, Enumerable.Range(0, 3).Select(i => new Message($"note:{i}", "ada@bu.edu", "Note", "Text", null)),
            "example.org", SystemClock.Instance.GetCurrentInstant() - Duration.FromMinutes(1), Serving.Ct);
        await using (var dies = await Serve(serving, deaf))
        {
            await stalls.Taken.WaitAsync(Waiting.Patience, Serving.Ct);
        }

        Assert.Equal(0, await Count(database, "select count(*) from exchange.outbox where sent_at is not null"));
        Assert.Equal(1, await Count(database, "select count(*) from exchange.job_run where job = 'mail' and " +
            "ended_at is null"));
        await using var one = await Serve(serving, mail.Setting);
        await using var other = await Serve(serving, mail.Setting);
        await one.Until(async () => await Count(database, """
            select (select count(*) from exchange.outbox where sent_at is not null) / 3 *
              (select count(*) from exchange.job_run where job = 'mail' and is_done)
            """) > 0);

        Assert.Equal(
            [1, 1, 2], mail.Came.GroupBy(MailGoesOut.IdOf).Select(same => same.Count()).Order());
        Assert.Equal(
            0, await Count(database, "select count(*) from exchange.job_run where job = 'mail' and attempts > 2"));
    }

    private static async Task<Component> Serve(Serving serving, string setting)
    {
        var address = new Uri($"http://127.0.0.1:{Ports.Free()}");
        var environment = new Dictionary<string, string> { [MailSettings.Variable] = setting };
        var server = Component.Start(
            Program, Component.NewFolder().FullName, environment,
            [.. Where(serving), "serve", "--urls", $"{address}"]);
        using var http = new HttpClient { BaseAddress = address };
        await server.Until(async () =>
            (await http.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode == HttpStatusCode.OK);
        return server;
    }

    private static string[] Where(Serving serving) =>
        ["--data", serving.Exchange.Place.Data, "--database", serving.Exchange.Place.Database!];

    private static async Task<long> Count(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(Serving.Ct), provider: null);
    }
}
