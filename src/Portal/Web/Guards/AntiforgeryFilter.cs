using Microsoft.AspNetCore.Antiforgery;

namespace Exchange.Portal.Web.Access;

/// <summary>
/// Forms of the portal carry a token; a POST of a page without it was written by someone else's page.
/// </summary>
internal static class AntiforgeryFilter
{
    /// <summary>Every POST of a page goes through this filter.</summary>
    public static RouteHandlerBuilder ChecksForm(this RouteHandlerBuilder route) =>
        route.AddEndpointFilter(async (invocation, next) =>
        {
            var http = invocation.HttpContext;
            if (!await IsReadable(http))
            {
                return Problem.Of(new("request/malformed",
                    "The form cannot be read: it is too large, is cut off, or holds bytes that are no text."), 400);
            }

            var antiforgery = http.RequestServices.GetRequiredService<IAntiforgery>();
            return await antiforgery.IsRequestValidAsync(http)
                ? await next(invocation)
                : Problem.Of(
                    new("access/forged-form",
                        "This form is too old or comes from elsewhere. Load the page again and repeat."),
                    StatusCodes.Status400BadRequest);
        }).DisableAntiforgery();

    private static async Task<bool> IsReadable(HttpContext http)
    {
        try
        {
            return !http.Request.HasFormContentType ||
                await http.Request.ReadFormAsync(http.RequestAborted) is not null;
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return false; // Parts that end too soon are an IOException, as if a file of ours had failed.
        }
    }
}
