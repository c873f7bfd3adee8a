using Exchange.Portal.Jobs;
using Exchange.Portal.Web.Access;
using Hangfire;
using Hangfire.Dashboard;

namespace Exchange.Portal.Web;

/// <summary>
/// /jobs/dashboard — what Hangfire knows of its schedule, its queue and its servers, for operators. It is read only:
/// jobs are started on the pages of jobs, where whoever starts one needs the permission of what it does.
/// </summary>
internal static class JobDashboard
{
    public const string Path = "/jobs/dashboard";

    public static void Map(WebApplication app)
    {
        Lazy<RequestDelegate> dashboard = new(() => Build(app));
        app.MapGet($"{Path}/{{**path}}", (HttpContext http, CancellationToken _) => Answer(http, dashboard.Value))
            .RequireAuthorization(Permissions.KeepMachine).ExcludeFromDescription();

        // The figures at the top of a page are asked for every few seconds.
        app.MapPost($"{Path}/stats", (HttpContext http, CancellationToken _) => Answer(http, dashboard.Value))
            .RequireAuthorization(Permissions.KeepMachine).ChecksForm().Makes().ExcludeFromDescription();
    }

    private static RequestDelegate Build(WebApplication app)
    {
        var dashboard = new AspNetCoreDashboardMiddleware(
            _ => Task.CompletedTask, // What it does not know does not come here.
            app.Services.GetRequiredService<JobSchedule>().Store,
            new DashboardOptions
            {
                AppPath = "/jobs",
                Authorization = [],
                IsReadOnlyFunc = _ => true,
                DashboardTitle = "Jobs",
                FaviconPath = Assets.Path("icon.svg"),
                DisplayStorageConnectionString = false,
                StatsPollingInterval = 10_000,
            },
            DashboardRoutes.Routes);
        return dashboard.Invoke;
    }

    private static async Task<IResult> Answer(HttpContext http, RequestDelegate dashboard)
    {
        var (above, path) = (http.Request.PathBase, http.Request.Path);
        http.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase, out var below);
        if (DashboardRoutes.Routes.FindDispatcher(below.HasValue ? below.Value! : "/") is null ||
            (below == "/stats" && !HttpMethods.IsPost(http.Request.Method)))
        {
            return new NotThere();
        }

        if (IsPage(http, below))
        {
            await http.RequestServices.GetRequiredService<Composition>().Audit.Note(
                Viewer.Needed(http).Actor, "jobs dashboard", below.HasValue ? below.Value! : "/", "done",
                AuthorizationResults.Origin(http), http.RequestAborted);
        }

        (http.Request.PathBase, http.Request.Path) = (above + Path, below.HasValue ? below : "/");
        try
        {
            await dashboard(http);
        }
        finally
        {
            (http.Request.PathBase, http.Request.Path) = (above, path);
        }

        return Results.Empty;
    }

    private static bool IsPage(HttpContext http, PathString below) => HttpMethods.IsGet(http.Request.Method) &&
        !((string[])["/css", "/js", "/fonts"]).Any(
            part => below.Value?.StartsWith(part, StringComparison.Ordinal) == true);
}
