using System.Net;
using System.Text.RegularExpressions;
using Exchange.Portal.Jobs;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Hangfire's dashboard: operators look at it, nobody acts in it, each look is in the audit log, and it keeps to the
/// policy of every page: no script and no style but from files of this server.
/// </summary>
public partial class TheJobDashboard
{
    private static readonly string[] Pages =
        ["", "/recurring", "/servers", "/jobs/enqueued", "/jobs/processing", "/jobs/succeeded", "/jobs/failed",
            "/jobs/scheduled", "/retries"];

    [Fact]
    public async Task Its_pages_have_nothing_that_the_policy_of_the_portal_forbids()
    {
        await using var serving = await Serving.Start(jobs: [Tick]);
        using var opal = await serving.As("operator");
        var details = $"/jobs/details/{await Run(serving, opal)}";
        foreach (var page in Pages.Append(details))
        {
            using var answer = await opal.GetAsync(new Uri($"/jobs/dashboard{page}", UriKind.Relative), Serving.Ct);
            var html = await answer.Content.ReadAsStringAsync(Serving.Ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains(
                "default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(),
                StringComparison.Ordinal);
            Assert.Equal("DENY", answer.Headers.GetValues("X-Frame-Options").Single());

            // The states of one job are coloured by attributes, which the policy leaves without effect.
            Assert.Equal([], Inline().Matches(html).Select(m => m.Value).Where(
                tag => page != details || !Coloured().IsMatch(tag)));
            Assert.Equal([], Elsewhere().Matches(html).Select(m => $"{page}: {m.Value}"));
            foreach (Match file in Files().Matches(html))
            {
                using var got = await opal.GetAsync(new Uri(file.Groups[1].Value, UriKind.Relative), Serving.Ct);
                Assert.Equal(HttpStatusCode.OK, got.StatusCode);
            }
        }

        var audit = await opal.GetStringAsync(new Uri("/operator/audit", UriKind.Relative), Serving.Ct);
        Assert.Contains("jobs dashboard", audit, StringComparison.Ordinal);
        Assert.DoesNotContain("/css", audit, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/recurring/trigger")]
    [InlineData("/recurring/remove")]
    [InlineData("/jobs/enqueued/delete")]
    [InlineData("/jobs/actions/requeue/1")]
    public async Task Nothing_is_started_changed_or_removed_in_it(string act)
    {
        await using var serving = await Serving.Start(jobs: [Tick]);
        using var opal = await serving.As("operator");
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("jobs[]", "tick")]);
        using var answer = await opal.PostAsync(new Uri($"/jobs/dashboard{act}", UriKind.Relative), form, Serving.Ct);
        Assert.Contains(answer.StatusCode, (HttpStatusCode[])[
            HttpStatusCode.MethodNotAllowed, HttpStatusCode.NotFound]);
    }

    [Fact]
    public async Task A_job_is_run_by_those_who_may_do_what_it_does()
    {
        var ran = 0;
        var close = Tick with
        {
            Name = "close",
            Act = Web.Access.Permissions.CloseMonths,
            Work = (_, run, _) => Task.FromResult($"{++ran} by {run.By}"),
        };
        await using var serving = await Serving.Start(jobs: [close, Tick]);
        using var opal = await serving.As("operator");
        using var finance = await serving.As("finance");
        using var refused = await UsedMonth.Submit(opal, "/jobs/tick", "/jobs/tick/run", to: "/jobs/close/run");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains(
            "jobs/not-yours", await refused.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        using var stop = await UsedMonth.Submit(opal, "/jobs/tick", "/jobs/tick/run", to: "/jobs/close/stop");
        Assert.Equal(HttpStatusCode.Forbidden, stop.StatusCode);
        Assert.Equal(0, ran);
        Assert.DoesNotContain("/jobs/close/run", await opal.GetStringAsync(
            new Uri("/jobs/close", UriKind.Relative), Serving.Ct), StringComparison.Ordinal);

        using var run = await UsedMonth.Submit(finance, "/jobs/close", "/jobs/close/run");

        Assert.Equal("/jobs/close", run.Headers.Location?.ToString());
        var page = "";
        await Waiting.For(
            async () => (page = await finance.GetStringAsync(new Uri("/jobs/close", UriKind.Relative), Serving.Ct))
                .Contains("1 by person:finance", StringComparison.Ordinal),
            () => page);
        Assert.Equal(1, ran);
    }

    private static Job Tick { get; } = new("tick", "Ticks.", "0 0 3 1 1 ?", (_, _, _) => Task.FromResult("Ticked."));

    private static async Task<string> Run(Serving serving, HttpClient opal)
    {
        using var begun = await UsedMonth.Submit(opal, "/jobs/tick", "/jobs/tick/run");
        await using var command = serving.Exchange.Database.CreateCommand("select max(id)::text from hangfire.job");
        return (string)(await command.ExecuteScalarAsync(Serving.Ct))!;
    }

    /// <summary>What runs or is styled in the page itself.</summary>
    [GeneratedRegex("<script(?![^>]*src=)[^>]*>|<style[^>]*>|<[^>]*\\s(style|on[a-z]+)=\"[^\"]*\"|javascript:")]
    private static partial Regex Inline();

    [GeneratedRegex("^<[a-z0-9]+ class=\"state-card[^\"]*\" style=\"[^\"]*\"$")]
    private static partial Regex Coloured();

    /// <summary>Links that lead to pages of others are followed by people only.</summary>
    [GeneratedRegex("<(script|link|img|iframe|form)[^>]*(src|href|action)=\"(https?:)?//[^\"]*\"")]
    private static partial Regex Elsewhere();

    [GeneratedRegex("<(?:script|link)[^>]*(?:src|href)=\"([^\"]*)\"")]
    private static partial Regex Files();
}
