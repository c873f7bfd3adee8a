namespace Exchange.Portal.Searching;

/// <summary>Something that was found: what it is, its name, a word about it, and the page that shows it.</summary>
/// <param name="Kind">invoice, project, PI, resource, SKU or source.</param>
/// <param name="Page">Its address in the portal, from the root.</param>
internal sealed record SearchHit(string Kind, string Name, string About, string Page);

/// <summary>What was looked for, and what of it is the reader's to see.</summary>
/// <param name="IsCut">Whether there is more of a kind than is shown: a longer text finds it.</param>
internal sealed record SearchAnswer(string Text, IReadOnlyList<SearchHit> Items, bool IsCut)
{
    /// <summary>The one thing that is called exactly so; null where there is none, or more than one.</summary>
    public SearchHit? Only() => Items.Where(one => string.Equals(one.Name, Text, StringComparison.OrdinalIgnoreCase))
        .Take(2).ToList() is [var only] ? only : null;
}

/// <summary>What somebody may look for.</summary>
internal static class SearchText
{
    public const int MinLength = 2;
    public const int MaxLength = 100;

    /// <exception cref="RefusedException">It is too short, too long, or no text.</exception>
    public static string Read(string? typed)
    {
        var text = (typed ?? "").Trim();
        return text.Length is >= MinLength and <= MaxLength && !text.Any(char.IsControl)
            ? text
            : throw new RefusedException(new(
                "search/text",
                $"'{(text.Length > 40 ? $"{text[..40]}…" : text)}' cannot be searched for. Type {MinLength} to " +
                $"{MaxLength} characters of an invoice number, project, PI, resource or SKU, as PI-2026-0080.", "q"));
    }

    public static bool IsIn(string text, string? name) =>
        name?.Contains(text, StringComparison.OrdinalIgnoreCase) == true;
}
