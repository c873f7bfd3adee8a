using System.Net;
using Exchange.Portal.Exports;
using Exchange.Portal.Jobs;
using Exchange.Portal.Keys;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Invariant 7 beyond routes: other methods, and documents in every form.
/// </summary>
public partial class WhoMayDoMore
{
    /// <summary>
    /// A route is open by the methods that it names; by every other it is not there, for everybody. In a short run each
    /// asks by one of the others.
    /// </summary>
    [Fact]
    public async Task No_route_is_opened_or_broken_by_another_method()
    {
        await using var serving = await Serving.Start();
        string[] people = ["ada", "subsidy", "nerc", "finance", "operator"];
        var clients = new List<HttpClient> { serving.Anonymous(), await serving.WithKey(KeyScope.Read, null) };
        foreach (var person in people)
        {
            clients.Add(await serving.As(person));
        }

        var routes = WhoMayDoWhat.Routes(serving).GroupBy(r => r.Route).Where(of => of.Key != "{*path}").ToList();
        foreach (var route in routes)
        {
            var own = route.Select(r => r.Method).ToHashSet(StringComparer.Ordinal);
            string[] others = [.. ((string[])["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE", "X"])
                .Where(method => !own.Contains(method))];
            foreach (var (n, client) in clients.Index())
            {
                foreach (var method in Draws.Of(others, $"{route.Key} {n}"))
                {
                    var (status, body) = await WhoMayDoWhat.Ask(client, method, route.Key);
                    Assert.True(
                        (int)status is >= 400 and < 500 || (status == HttpStatusCode.Redirect && body == "/sign-in"),
                        $"{method} {route.Key}: {status} {body}");
                }
            }
        }

        clients.ForEach(client => client.Dispose());
    }

    /// <summary>Said a second time, and by hand, as the acts of routes are: a job gives nobody what pages refuse.</summary>
    private const string Started = """
        budgets: finance operator
        close: finance
        exports: finance
        mail: finance operator
        peers: finance
        rating: finance operator
        reminders: finance
        replay: operator
        savings: finance operator
        sources: operator
        stripe: finance
        verify: operator
        """;

    [Fact]
    public async Task Each_job_is_started_and_stopped_by_those_who_may_do_what_it_does_and_by_nobody_else()
    {
        await using var serving = await Serving.Start();
        var (may, jobs) = (new List<string>(), AllJobs.Of(new(null, null, null)).Select(job => job.Name).Order().ToList());
        foreach (var (who, page) in ((string, string)[])[
            ("ada", "/pi/budget"), ("finance", "/jobs/rating"), ("nerc", "/landlord/keys"), ("operator", "/jobs/rating"),
            ("subsidy", "/subsidy/enrol")])
        {
            using var person = await serving.As(who);
            var html = await person.GetStringAsync(new Uri(page, UriKind.Relative), Serving.Ct);
            var token = WebUtility.HtmlDecode(FormToken().Match(html).Groups[1].Value);
            foreach (var job in jobs)
            {
                using var form = new FormUrlEncodedContent([KeyValuePair.Create("form-token", token)]);
                using var stop = await person.PostAsync(new Uri($"/jobs/{job}/stop", UriKind.Relative), form, Serving.Ct);
                using var again = new FormUrlEncodedContent([KeyValuePair.Create("form-token", token)]);
                using var run = await person.PostAsync(new Uri($"/jobs/{job}/run", UriKind.Relative), again, Serving.Ct);
                var told = $"{who} {job}: {run.StatusCode} {await run.Content.ReadAsStringAsync(Serving.Ct)}";
                Assert.True(run.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.OK or HttpStatusCode.Forbidden
                    or HttpStatusCode.NotFound or HttpStatusCode.UnprocessableEntity or HttpStatusCode.Conflict,
                    Hostile.Start(told));
                Assert.Equal(
                    (who, job, IsRefused(run.StatusCode)), (who, job, IsRefused(stop.StatusCode)));
                if (!IsRefused(run.StatusCode))
                {
                    may.Add($"{job} {who}");
                }
            }
        }

        Assert.Equal(Started.ReplaceLineEndings("\n"), string.Join('\n', jobs.Select(job =>
            $"{job}: {string.Join(' ', may.Where(of => of.Split(' ')[0] == job).Select(of => of.Split(' ')[1]).Order())}")));
    }

    /// <summary>Some jobs are shown to those only who may start them: to others they are not there.</summary>
    private static bool IsRefused(HttpStatusCode status) =>
        status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound;

    [System.Text.RegularExpressions.GeneratedRegex("name=\"form-token\" value=\"([^\"]*)\"")]
    private static partial System.Text.RegularExpressions.Regex FormToken();

    /// <summary>Documents and exports of somebody else are not there, in every form in which they are given.</summary>
    [Fact]
    public async Task Documents_of_others_are_not_there_in_any_form()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.UseMuch(serving);
        await UsedMonth.Close(serving);
        using var ada = await serving.As("ada");
        using var ben = await serving.As("ben");
        using var nerc = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var all = await serving.WithKey(KeyScope.Read, null);
        var rows = (await TheApi.Json(all, "/v1/invoices?month=2026-10")).GetProperty("items").EnumerateArray();
        var asked = 0;
        foreach (var number in rows.Select(row => row.GetProperty("number").GetString()!))
        {
            var seen = new List<HttpClient>();
            foreach (var form in (string[])["", "/pdf", "/csv", ".pdf", ".csv"])
            {
                foreach (var person in (HttpClient[])[ada, ben])
                {
                    var (status, _) = await Get(person, $"/invoices/{number}{form}");
                    if (status == HttpStatusCode.OK)
                    {
                        seen.Add(person);
                    }
                }

                var (ofLandlord, _) = await Get(nerc, $"/v1/invoices/{number}{form}");
                Assert.NotEqual(HttpStatusCode.OK, ofLandlord);
                asked++;
            }

            Assert.Single(seen.Distinct()); // It is its PI's, and of no other.
        }

        Assert.True(asked >= 10, "No invoice was asked for.");
        foreach (var report in Report.All.Select(one => one.Name).Except(["charges", "focus", "settlement"]))
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await Get(nerc, $"/v1/exports/{report}?month=2026-10")).Status);
        }

        async Task<(HttpStatusCode Status, string Body)> Get(HttpClient client, string path)
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Serving.Ct));
        }
    }
}
