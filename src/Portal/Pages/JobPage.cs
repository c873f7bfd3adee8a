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
public sealed partial class JobPage
{
    private const int MaxShown = 50;

    /// <summary>A job, how far it is, and its runs.</summary>
    /// <param name="Next">When it is due, in words.</param>
    public sealed record Standing(string Name, string What, string Next, string? Cron, ITable Runs)
    {
        /// <summary>Why it was not started or stopped; null when nothing was refused.</summary>
        public string? Refused { get; init; }

        /// <summary>Whether the reader may start and stop it.</summary>
        public required bool MayRun { get; init; }

        /// <summary>Why the reader cannot start it; null where they can.</summary>
        public string? WhyNot { get; init; }

        /// <summary>What the run says that is under way; null when none is.</summary>
        public string? Said { get; init; }

        public JobsPage.Watch? Watch { get; init; }
    }

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
        HttpContext http, View view, Composition exchange, ServerOptions options, JobsByHand byHand, string name,
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
            new StartJob(byHand, job, Viewer.Needed(http).Actor, AuthorizationResults.Origin(http)), http, ct);
        return refusal is null
            ? Results.Redirect(Path(name))
            : await Draw(http, view, exchange.Clock, options, name, refusal, ct);
    }

    private static async Task<IResult> Stop(
        HttpContext http, View view, Composition exchange, ServerOptions options, string name, CancellationToken ct)
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
            : await Draw(http, view, exchange.Clock, options, name, refusal, ct);
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
        var runs = await JobList.Of(await view.Connection(ct), job, MaxShown, ct);
        var running = runs.FirstOrDefault(run => run.State == "running");
        var mayRun = JobsPage.MayRun(http, job);
        return Page.Of<JobPage, Standing>(
            http, $"Job: {name}", new(name, job.What, JobsPage.Next(job, now), job.Cron, Runs(runs))
            {
                Refused = refusal?.Message,
                MayRun = mayRun,
                WhyNot = job.NotHere is { } off ? off.Message : mayRun ? null : Whose(job),
                Said = running is null ? null : running.Said.Length > 0 ? running.Said : "It has begun.",
                Watch = JobsPage.Looks(http, running is not null),
            }, status: refusal is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);
    }

    private static TableOf<JobRow> Runs(IReadOnlyList<JobRow> runs) => new(
        "Its runs, newest first", runs,
        [
            Column<JobRow>.Time("Started", r => r.StartedAt),
            Column<JobRow>.Time("Ended", r => r.EndedAt),
            new("State", JobsPage.State),
            Column<JobRow>.Words("By", r => r.AskedBy.Length > 0 ? r.AskedBy : "the schedule"),
            Column<JobRow>.Words("Said", r => r.State == "died" ? JobsPage.Why(r) : r.Said),
            Column<JobRow>.Number("Attempts", r => (decimal)r.Attempts),
        ], "It has not run yet.");
}
