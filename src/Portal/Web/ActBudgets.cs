using System.Diagnostics;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Web;

/// <summary>
/// How many things somebody may do: in a row, and one more each while. What is done is kept for ever, and is told to
/// others by mail and webhooks; who does things without an end would fill both. Only what was done counts. Those who
/// see the money or the machines of everybody are trusted, as the command line is.
/// </summary>
internal sealed class ActBudgets(int inARow = ActBudgets.InARow)
{
    public const int InARow = 1_000;
    private static readonly long Each = 10 * Stopwatch.Frequency;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _paidUntil = new(StringComparer.Ordinal); // By a clock that nobody sets.

    /// <summary>Refuses requests that would do something to whoever did as much as they may.</summary>
    public static void Use(WebApplication app)
    {
        var budgets = app.Services.GetRequiredService<ActBudgets>();
        app.Use(async (http, next) =>
        {
            if (WhoDoes(http) is not { } owner)
            {
                await next(http);
                return;
            }

            if (budgets.SecondsUntil(owner) is > 0 and var seconds)
            {
                http.Response.Headers.RetryAfter = $"{seconds}";
                await Problem.Of(new("request/too-many-acts",
                    $"More than {budgets.Allowed:#,0} things were done in a row for you. One more may be done each " +
                    $"{Each / Stopwatch.Frequency} seconds; nothing of this one was."),
                    StatusCodes.Status429TooManyRequests).ExecuteAsync(http);
                return;
            }

            try
            {
                await next(http);
            }
            catch when (http.RequestAborted.IsCancellationRequested)
            {
                budgets.Note(owner); // Who hangs up may have had it done.
                throw;
            }

            if (http.Response.StatusCode < StatusCodes.Status400BadRequest)
            {
                budgets.Note(owner);
            }
        });
    }

    /// <summary>How many may be done in a row.</summary>
    private int Allowed => inARow;

    /// <summary>How long somebody has to wait for the next; 0 where they need not.</summary>
    public long SecondsUntil(string owner)
    {
        lock (_lock)
        {
            var ahead = _paidUntil.GetValueOrDefault(owner) - Stopwatch.GetTimestamp() - ((inARow - 1) * Each);
            return ahead <= 0 ? 0 : (ahead / Stopwatch.Frequency) + 1;
        }
    }

    /// <summary>Notes that something was done.</summary>
    public void Note(string owner)
    {
        lock (_lock)
        {
            _paidUntil[owner] = Math.Max(_paidUntil.GetValueOrDefault(owner), Stopwatch.GetTimestamp()) + Each;
        }
    }

    /// <summary>Whose doing it would be; null for what only reads, reckons, or is done by who is trusted.</summary>
    private static string? WhoDoes(HttpContext http) =>
        !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method) &&
        Viewer.Of(http.User) is { Sees: "" } viewer && http.GetEndpoint()?.Metadata.GetMetadata<Free>() is null &&
        http.GetEndpoint()?.Metadata.GetMetadata<RequestTurns.Free>() is null ? viewer.Owner : null;

    /// <summary>The route keeps nothing.</summary>
    internal sealed record Free;
}
