using Exchange.Journal;
using Exchange.Metering;
using Npgsql;

namespace Exchange.Portal.Web;

/// <summary>
/// GET /health/live and /health/ready — whether the process runs, and whether its database takes what comes.
/// </summary>
internal sealed class Health(Composition exchange, IUsageIntake intake)
{
    /// <summary>However many ask, the database is asked this often.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A busy database answers late and is there: who takes a server away for that makes the others busier. Whoever
    /// asks may give up sooner.
    /// </summary>
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(10);

    private readonly Lock _turn = new();
    private Task<Refusal?> _answer = Task.FromResult<Refusal?>(null);
    private long _askedAt = -10_000;

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => Results.Text("live\n")).AllowAnonymous().WithTags("health")
            .WithSummary("Whether the process runs.").Produces<string>(200, "text/plain");
        app.MapGet("/health/ready", Ready).AllowAnonymous().WithTags("health")
            .WithSummary("Whether the database answers and can be written.").Produces<string>(200, "text/plain")
            .ProducesProblem(503);
    }

    private async Task<IResult> Ready(CancellationToken ct) => await Answer().WaitAsync(ct) is { } refusal
        ? Problem.Of(refusal, StatusCodes.Status503ServiceUnavailable)
        : Results.Text(exchange.Meter.Damaged is { Count: > 0 } damaged
            ? $"ready, but {string.Join("; ", damaged)} cannot be read: only their readings are not taken\n"
            : $"ready{Owns(intake.Owned)}\n");

    private static string Owns(IReadOnlyList<string>? lanes) => lanes switch
    {
        null => "",
        [] => ", owns no lane",
        _ => $", owns {string.Join(", ", lanes)}",
    };

    private Task<Refusal?> Answer()
    {
        lock (_turn)
        {
            var now = Environment.TickCount64;
            if (_answer.IsCompleted && now - _askedAt >= Fresh.TotalMilliseconds)
            {
                (_askedAt, _answer) = (now, Ask());
            }

            return _answer;
        }
    }

    /// <summary>It has connections of its own: that many wait for the others does not make a server unready.</summary>
    private async Task<Refusal?> Ask()
    {
        const string Sql = "select pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean";
        using var soon = new CancellationTokenSource(Away);
        try
        {
            await using var command = exchange.Probe.Statement(Sql, []);
            return await command.ExecuteScalarAsync(soon.Token) is true
                ? new("world/database-read-only", "The database takes no changes now.")
                : exchange.Meter.Stopped;
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            return WorldFailure.Of(e) is { Code: "world/database-closed" } closed
                ? closed
                : new("world/database-away", "The database does not answer.");
        }
    }
}
