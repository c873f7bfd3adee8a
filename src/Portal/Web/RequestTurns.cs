using System.Threading.RateLimiting;
using Exchange.Portal.Web.Access;
using Npgsql;

namespace Exchange.Portal.Web;

/// <summary>
/// How many requests of one landlord, or of a person or key without one, are worked on at once; the others of theirs
/// wait in a line of their own. Pages and programs share a few connections of the database in the order in which they
/// come: whoever asks for hundreds of things at once would otherwise stand in line before everybody else, hundreds of
/// times.
/// </summary>
internal sealed class RequestTurns : IDisposable
{
    /// <summary>How many of somebody may wait: nobody reads the answers to so many at once.</summary>
    public const int InLine = 1_000;

    /// <summary>
    /// How many answers somebody may have that they have not read yet; each holds memory or a file until then.
    /// </summary>
    public const int Unread = 32;

    private readonly PartitionedRateLimiter<Viewer> _turns;
    private readonly PartitionedRateLimiter<Viewer> _answers = Of(Unread);

    /// <param name="views">The connections that pages and programs share.</param>
    public RequestTurns(int views)
    {
        AtOnce = (views * 3 / 8) + 1;
        _turns = Of(AtOnce);
    }

    /// <summary>About half of the connections at most, so that others always get one.</summary>
    public int AtOnce { get; }

    /// <summary>As many as there is room for beside others.</summary>
    public static RequestTurns For(Composition exchange) =>
        new(new NpgsqlConnectionStringBuilder(exchange.Views.ConnectionString).MaxPoolSize);

    /// <summary>Has requests wait for their turn whose sender is known and that no other budget holds back.</summary>
    public static void Use(WebApplication app)
    {
        var turns = app.Services.GetRequiredService<RequestTurns>();
        app.Use(async (http, next) =>
        {
            if (Viewer.Of(http.User) is not { } viewer || http.GetEndpoint()?.Metadata.GetMetadata<Free>() is not null)
            {
                await next(http);
                return;
            }

            using var answer = await turns._answers.AcquireAsync(viewer, 1, http.RequestAborted);
            using var turn = await turns._turns.AcquireAsync(viewer, answer.IsAcquired ? 1 : 0, http.RequestAborted);
            if (answer.IsAcquired && turn.IsAcquired)
            {
                // What is answered was read by then: whoever reads it slowly keeps nobody waiting but themselves.
                http.Response.OnStarting(() =>
                {
                    turn.Dispose();
                    return Task.CompletedTask;
                });
                await next(http);
                return;
            }

            await TooMany(http).ExecuteAsync(http);
        });
    }

    /// <summary>
    /// A turn of whoever gave out what opens something to others, without a key or session; null where too many wait.
    /// </summary>
    public async Task<IDisposable?> Take(Viewer viewer, CancellationToken ct)
    {
        var turn = await _turns.AcquireAsync(viewer, 1, ct);
        if (turn.IsAcquired)
        {
            return turn;
        }

        turn.Dispose();
        return null;
    }

    public static IResult TooMany(HttpContext http)
    {
        http.Response.Headers.RetryAfter = "1";
        return Problem.Of(new("request/too-many",
            $"More than {InLine:#,0} of your requests wait. Send this one again when some are answered."),
            StatusCodes.Status429TooManyRequests);
    }

    /// <summary>How many more answers somebody may have before they read those that they have.</summary>
    public long MoreAnswersFor(Viewer viewer) => _answers.GetStatistics(viewer)?.CurrentAvailablePermits ?? Unread;

    public void Dispose()
    {
        _turns.Dispose();
        _answers.Dispose();
    }

    private static PartitionedRateLimiter<Viewer> Of(int atOnce) =>
        PartitionedRateLimiter.Create<Viewer, string>(viewer => RateLimitPartition.GetConcurrencyLimiter(
            viewer.Owner, _ => new ConcurrencyLimiterOptions
            {
                PermitLimit = atOnce,
                QueueLimit = InLine,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }));

    /// <summary>The route has budgets of its own, which know more of what it costs.</summary>
    internal sealed record Free;
}
