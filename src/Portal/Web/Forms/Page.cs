using Exchange.Portal.Web.Components;
using Microsoft.AspNetCore.Components;

namespace Exchange.Portal.Web;

/// <summary>Answers with a page that is a component, in the frame of all pages.</summary>
internal static class Page
{
    /// <param name="form">What was typed, where the page answers to a form: its fields show it again.</param>
    /// <param name="status">What the page answers with; null for what the form says.</param>
    public static IResult Of<TPage, TShown>(
        HttpContext http, string title, TShown shown, Form? form = null, int? status = null)
        where TPage : PageOf<TShown> => Layout.Page(
            http, title, builder =>
            {
                builder.OpenComponent<CascadingValue<Form>>(0);
                builder.AddComponentParameter(1, "Value", form ?? Form.Empty);
                builder.AddComponentParameter(2, "IsFixed", true);
                builder.AddComponentParameter(3, "ChildContent", (RenderFragment)(page =>
                {
                    page.OpenComponent<TPage>(0);
                    page.AddComponentParameter(1, nameof(PageOf<>.Shown), shown);
                    page.CloseComponent();
                }));
                builder.CloseComponent();
            }, status ?? form?.Status ?? StatusCodes.Status200OK);
}
