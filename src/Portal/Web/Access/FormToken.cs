using Microsoft.AspNetCore.Antiforgery;

namespace Exchange.Portal.Web.Access;

/// <summary>The field by which a form shows that a page of ours wrote it; <c>AntiforgeryFilter</c> asks.</summary>
internal static class FormToken
{
    /// <summary>The token, and the cookie that goes with it: before anything of the answer is sent.</summary>
    public static AntiforgeryTokenSet Of(HttpContext http) =>
        http.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(http);
}
