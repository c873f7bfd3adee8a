using Exchange.Portal.Commands;
using Exchange.Portal.Jobs;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /jobs/{name} — one job: how far it is, what came of its runs, and starting or stopping one. Verify and replay are
/// jobs too.
/// </summary>
internal static class JobPage
{
    private const int Shown = 50;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/jobs/{name}", Get).RequireAuthorization(Permissions.SeeJobs).ExcludeFromDescription();
        app.MapPost("/jobs/{name}/run", Run).RequireAuthorization(Permissions.RunJobs).ChecksForm().Makes()
            .ExcludeFromDescription();
        app.MapPost("/jobs/{name}/stop", Stop).RequireAuthorization(Permissions.RunJobs).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    private static Task<IResult> Get(
        HttpContext http, View view, IClock clock, ServerOptions options, string name, CancellationToken ct) =>
        Draw(http, view, clock, options, name, null, ct);

    private static async Task<IResult> Run(
        HttpContext http, View view, Composition exchange, IClock clock, ServerOptions options, JobsByHand byHand,
        string name, CancellationToken ct)
    {
        if (Named(http, options, name) is not { } job)
        {
            return new NotThere();
        }

        if (!JobsPage.MayRun(http, job))
        {
            return await NotYours(http, exchange, job);
        }

        var refusal = await exchange.Commands.Try(
            new StartJob(byHand, job, Viewer.Needed(http).Actor, AuthorizationResults.Origin(http)), http, ct);
        return refusal is null
            ? Results.Redirect(Path(name))
            : await Draw(http, view, clock, options, name, refusal, ct);
    }

    private static async Task<IResult> Stop(
        HttpContext http, View view, Composition exchange, IClock clock, ServerOptions options, string name,
        CancellationToken ct)
    {
        if (Named(http, options, name) is not { } job)
        {
            return new NotThere();
        }

        if (!JobsPage.MayRun(http, job))
        {
            return await NotYours(http, exchange, job);
        }

        var refusal = await exchange.Commands.Try(
            new StopJob(exchange.Database, job, Viewer.Needed(http).Actor), http, ct);
        return refusal is null
            ? Results.Redirect(Path(name))
            : await Draw(http, view, clock, options, name, refusal, ct);
    }

    /// <summary>Whoever may not do by hand what a job does starts no job that does it.</summary>
    private static async Task<IResult> NotYours(HttpContext http, Composition exchange, Job job)
    {
        await AuthorizationResults.Refuse(http, new("jobs/not-yours", Whose(job)), exchange.Audit);
        return Results.Empty;
    }

    private static string Whose(Job job) =>
        $"Job '{job.Name}' is started and stopped by those who may {job.Act}: " +
        $"{string.Join(" and ", Permissions.ByRole[job.Act].Select(role => $"{role}".ToLowerInvariant()))}.";

    private static Job? Named(HttpContext http, ServerOptions options, string name) =>
        JobsPage.Of(http, options).FirstOrDefault(job => job.Name == name);

    private static string Path(string name) => $"/jobs/{Uri.EscapeDataString(name)}";

    private static async Task<IResult> Draw(
        HttpContext http, View view, IClock clock, ServerOptions options, string name, Refusal? refusal,
        CancellationToken ct)
    {
        if (Named(http, options, name) is not { } job)
        {
            return new NotThere();
        }

        var now = clock.GetCurrentInstant();
        var runs = await JobList.Of(await view.Connection(ct), job, Shown, ct);
        var running = runs.FirstOrDefault(run => run.State == "running");
        return Layout.Page(http, $"Job: {name}", Html.Of($"""
            <p class="crumbs"><a href="/jobs">Jobs</a></p>
            {Html.If(refusal is not null, () => Html.Of($"""
            <p class="note-box bad" role="alert">{refusal!.Message}</p>
            """))}
            <p>{job.What}</p>
            <dl class="facts"><dt>Due next</dt><dd>{JobsPage.Next(job, now)}</dd>
            <dt>Schedule</dt><dd>{(job.Cron is { } cron ? Html.Of($"<code>{cron}</code> (UTC)")
                : Html.Of($"none"))}</dd>
            </dl>
            {(running is null ? Start(http, job) : Running(http, job, running))}
            {Table.Of("Its runs, newest first", runs, [
                Column<JobRow>.Time("Started", r => r.StartedAt),
                Column<JobRow>.Time("Ended", r => r.EndedAt),
                new("State", JobsPage.State),
                Column<JobRow>.Words("By", r => r.AskedBy.Length > 0 ? r.AskedBy : "the schedule"),
                Column<JobRow>.Words("Said", r => r.State == "died" ? JobsPage.Why(r) : r.Said),
                Column<JobRow>.Number("Attempts", r => (decimal)r.Attempts),
            ], "It has not run yet.")}
            """), refusal is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);
    }

    private static Html Start(HttpContext http, Job job) =>
        job.NotHere is { } off ? Html.Of($"""<p class="empty">{off.Message}</p>""")
        : !JobsPage.MayRun(http, job) ? Html.Of($"""<p class="empty">{Whose(job)}</p>""")
        : Form.Post(http, $"{Path(job.Name)}/run", Html.Of($"""<p><button class="main">Run now</button></p>"""));

    private static Html Running(HttpContext http, Job job, JobRow run) => Html.Of($"""
        {JobsPage.LookAgain(http, isRunning: true)}
        <div class="note-box warn"><p>{(run.Said.Length > 0 ? run.Said : "It has begun.")}</p></div>
        {Html.If(JobsPage.MayRun(http, job), () => Form.Post(
            http, $"{Path(run.Name)}/stop", Html.Of($"""<p><button>Stop job</button></p>""")))}
        """);
}
