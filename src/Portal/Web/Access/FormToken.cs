using Microsoft.AspNetCore.Antiforgery;

namespace Exchange.Portal.Web.Access;

/// <summary>The field by which a form shows that a page of ours wrote it; <c>AntiforgeryFilter</c> asks.</summary>
internal static class FormToken
{
    public static Html Field(HttpContext http)
    {
        var tokens = http.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(http);
        return Html.Of($"""<input type="hidden" name="{tokens.FormFieldName}" value="{tokens.RequestToken}">""");
    }
}
