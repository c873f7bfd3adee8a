using Exchange.Portal.Jobs;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /jobs — every job: on or off, when it ran last and runs next, and what came of it.</summary>
internal static class JobsPage
{
    private const int SecondsBetweenLooks = 3;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/jobs", Get)
        .RequireAuthorization(Permissions.SeeJobs).ExcludeFromDescription();

    /// <summary>What of the jobs somebody may see and start: those by hand are an operator's.</summary>
    public static IReadOnlyList<Job> Of(HttpContext http, ServerOptions options)
    {
        var all = options.Jobs.Count > 0 ? options.Jobs : AllJobs.Of(JobSettings.Here());
        return Viewer.Needed(http).Role == Role.Operator ? all : [.. all.Where(job => !job.IsByHand)];
    }

    /// <summary>Whether they may start and stop it: as whoever may do by hand what it does.</summary>
    public static bool MayRun(HttpContext http, Job job) => Permissions.Allows(job.Act, Viewer.Needed(http).Role);

    /// <summary>The browser loads the page again by itself while something runs, without a script.</summary>
    /// <returns>What the page says about it.</returns>
    public static Html LookAgain(HttpContext http, bool isRunning)
    {
        if (!isRunning || http.Request.Query.ContainsKey("still"))
        {
            return Html.If(isRunning, () => Html.Of($"""
                <p class="lead" role="status">It runs. <a href="{http.Request.Path}">Look again,
                    and go on looking</a></p>
                """));
        }

        http.Response.Headers["Refresh"] = $"{SecondsBetweenLooks}";
        return Html.Of($"""
            <p class="lead" role="status">It runs: this page looks again every {SecondsBetweenLooks} seconds.
            <a href="{http.Request.Path}?still=1">Keep it still</a></p>
            """);
    }

    public static Html State(JobRow job) => Tag.Of(job.State, job.State switch
    {
        "done" => "good",
        "failed" or "died" => "bad",
        "running" => "warn",
        _ => "",
    });

    private static async Task<IResult> Get(
        HttpContext http, View view, IClock clock, ServerOptions options, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var jobs = Of(http, options).ToDictionary(job => job.Name);
        var rows = await JobList.Run(await view.Connection(ct), [.. jobs.Values], ct);
        var listing = new Listing<JobRow>("jobs", "Jobs", rows,
        [
            Column<JobRow>.Link("Job", r => r.Name, r => $"/jobs/{Uri.EscapeDataString(r.Name)}"),
            Column<JobRow>.Words("Does", r => r.What),
            new("State", State, Plain: r => r.State, Key: r => r.State),
            Column<JobRow>.Time("Ran last", r => r.StartedAt),
            Column<JobRow>.Words("Said", r => r.Said),
            new("Next run", r => Html.Of($"{Next(jobs[r.Name], now)}"), Plain: r => Next(jobs[r.Name], now),
                Key: r => jobs[r.Name].NextAfter(now)),
        ], "There are no jobs.");
        return listing.IsAskedFor(http) ? listing.Csv(http) : Layout.Page(http, "Jobs", Html.Of($"""
            {LookAgain(http, rows.Any(r => r.State == "running"))}
            {Html.If(options.Jobs.Count == 0, () => Html.Of($"""
            <p class="note-box warn">This server starts no job by itself. Whatever is due next is so for one that was
            started with <code>exchange serve</code>.</p>
            """))}
            {Html.If(rows.Any(r => r.State is "failed" or "died"), () => Html.Of($"""
            <div class="note-box bad"><ul class="checks">{Html.Join(rows.Where(r => r.State is "failed" or "died"), r =>
                Html.Of($"<li><b>{r.Name}</b> {r.State}: {Why(r)}</li>"))}</ul></div>
            """))}
            {listing.Of(http)}
            {Html.If(Permissions.Allows(Permissions.KeepMachine, Viewer.Needed(http).Role), () => Html.Of($"""
            <p><a href="{JobDashboard.Path}">Schedule and queue</a></p>
            """))}
            """));
    }

    public static string Why(JobRow job) => job.State == "died"
        ? "its server went away before it was done; it is run again when it is next due, or by hand"
        : job.Said;

    public static string Next(Job job, Instant now) => job.NextAfter(now) is { } at ? Show.Of(at)
        : job.IsByHand ? "by hand" : "off";
}
