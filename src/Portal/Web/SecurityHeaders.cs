namespace Exchange.Portal.Web;

/// <summary>What every answer tells browsers: no frames, scripts and all else from here alone.</summary>
internal static class SecurityHeaders
{
    private const string Policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    /// <summary>What an answer has at least that is written without the framework.</summary>
    public static string Lines =>
        $"Content-Security-Policy: {Policy}\nX-Content-Type-Options: nosniff\nX-Frame-Options: DENY";

    public static void Use(WebApplication app) => app.Use((http, next) =>
    {
        Set(http);
        return next(http);
    });

    /// <summary>Lets pages of these origins show this answer in a frame; it has no script and no form.</summary>
    public static void AllowFrames(HttpContext http, IReadOnlyList<string> origins)
    {
        if (origins.Count == 0)
        {
            return;
        }

        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'self'; frame-ancestors {string.Join(' ', origins)}; base-uri 'none'";
        headers.Remove("X-Frame-Options"); // It knows no list of origins, and forbids them all.
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
    }

    public static void Set(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        headers.CacheControl = "no-store"; // Bills are nobody else's business; assets say otherwise themselves.
        if (http.Request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }
    }
}
