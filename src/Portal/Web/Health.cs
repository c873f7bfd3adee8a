using Exchange.Journal;
using Npgsql;

namespace Exchange.Portal.Web;

/// <summary>GET /health/live and /health/ready — whether the process runs, and whether its database answers.</summary>
internal static class Health
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => Results.Text("live\n")).AllowAnonymous().WithTags("health")
            .WithSummary("Whether the process runs.").Produces<string>(200, "text/plain");
        app.MapGet("/health/ready", Ready).AllowAnonymous().WithTags("health")
            .WithSummary("Whether the database answers.").Produces<string>(200, "text/plain").ProducesProblem(503);
    }

    private static async Task<IResult> Ready(Composition exchange, CancellationToken ct)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(ct);
        soon.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            await using var command = exchange.Database.Statement("select 1", []);
            await command.ExecuteScalarAsync(soon.Token);
            return Results.Text("ready\n");
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            return Problem.Of(new("world/database-away", "The database does not answer."),
                StatusCodes.Status503ServiceUnavailable);
        }
    }
}
