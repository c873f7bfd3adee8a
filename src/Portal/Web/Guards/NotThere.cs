using Exchange.Portal.Audit;

namespace Exchange.Portal.Web.Access;

/// <summary>
/// Answers whoever asked for a thing that is not there or not theirs. The answer is the same for both, so that nobody
/// learns what others have, and the audit log notes that they reached for it.
/// </summary>
internal sealed class NotThere : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => AuthorizationResults.Refuse(
        httpContext,
        new Refusal("access/not-there", "There is no such thing among those that are yours to see."),
        httpContext.RequestServices.GetRequiredService<AuditLog>(), StatusCodes.Status404NotFound);
}
