using Microsoft.AspNetCore.Components;

namespace Exchange.Portal.Web.Components;

/// <summary>Components inside of pieces of pages that are still written as strings.</summary>
internal static class Parts
{
    /// <summary>A component that has one parameter.</summary>
    public static Html Of<T>(HttpContext? http, string parameter, object shown)
        where T : IComponent => Of(http, builder =>
        {
            builder.OpenComponent<T>(0);
            builder.AddComponentParameter(1, parameter, shown);
            builder.CloseComponent();
        });

    public static Html Of(HttpContext? http, RenderFragment body)
    {
        var head = new PageHead();
        return Html.Rendered(PageRenderer.Text(http, head, body), head.Needs, head.Answer);
    }
}
