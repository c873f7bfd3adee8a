using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Exchange.Portal.Audit;

namespace Exchange.Portal.Web.Access;

/// <summary>
/// How often somebody may try to sign in. What counts of an address is what failed there, so that a campus behind one
/// address gets in however many they are, and nobody guesses; what counts of a person is every time.
/// </summary>
internal sealed class SignInLimits : IDisposable
{
    /// <summary>How often signing in may fail from one address, a minute.</summary>
    public const int FailuresPerMinute = 60;

    /// <summary>How often one person may sign in, a minute.</summary>
    public const int PersonPerMinute = 30;

    /// <summary>How often one address may begin or end a sign-in at all, a minute.</summary>
    public const int TriesPerMinute = 3_000;

    private readonly PartitionedRateLimiter<string> _failures = Of(FailuresPerMinute);
    private readonly PartitionedRateLimiter<string> _tries = Of(TriesPerMinute);
    private readonly PartitionedRateLimiter<string> _people = Of(PersonPerMinute);

    /// <summary>Turns away addresses from which too much failed, and counts what fails.</summary>
    public static void Use(WebApplication app)
    {
        var limits = app.Services.GetRequiredService<SignInLimits>();
        app.Use(async (http, next) =>
        {
            if (!IsTry(http))
            {
                await next(http);
                return;
            }

            var address = Network(http.Connection.RemoteIpAddress);
            using var left = limits._failures.AttemptAcquire(address, 0);
            using var one = limits._tries.AttemptAcquire(address);
            if (!left.IsAcquired || !one.IsAcquired)
            {
                await TooMany(http, "Too many sign-ins failed from this address. Try again in a minute.");
                return;
            }

            await next(http);
            if (http.Response.StatusCode is >= 400 and not StatusCodes.Status429TooManyRequests)
            {
                limits._failures.AttemptAcquire(address).Dispose();
            }
        });
    }

    /// <summary>Whether this person may sign in once more.</summary>
    public bool TryPerson(string actor)
    {
        using var one = _people.AttemptAcquire(actor);
        return one.IsAcquired;
    }

    public static async Task TooMany(HttpContext http, string sentence)
    {
        http.Response.Headers.RetryAfter = "60";
        var refusal = new Refusal("access/too-many-sign-ins", sentence);
        var where = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText; // Of a link, not what it holds.
        await http.RequestServices.GetRequiredService<AuditLog>().NoteRefusal(
            RefusalCounts.Stranger, "sign in", where ?? "/sign-in", refusal.Code, AuthorizationResults.Origin(http),
            http.RequestAborted);
        await Problem.Of(refusal, StatusCodes.Status429TooManyRequests).ExecuteAsync(http);
    }

    public void Dispose()
    {
        _failures.Dispose();
        _tries.Dispose();
        _people.Dispose();
    }

    private static PartitionedRateLimiter<string> Of(int perMinute) =>
        PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetFixedWindowLimiter(
            key, _ => new FixedWindowRateLimiterOptions
            {
                PermitLimit = perMinute,
                Window = TimeSpan.FromMinutes(1),
            }));

    /// <summary>Whoever has one address of IPv6 has all of its network.</summary>
    private static string Network(IPAddress? address)
    {
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false })
        {
            return address?.MapToIPv4().ToString() ?? "unknown";
        }

        return $"{Convert.ToHexString(address.GetAddressBytes(), 0, 8)}/64";
    }

    private static bool IsTry(HttpContext http) =>
        http.Request.Path.StartsWithSegments("/sign-in", StringComparison.OrdinalIgnoreCase) &&
        (HttpMethods.IsPost(http.Request.Method) || http.Request.Path != "/sign-in");
}
