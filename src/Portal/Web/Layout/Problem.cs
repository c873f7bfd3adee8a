using Exchange.Portal.Web.Components;

namespace Exchange.Portal.Web;

/// <summary>A refusal as RFC 9457 says it to programs, and as a page says it to people.</summary>
internal static class Problem
{
    public static IResult Of(Refusal refusal, int status = StatusCodes.Status409Conflict) =>
        new Answer(refusal, status);

    internal static string Title(int status) => status switch
    {
        400 => "Bad request",
        401 => "Not signed in",
        403 => "Access denied",
        404 => "Not found",
        413 => "Too large",
        429 => "Too many requests",
        503 => "Unavailable",
        _ => "Refused",
    };

    private sealed class Answer(Refusal refusal, int status) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var wantsPage = !httpContext.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase) &&
                httpContext.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);
            var result = wantsPage
                ? Layout.Page(httpContext, Title(status), Cell.Of<Refused>(nameof(Refused.Sentence), refusal.Message),
                    status)
                : Results.Problem(
                    detail: refusal.Message, title: Title(status), statusCode: status, instance: refusal.Where,
                    type: $"https://exchange.invalid/refusals/{refusal.Code}",
                    extensions: new Dictionary<string, object?> { ["code"] = refusal.Code });
            return result.ExecuteAsync(httpContext);
        }
    }
}
