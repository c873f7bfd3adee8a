#pragma warning disable BL0006 // Whoever writes out what was rendered reads its tree, as the framework's own does.
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.HtmlRendering.Infrastructure;
using Microsoft.AspNetCore.Components.RenderTree;
using Microsoft.Extensions.Logging.Abstractions;

namespace Exchange.Portal.Web.Components;

/// <summary>
/// Renders components once, as text: no circuit, no script. Unlike the framework's own it sends letters of any script
/// as they are, and not as numbers.
/// </summary>
internal sealed class PageRenderer() : StaticHtmlRenderer(Nothing, NullLoggerFactory.Instance)
{
    /// <summary>What is encoded in a page: what would be markup, and nothing else.</summary>
    public static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private const int UsualLength = 4 << 10;

    /// <summary>Components ask for nothing by injection: what they show, a page hands to them.</summary>
    private static readonly ServiceProvider Nothing = new ServiceCollection().BuildServiceProvider();

    private static readonly HashSet<string> WithoutEnd =
        ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

    /// <summary>What a fragment says to whoever asked, and what it needs beside it.</summary>
    /// <exception cref="InvalidOperationException">A component of it waits for something.</exception>
    public static string Text(HttpContext? http, PageHead head, RenderFragment body)
    {
        using var renderer = new PageRenderer();
        var text = new StringBuilder(UsualLength);
        var rendering = renderer.Dispatcher.InvokeAsync(() =>
        {
            var root = renderer.BeginRenderingComponent(typeof(CascadingValue<HttpContext>), Cascading(http,
                builder =>
                {
                    builder.OpenComponent<CascadingValue<PageHead>>(0);
                    builder.AddComponentParameter(1, "Value", head);
                    builder.AddComponentParameter(2, "IsFixed", true);
                    builder.AddComponentParameter(3, "ChildContent", body);
                    builder.CloseComponent();
                }));
            if (!root.QuiescenceTask.IsCompleted)
            {
                throw new InvalidOperationException("A component waits: read what it shows before it is rendered.");
            }

            root.QuiescenceTask.GetAwaiter().GetResult();
            using var output = new StringWriter(text);
            root.WriteHtmlTo(output);
        });
        rendering.GetAwaiter().GetResult(); // It is complete: nothing in it has waited.
        return text.ToString();
    }

    protected override void WriteComponentHtml(int componentId, TextWriter output)
    {
        var frames = GetCurrentRenderTreeFrames(componentId);
        Write(frames.Array, 0, frames.Count, output);
    }

    private static ParameterView Cascading(HttpContext? http, RenderFragment body) => ParameterView.FromDictionary(
        new Dictionary<string, object?> { ["Value"] = http, ["IsFixed"] = true, ["ChildContent"] = body });

    private void Write(RenderTreeFrame[] frames, int at, int end, TextWriter output)
    {
        while (at < end)
        {
            ref var frame = ref frames[at];
            switch (frame.FrameType)
            {
                case RenderTreeFrameType.Element:
                    WriteElement(frames, at, output);
                    at += frame.ElementSubtreeLength;
                    break;
                case RenderTreeFrameType.Text:
                    Encoder.Encode(output, frame.TextContent);
                    at++;
                    break;
                case RenderTreeFrameType.Markup:
                    output.Write(frame.MarkupContent);
                    at++;
                    break;
                case RenderTreeFrameType.Component:
                    RenderChildComponent(output, ref frame);
                    at += frame.ComponentSubtreeLength;
                    break;
                default:
                    at++; // The parts of a region follow it.
                    break;
            }
        }
    }

    private void WriteElement(RenderTreeFrame[] frames, int at, TextWriter output)
    {
        var (name, end) = (frames[at].ElementName, at + frames[at].ElementSubtreeLength);
        output.Write('<');
        output.Write(name);
        string? typed = null;
        for (at++; at < end && frames[at].FrameType == RenderTreeFrameType.Attribute; at++)
        {
            if (name == "textarea" && frames[at].AttributeName == "value")
            {
                typed = frames[at].AttributeValue as string;
            }
            else
            {
                WriteAttribute(frames[at], output);
            }
        }

        output.Write('>');
        if (WithoutEnd.Contains(name))
        {
            return;
        }

        if (name == "textarea")
        {
            output.Write('\n'); // A text area swallows the first line break of what stands in it.
            Encoder.Encode(output, typed ?? "");
        }

        Write(frames, at, end, output);
        output.Write("</");
        output.Write(name);
        output.Write('>');
    }

    private static void WriteAttribute(in RenderTreeFrame attribute, TextWriter output)
    {
        if (attribute.AttributeValue is true)
        {
            output.Write(' ');
            output.Write(attribute.AttributeName);
        }
        else if (attribute.AttributeValue is string value)
        {
            output.Write(' ');
            output.Write(attribute.AttributeName);
            output.Write("=\"");
            Encoder.Encode(output, value);
            output.Write('"');
        }
    }
}
