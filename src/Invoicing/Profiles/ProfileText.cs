using System.Collections.Immutable;

namespace Exchange.Invoicing.Profiles;

/// <summary>What texts of profiles may hold: they are printed on every invoice.</summary>
internal static class ProfileText
{
    private const int MaxTextLength = 500, MaxLines = 8, MaxDays = 365;

    public static Refusal? Checked(
        IEnumerable<(string What, string? Text)> texts, IEnumerable<(string What, ImmutableArray<string> Lines)> lists,
        int days)
    {
        foreach (var (what, lines) in lists)
        {
            if (lines.Length > MaxLines)
            {
                return Wrong($"The {what} has at most {MaxLines} lines; these are {lines.Length}.");
            }

            texts = texts.Concat(lines.Select(line => (what, (string?)line)));
        }

        var said = texts.Where(one => one.Text is not null).Select(one => (one.What, Text: one.Text!)).ToList();
        return said.Select(one => Line(one.What, one.Text)).FirstOrDefault(wrong => wrong is not null)
            ?? (days is < 0 or > MaxDays ? Wrong($"There are 0 to {MaxDays} days to pay; {days} is none of them.")
                : Undrawable.In(said.Select(one => one.Text)));
    }

    /// <summary>What is said, without what is not.</summary>
    public static IEnumerable<(string What, string Says)> Said(params IEnumerable<(string What, string? Says)> all) =>
        all.Where(one => one.Says is { Length: > 0 }).Select(one => (one.What, one.Says!));

    public static string? Joined(ImmutableArray<string> lines) =>
        lines.IsDefaultOrEmpty ? null : string.Join(", ", lines);

    private static Refusal? Line(string what, string text) =>
        text.Trim().Length == 0 ? Wrong($"The {what} is empty. Leave it out, or write it.")
        : text.Length > MaxTextLength ? Wrong($"The {what} has at most {MaxTextLength} characters in a line.")
        : text.Any(char.IsControl) ? Wrong($"The {what} holds control characters. Write each line as one.")
        : string.Concat(text.EnumerateRunes()) != text ? Wrong($"The {what} holds half a character.")
        : null;

    private static Refusal Wrong(string why) => new("settings/not-printable", why);
}
