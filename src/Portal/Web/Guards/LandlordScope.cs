using Exchange.Portal.Audit;

namespace Exchange.Portal.Web.Access;

/// <summary>
/// How far a caller reaches: to one landlord's things, or to everybody's with the exchange's own key. Every query
/// narrows by it.
/// </summary>
internal sealed record LandlordScope(LandlordId? Landlord)
{
    /// <summary>
    /// What the caller reaches when asking for a landlord, or for none; null when that is not theirs.
    /// </summary>
    public static LandlordScope? Of(HttpContext http, LandlordId? asked)
    {
        var own = Viewer.Needed(http).Landlord;
        return own is { } mine && asked is { } wanted && wanted != mine ? null : new(own ?? asked);
    }

    /// <summary>Says no to someone who reached for what is another's, and notes it in the audit log.</summary>
    public sealed class Refused : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => AuthorizationResults.Refuse(
            httpContext,
            new Refusal("access/not-yours",
            "This belongs to someone else. A key sends and reads its own landlord's or institution's things only."),
            httpContext.RequestServices.GetRequiredService<AuditLog>());
    }
}
