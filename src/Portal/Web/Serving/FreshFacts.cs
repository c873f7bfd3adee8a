namespace Exchange.Portal.Web;

/// <summary>
/// Pages and routes read facts that were published by whichever process: once a second at most they are read again,
/// and a request that only reads sees the journal as it was when it first asked.
/// Billing reads them itself when it works. What must answer without a database, or very often, does not.
/// </summary>
internal static class FreshFacts
{
    private const long Between = 1_000;
    private static readonly string[] Spared = ["/health", "/metrics", "/v1/usage"];

    public static void Use(WebApplication app, Composition exchange)
    {
        var next = 0L;
        app.Use(async (http, rest) =>
        {
            var (due, now) = (Interlocked.Read(ref next), Environment.TickCount64);
            if (now >= due && !Spared.Any(path => http.Request.Path.StartsWithSegments(path)) &&
                Interlocked.CompareExchange(ref next, now + Between, due) == due)
            {
                await exchange.ReadFacts(http.RequestAborted);
            }

            if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method))
            {
                exchange.Kept.ReadOnly();
            }

            await rest(http);
        });
    }
}
