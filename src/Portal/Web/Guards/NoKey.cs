using Exchange.Portal.Audit;

namespace Exchange.Portal.Web.Access;

/// <summary>Turns away whoever came without a key that is known, and notes it in the audit log.</summary>
internal sealed class NoKey : IResult
{
    public static Refusal Refusal { get; } = new(
        "access/no-key", "This needs a key that is known and not revoked: 'Authorization: Bearer KEY'.");

    public Task ExecuteAsync(HttpContext httpContext) => AuthorizationResults.Refuse(
        httpContext, Refusal, httpContext.RequestServices.GetRequiredService<AuditLog>(),
        StatusCodes.Status401Unauthorized);
}
