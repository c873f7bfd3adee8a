using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Exchange.Portal.Web.Components;

/// <summary>A piece of a page that is still written as a string, inside of components.</summary>
public sealed class Piece : ComponentBase
{
    [Parameter, EditorRequired]
    public Html Of { get; set; }

    [CascadingParameter]
    private PageHead Head { get; set; } = null!;

    protected override void OnParametersSet() => Head.Note(Of.Needs, Of.Answer);

    protected override void BuildRenderTree(RenderTreeBuilder builder) => builder.AddMarkupContent(0, Of.Text);
}
