namespace Exchange.Portal.Api;

/// <summary>The document in a frame of another portal.</summary>
public sealed partial class PanelFrame
{
    /// <summary>The panel of a project, or why there is none.</summary>
    public sealed record Framed(ProjectPanel.Cost? Panel, string Sentence = "");
}
