namespace Exchange.Portal.Web;

/// <summary>
/// Routes that change a thing demand the version that their caller looked at: a hidden field of a form, If-Match of a
/// program. While one is at work, nobody else changes the same thing through such a route.
/// </summary>
internal static class IfMatch
{
    /// <summary>What the locks of edits are of.</summary>
    private const int LockKind = 2;

    /// <summary>
    /// How a route changes things: it edits what is there, or makes what was not and so cannot be stale.
    /// </summary>
    internal sealed record Marked(bool Edits);

    /// <summary>The streams of the thing that a request changes; null when it is not there or not theirs.</summary>
    public delegate Task<IReadOnlyList<string>?> Streams(HttpContext http, Composition exchange, CancellationToken ct);

    /// <summary>The route makes something new, or does something again.</summary>
    public static RouteHandlerBuilder Makes(this RouteHandlerBuilder route) => route.WithMetadata(new Marked(false));

    /// <summary>The route changes what the request alone names, whether anybody wrote to it before or not.</summary>
    public static RouteHandlerBuilder Edits(
        this RouteHandlerBuilder route, Func<HttpContext, Composition, IReadOnlyList<string>> named) =>
        route.Edits((http, exchange, _) => Task.FromResult<IReadOnlyList<string>?>(named(http, exchange)));

    public static RouteHandlerBuilder Edits(this RouteHandlerBuilder route, Streams find) =>
        route.WithMetadata(new Marked(true)).AddEndpointFilter(async (invocation, next) =>
        {
            var http = invocation.HttpContext;
            var exchange = http.RequestServices.GetRequiredService<Composition>();
            if (await find(http, exchange, http.RequestAborted) is not { } streams)
            {
                return await next(invocation);
            }

            await using var alone = await exchange.Locks.Hold(
                LockKind, [.. streams.Select(stream => $"edit {stream}")], http.RequestAborted);
            return await Alone(invocation, next, () => ETag.Of(exchange, streams, http.RequestAborted));
        });

    /// <summary>
    /// The route changes something of which a stream tells beside others: their changes are no version of it.
    /// </summary>
    /// <param name="named">Of what only one is changed at a time.</param>
    /// <param name="find">What was done to it so far; null when it is not there or not theirs.</param>
    public static RouteHandlerBuilder Edits(
        this RouteHandlerBuilder route, Func<HttpContext, string> named,
        Func<HttpContext, Composition, CancellationToken, Task<ETag?>> find) =>
        route.WithMetadata(new Marked(true)).AddEndpointFilter(async (invocation, next) =>
        {
            var http = invocation.HttpContext;
            var exchange = http.RequestServices.GetRequiredService<Composition>();
            if (await find(http, exchange, http.RequestAborted) is null)
            {
                return await next(invocation);
            }

            await using var alone = await exchange.Locks.Hold(LockKind, [$"edit {named(http)}"], http.RequestAborted);
            return await Alone(
                invocation, next, async () => await find(http, exchange, http.RequestAborted) ?? ETag.Untouched);
        });

    private static async ValueTask<object?> Alone(
        EndpointFilterInvocationContext invocation, EndpointFilterDelegate next, Func<Task<ETag>> now)
    {
        var http = invocation.HttpContext;
        var isForm = IsForm(http);
        var seen = isForm ? (await http.Request.ReadFormAsync(http.RequestAborted))[ETag.Field].ToString()
            : http.Request.Headers.IfMatch.ToString().Trim('"');
        var edition = await now();
        if (seen == "*" && !isForm)
        {
            return await next(invocation);
        }

        if (edition.Since(seen) is { } changes)
        {
            var stale = new Stale(changes, seen.Length == 0);
            if (!isForm)
            {
                return Problem.Of(stale.IsMissing
                    ? new("request/no-version", $"{stale.Sentence} Send 'If-Match' with its 'version'.")
                    : new("request/changed", stale.Sentence), stale.Status);
            }

            http.Items[typeof(Stale)] = stale;
        }

        return await next(invocation);
    }

    /// <summary>Only pages have forms: a program that says it sends one has no other way to name its version.</summary>
    private static bool IsForm(HttpContext http) => http.Request.HasFormContentType &&
        (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText?.StartsWith(
            "/v1/", StringComparison.Ordinal) != true;

    /// <summary>That the form of this request was made from an older version; null when it was not.</summary>
    public static Stale? IsStale(HttpContext http) =>
        http.Items.TryGetValue(typeof(Stale), out var stale) ? (Stale)stale! : null;
}
