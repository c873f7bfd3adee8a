using System.Net;
using Exchange.Journal;
using Exchange.Portal.Jobs;
using Exchange.Portal.Mail;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Operators and finance start, follow and stop jobs, and send mail again, on pages.</summary>
public class JobsOnPages
{
    [Fact]
    public async Task A_job_is_started_followed_and_stopped_and_never_runs_twice_at_once()
    {
        var runs = 0;
        Job slow = new("slow", "Takes its time.", null, async (_, run, ct) =>
        {
            Interlocked.Increment(ref runs);
            run.Step("Half of <it> is done …");
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            return "never said";
        })
        { IsByHand = true };
        await using var serving = await Serving.Start(jobs: [slow]);
        using var opal = await serving.As("operator");
        Assert.DoesNotContain("Refresh", (await Get(opal, "/jobs/slow")).Headers, StringComparison.Ordinal);
        using var begun = await UsedMonth.Submit(opal, "/jobs/slow", "/jobs/slow/run");
        Assert.Equal("/jobs/slow", begun.Headers.Location?.ToString());
        var (html, headers) = await Until(opal, "Half of &lt;it&gt; is done");
        Assert.Contains("Refresh: 3", headers, StringComparison.Ordinal);
        Assert.Contains("person:operator", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Refresh", (await Get(opal, "/jobs/slow?still=1")).Headers, StringComparison.Ordinal);
        using var again = await UsedMonth.Submit(opal, "/jobs/slow", "/jobs/slow/stop", to: "/jobs/slow/run");
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        using var stopped = await UsedMonth.Submit(opal, "/jobs/slow", "/jobs/slow/stop");
        Assert.Equal("/jobs/slow", stopped.Headers.Location?.ToString());
        (html, _) = await Until(opal, "It was stopped by person:operator.");
        Assert.Contains("Run now", html, StringComparison.Ordinal);
        Assert.Equal(1, runs);
        var (audit, _) = await Until(opal, "jobs end", "/operator/audit"); // It is noted after the run has ended.
        Assert.All((string[])["jobs run", "jobs stop", "jobs end", "jobs/running"], noted =>
            Assert.Contains(noted, audit, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_operator_verifies_and_replays_in_the_background_and_finance_does_not()
    {
        await using var serving = await UsedMonth.Start(clock: new TickingClock(UsedMonth.Now));
        await UsedMonth.Close(serving);
        using var opal = await serving.As("operator");
        using var verify = await UsedMonth.Submit(opal, "/jobs/verify", "/jobs/verify/run");
        await Until(opal, "Everything is as it was written", "/jobs/verify");
        using var replay = await UsedMonth.Submit(opal, "/jobs/replay", "/jobs/replay/run");
        await Until(opal, "Every read model was built again.", "/jobs/replay");
        await serving.Exchange.Database.Execute(
            "update journal.mt_events set bdata = bdata || ' ' where type like 'invoice-%'", [], Serving.Ct);
        using var wrong = await UsedMonth.Submit(opal, "/jobs/verify", "/jobs/verify/run");
        await Until(opal, "Something differs", "/jobs/verify");
        using var finance = await serving.As("finance");
        using var unseen = await finance.GetAsync(new Uri("/jobs/verify", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, unseen.StatusCode);
        Assert.DoesNotContain("/jobs/replay", (await Get(finance, "/jobs")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_whose_server_went_away_is_said_to_have_died()
    {
        await using var serving = await Serving.Start();
        await serving.Exchange.Database.Execute("""
            insert into exchange.job_run (job, due, started_at, said, attempts)
            values ('rating', now(), now(), 'Rating 2026-10 …', 1)
            """, [], Serving.Ct);
        using var finance = await serving.As("finance");
        Assert.Contains("its server went away", (await Get(finance, "/jobs")).Html, StringComparison.Ordinal);
        using var none = await finance.GetAsync(new Uri("/jobs/none", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task A_message_that_failed_is_sent_again_and_one_that_waits_is_left_alone()
    {
        await using var serving = await Serving.Start();
        await Outbox.Queue(serving.Exchange.Database,
            [new("invoice:PI-1", "a@bu.edu", "<b>Invoice</b>", "", null),
                new("invoice:PI-2", "b@bu.edu", "It", "", null)],
            "x.org", UsedMonth.Now, Serving.Ct);
        await serving.Exchange.Database.Execute(
            "update exchange.outbox set failed_at = now(), attempts = 12, why = 'No such box.' where id = $1",
            ["invoice:PI-1"], Serving.Ct);
        using var finance = await serving.As("finance");
        var html = (await Get(finance, "/mail")).Html;
        Assert.Contains("No such box.", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>Invoice", html, StringComparison.Ordinal);
        using var waits = await UsedMonth.Submit(finance, "/mail", "/mail/again", ("id", "invoice:PI-2"));
        Assert.Equal(HttpStatusCode.NotFound, waits.StatusCode);
        using var again = await UsedMonth.Submit(finance, "/mail", "/mail/again", ("id", "invoice:PI-1"));
        Assert.Equal("/mail", again.Headers.Location?.ToString());
        Assert.All(await Outbox.List(await serving.Connection(), 9, Serving.Ct), row =>
            Assert.Equal(("queued", 0), (row.State, row.Attempts)));
    }

    private static async Task<(string Html, string Headers)> Get(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
        return (await answer.Content.ReadAsStringAsync(Serving.Ct), answer.Headers.ToString());
    }

    private static async Task<(string Html, string Headers)> Until(
        HttpClient client, string words, string path = "/jobs/slow")
    {
        var (html, headers) = ("", "");
        await Waiting.For(
            async () =>
            {
                (html, headers) = await Get(client, path);
                return html.Contains(words, StringComparison.Ordinal);
            },
            () => $"{path} never said '{words}': {html}");
        return (html, headers);
    }
}
