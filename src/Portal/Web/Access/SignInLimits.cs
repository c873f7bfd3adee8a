using System.Globalization;
using System.Threading.RateLimiting;
using Exchange.Portal.Audit;

namespace Exchange.Portal.Web.Access;

/// <summary>
/// How often one address may try to sign in: enough for a class that starts at once, too few to guess.
/// </summary>
internal static class SignInLimits
{
    public const int PerMinute = 60;

    public static void AddTo(IServiceCollection services) => services.AddRateLimiter(limits =>
    {
        limits.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(http => IsTry(http)
            ? RateLimitPartition.GetFixedWindowLimiter(Gate.Origin(http), _ => new FixedWindowRateLimiterOptions
            {
                PermitLimit = PerMinute,
                Window = TimeSpan.FromMinutes(1),
            })
            : RateLimitPartition.GetNoLimiter("others"));
        limits.OnRejected = async (context, ct) =>
        {
            var http = context.HttpContext;
            var seconds = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait.Seconds : 60;
            http.Response.Headers.RetryAfter = (seconds + 1).ToString(CultureInfo.InvariantCulture);
            var refusal = new Refusal(
                "access/too-many-sign-ins", "Too many sign-ins from this address. Try again in a minute.");
            await http.RequestServices.GetRequiredService<AuditLog>().NoteRefusal(
                RefusalCounts.Stranger, "sign in", http.Request.Path, refusal.Code, Gate.Origin(http), ct);
            await Problem.Of(refusal, StatusCodes.Status429TooManyRequests).ExecuteAsync(http);
        };
    });

    private static bool IsTry(HttpContext http) =>
        http.Request.Path.StartsWithSegments("/sign-in", StringComparison.Ordinal) &&
        (HttpMethods.IsPost(http.Request.Method) || http.Request.Path != "/sign-in");
}
