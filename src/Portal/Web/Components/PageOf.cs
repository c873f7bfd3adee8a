using Microsoft.AspNetCore.Components;

namespace Exchange.Portal.Web.Components;

/// <summary>A page: its markup, a .razor file, shows one record, which its handler has read before.</summary>
/// <typeparam name="TShown">What the page shows.</typeparam>
public abstract class PageOf<TShown> : ComponentBase
{
    [Parameter, EditorRequired]
    public TShown Shown { get; set; } = default!;
}
