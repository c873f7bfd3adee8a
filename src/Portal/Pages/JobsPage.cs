using Exchange.Portal.Jobs;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using Microsoft.AspNetCore.Components;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /jobs — every job: on or off, when it ran last and runs next, and what came of it.</summary>
public sealed partial class JobsPage
{
    internal const int SecondsBetweenLooks = 3;

    /// <summary>The jobs, and what is wrong with some.</summary>
    public sealed record Overview(Watch? Watch, bool StartsNone, IListing Jobs)
    {
        public required IReadOnlyList<Trouble> Troubles { get; init; }

        /// <summary>Whether the reader keeps the machine, and may look at its queue.</summary>
        public required bool HasDashboard { get; init; }
    }

    /// <summary>A page of what runs now: the browser loads it again by itself, or it stands still.</summary>
    public sealed record Watch(string Path, bool IsStill);

    /// <summary>A job that failed or died, and why.</summary>
    public sealed record Trouble(string Job, string State, string Why);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/jobs", Get)
        .RequireAuthorization(Permissions.SeeJobs).ExcludeFromDescription();

    /// <summary>What of the jobs somebody may see and start: those by hand are an operator's.</summary>
    internal static IReadOnlyList<Job> Of(HttpContext http, ServerOptions options)
    {
        var all = options.Jobs.Count > 0 ? options.Jobs : AllJobs.Of(JobSettings.Here());
        return Viewer.Needed(http).Role == Role.Operator ? all : [.. all.Where(job => !job.IsByHand)];
    }

    /// <summary>Whether they may start and stop it: as whoever may do by hand what it does.</summary>
    internal static bool MayRun(HttpContext http, Job job) => Permissions.Allows(job.Act, Viewer.Needed(http).Role);

    /// <summary>The browser loads the page again by itself while something runs, without a script.</summary>
    /// <returns>What the page says about it; null where nothing runs.</returns>
    public static Watch? Looks(HttpContext http, bool isRunning)
    {
        var isStill = http.Request.Query.ContainsKey("still");
        if (isRunning && !isStill)
        {
            http.Response.Headers["Refresh"] = $"{SecondsBetweenLooks}";
        }

        return isRunning ? new(http.Request.Path, isStill) : null;
    }

    internal static RenderFragment State(JobRow job) => Cell.Tag(job.State, job.State switch
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
        var listing = List(rows, jobs, now);
        return listing.Answer(http) ?? Page.Of<JobsPage, Overview>(http, "Jobs", new(
            Looks(http, rows.Any(r => r.State == "running")), options.Jobs.Count == 0, listing)
        {
            Troubles =
            [
                .. rows.Where(r => r.State is "failed" or "died").Select(r => new Trouble(r.Name, r.State, Why(r))),
            ],
            HasDashboard = Permissions.Allows(Permissions.KeepMachine, Viewer.Needed(http).Role),
        });
    }

    private static Listing<JobRow> List(
        IReadOnlyList<JobRow> rows, Dictionary<string, Job> jobs, Instant now) => new("jobs", "Jobs", rows,
    [
        Column<JobRow>.Link("Job", r => r.Name, r => $"/jobs/{Uri.EscapeDataString(r.Name)}"),
        Column<JobRow>.Words("Does", r => r.What),
        new("State", State, Plain: r => r.State, Key: r => r.State),
        Column<JobRow>.Time("Ran last", r => r.StartedAt),
        Column<JobRow>.Words("Said", r => r.Said),
        Column<JobRow>.Words("Next run", r => Next(jobs[r.Name], now)) with { Key = r => jobs[r.Name].NextAfter(now) },
    ], "There are no jobs.");

    internal static string Why(JobRow job) => job.State == "died"
        ? "its server went away before it was done; it is run again when it is next due, or by hand"
        : job.Said;

    internal static string Next(Job job, Instant now) => job.NextAfter(now) is { } at ? Show.Of(at)
        : job.IsByHand ? "by hand" : "off";
}
