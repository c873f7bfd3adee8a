using Exchange.Portal.Audit;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace Exchange.Portal.Web.Access;

/// <summary>Answers those whom a policy turns away, and writes each refusal to the audit log first.</summary>
internal sealed class AuthorizationResults(AuditLog audit) : IAuthorizationMiddlewareResultHandler
{
    public async Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy,
        PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            await next(context);
            return;
        }

        var isProgram = context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase);
        if (authorizeResult.Challenged && !isProgram && HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.Redirect("/sign-in"); // Somebody who is not signed in yet is not refused anything.
            return;
        }

        var refusal = authorizeResult.Challenged
            ? NoKey.Refusal
            : new Refusal(
                "access/not-yours", "Whoever you are signed in as, or your key's scope, may not do this.");
        await Refuse(context, refusal, audit, authorizeResult.Challenged ? 401 : 403);
    }

    /// <summary>Notes that someone reached for what is not theirs, and says no.</summary>
    public static async Task Refuse(HttpContext http, Refusal refusal, AuditLog audit, int status = 403)
    {
        await audit.NoteRefusal(
            Viewer.Of(http.User)?.Actor ?? RefusalCounts.Stranger, $"{http.Request.Method} {Route(http)}",
            http.Request.Path, refusal.Code, Origin(http), http.RequestAborted);
        if (status == 401)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        await Problem.Of(refusal, status).ExecuteAsync(http);
    }

    public static string Origin(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "unknown";

    private static string Route(HttpContext http) =>
        (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "unknown";
}
