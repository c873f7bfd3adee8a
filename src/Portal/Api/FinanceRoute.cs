using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>What routes for finance's programs have in common: a key of the scope 'finance', and no other.</summary>
internal static class FinanceRoute
{
    public static RouteHandlerBuilder Finance<TAnswer>(this RouteHandlerBuilder route, string name, string summary) =>
        route.Common(name, summary).Produces<TAnswer>().Produces(StatusCodes.Status304NotModified);

    /// <summary>A route that answers with a file of some type.</summary>
    public static RouteHandlerBuilder FinanceFile(
        this RouteHandlerBuilder route, string name, string summary, string type) =>
        route.Common(name, summary).Produces<string>(StatusCodes.Status200OK, type);

    /// <summary>A route that does something, by the command that pages and the command line run too.</summary>
    public static RouteHandlerBuilder FinanceAct<TBody, TAnswer>(
        this RouteHandlerBuilder route, string name, string summary, string example) =>
        route.Common(name, summary).DoneOnce().Makes()
            .WithMetadata(new Takes("What to record.", ["application/json"], [example], typeof(TBody)))
            .Produces<TAnswer>().ProducesProblem(422);

    /// <summary>Who asks, with what finance may do by key.</summary>
    public static Journal.Actor Actor(HttpContext http) => Actors.Of(http) with
    {
        May = permission => Permissions.ByRole.TryGetValue(permission, out var roles) && roles.Contains(Role.Finance),
    };

    /// <summary>Runs a command of a program; what it is refused for is a problem document.</summary>
    public static Task<IResult> Act<TResult>(
        HttpContext http, Composition exchange, Journal.ICommand<TResult> command, Func<TResult, object> answer,
        CancellationToken ct) =>
        Act(async () => answer(await exchange.Commands.Execute(command, Actor(http), ct)));

    /// <summary>The same for an act of several commands.</summary>
    public static async Task<IResult> Act(Func<Task<object>> act)
    {
        try
        {
            return new Tagged(await act());
        }
        catch (RefusedException e) when (!WorldFailure.IsOne(e.Refusal))
        {
            return Problem.Of(e.Refusal, StatusCodes.Status422UnprocessableEntity);
        }
    }

    public static IResult Malformed(string example) =>
        Problem.Of(new("request/malformed", $"Send a JSON object like {example}."), 400);

    private static RouteHandlerBuilder Common(this RouteHandlerBuilder route, string name, string summary) =>
        route.RequireAuthorization(Permissions.BillByKey).Described(name, summary);
}
