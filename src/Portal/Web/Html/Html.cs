using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Components;

namespace Exchange.Portal.Web;

/// <summary>What a page needs beside its markup to get better with script.</summary>
[Flags]
public enum PageNeeds
{
    None = 0,

    /// <summary>Tables that change in place.</summary>
    Tables = 1,

    /// <summary>Charts that answer to the pointer.</summary>
    Charts = 2,
}

/// <summary>
/// A piece of a page. Written as an interpolated string: what stands in the string is markup, what is put into it is
/// text and is encoded, unless it is itself a piece of a page: then what that needs, the whole needs.
/// </summary>
public readonly record struct Html
{
    private Html(string text) => Text = text;

    public static Html None { get; } = new("");

    /// <summary>The piece as it is sent.</summary>
    public string Text { get; }

    /// <summary>The piece inside of a component, where it needs nothing.</summary>
    public MarkupString Markup => new MarkupString(Text ?? "");

    /// <summary>What the page that it stands in needs.</summary>
    public PageNeeds Needs { get; private init; }

    /// <summary>What was asked for instead of the page, as the rows of one table; null for the page.</summary>
    public IResult? Answer { get; private init; }

    public static Html Of(HtmlWriter writer) => new(writer.ToString())
    {
        Needs = writer.Needs,
        Answer = writer.Answer,
    };

    /// <summary>What components were rendered to, which have encoded whatever is not markup.</summary>
    internal static Html Rendered(string text, PageNeeds needs, IResult? answer) => new(text)
    {
        Needs = needs,
        Answer = answer,
    };

    public Html Needing(PageNeeds needs) => this with { Needs = Needs | needs };

    public Html Answering(IResult? answer) => this with { Answer = answer };

    public static Html Join<T>(IEnumerable<T> items, Func<T, Html> one)
    {
        var joined = new HtmlWriter(0, 0);
        foreach (var item in items)
        {
            joined.AppendFormatted(one(item));
        }

        return Of(joined);
    }

    /// <summary>An attribute where it is set, with the blank before it; nothing where it is not.</summary>
    public static Html Attribute(string name, bool isSet) => isSet ? Of($" {name}") : None;

    /// <summary>The same with a value.</summary>
    public static Html Attribute(string name, string value, bool isSet) =>
        isSet ? Of($" {name}=\"{value}\"") : None;

    /// <summary>A text, and no markup.</summary>
    public static Html Words(string? text) => Of($"{text}");

    public static Html Time(string text) => Of($"<time>{text}</time>");

    public static Html Code(string text) => Of($"<code>{text}</code>");

    /// <summary>One below the other.</summary>
    public static Html Lines(IEnumerable<Html> lines) => Join(lines, line => Of($"{line}<br>"));

    /// <param name="label">What is read out instead of the text, where that alone says too little.</param>
    /// <param name="after">What follows the link, and is none of it.</param>
    public static Html Link(string href, string text, string? label = null, string after = "") => Of(
        $"<a href=\"{href}\"{Attribute("aria-label", label ?? "", label is not null)}>{text}</a>{after}");

    public static Html If(bool condition, Func<Html> then) => condition ? then() : None;

    public override string ToString() => Text ?? "";
}

/// <summary>Puts a page together and encodes whatever is not markup.</summary>
[InterpolatedStringHandler]
public ref struct HtmlWriter(int literalLength, int formattedCount)
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder _text = new(literalLength + (formattedCount * 24));

    public PageNeeds Needs { get; private set; }
    public IResult? Answer { get; private set; }

    public readonly void AppendLiteral(string markup) => _text.Append(markup);

    public void AppendFormatted(Html piece)
    {
        _text.Append(piece.Text);
        Needs |= piece.Needs;
        Answer ??= piece.Answer;
    }

    public readonly void AppendFormatted(string? text) => _text.Append(Encoder.Encode(text ?? ""));

    public readonly void AppendFormatted<T>(T value) => _text.Append(Encoder.Encode(value?.ToString() ?? ""));

    public override readonly string ToString() => _text.ToString();
}
