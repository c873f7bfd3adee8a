using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Exchange.Portal.Web.Components;

/// <summary>Components that were rendered once, because they say the same to everybody, inside of a page.</summary>
public sealed class Kept : ComponentBase
{
    [Parameter, EditorRequired]
    public KeptText Of { get; set; } = null!;

    protected override void BuildRenderTree(RenderTreeBuilder builder) => builder.AddMarkupContent(0, Of.Markup);
}

/// <summary>What components were rendered to, which have encoded whatever is not markup.</summary>
public sealed class KeptText
{
    private KeptText(string markup) => Markup = markup;

    internal string Markup { get; }

    internal static KeptText Of(RenderFragment body) => new(PageRenderer.Text(null, new(), body));
}
