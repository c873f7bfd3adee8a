using Microsoft.AspNetCore.Components;

namespace Exchange.Portal.Web.Components;

/// <summary>What stands in the cells of tables: words, links, marks. What is put into it is text.</summary>
public sealed partial class Cell
{
    private const int MaxUnbroken = 40;
    private const int OnPhones = 24;

    /// <summary>Of '08:00 UTC'.</summary>
    private const int HourLength = 9;

    internal static RenderFragment None { get; } = _ => { };

    internal static RenderFragment If(bool condition, Func<RenderFragment> then) => condition ? then() : None;

    /// <summary>A component that has one parameter.</summary>
    internal static RenderFragment Of<T>(string parameter, object? shown)
        where T : IComponent => builder =>
        {
            builder.OpenComponent<T>(0);
            builder.AddComponentParameter(1, parameter, shown);
            builder.CloseComponent();
        };

    /// <summary>
    /// A text in which no name of a thing is broken over lines: 'bu-node-1, bu-node-12', 'agreement Q-7F3K2M9Q',
    /// 'vm nerc/stack/vm-1'. All else is as it is.
    /// </summary>
    internal static RenderFragment Unbroken(string? text) => text is null || !text.Contains(' ') || !HasName(text)
        ? Words(text)
        : builder =>
        {
            foreach (var (place, word) in text.Split(' ').Index())
            {
                builder.AddContent(0, place > 0 ? " " : "");
                builder.AddContent(1, Part(word));
            }
        };

    /// <summary>A name of a thing is not broken over lines at its hyphens; one that is too long is.</summary>
    internal static bool IsName(string? text) => text is { Length: > 0 and <= MaxUnbroken } && !text.Contains(' ');

    /// <summary>Whether something in it needs the whole width of a phone.</summary>
    internal static bool IsLong(string? text) => text?.Length > OnPhones && Array.Exists(
        text.Split(' '), word => word.Length is > OnPhones and <= MaxUnbroken && (IsBreakable(word) || word == text));

    private static bool HasName(string text) => Array.Exists(text.Split(' '), IsBreakable);

    /// <summary>Whether a browser would break a word that is a name: after a hyphen or a slash.</summary>
    private static bool IsBreakable(string word) =>
        word.Length <= MaxUnbroken && word.AsSpan().IndexOfAny('-', '/') > 0 &&
        (word.AsSpan().IndexOfAnyInRange('0', '9') >= 0 || word.AsSpan().CountAny('-', '/') > 1);
}
