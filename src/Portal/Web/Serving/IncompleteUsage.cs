using Exchange.Metering;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Web;

/// <summary>Says in the head of answers to programs whose usage is told in part, as pages say it above their figures.
/// </summary>
internal static class IncompleteUsage
{
    public const string Header = "Exchange-Incomplete";

    public static void Use(WebApplication app, Composition exchange) => app.Use((http, next) =>
    {
        if (exchange.Meter.Unfolded is { Count: > 0 } blocks && HttpMethods.IsGet(http.Request.Method) &&
            http.Request.Path.StartsWithSegments("/v1") && Viewer.Of(http.User) is { } viewer &&
            UnfoldedBlock.Notice(blocks, viewer.Landlord) is { } notice)
        {
            http.Response.Headers[Header] = notice;
        }

        return next(http);
    });
}
