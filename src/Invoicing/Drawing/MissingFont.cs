namespace Exchange.Invoicing;

/// <summary>Says which fonts are missing where a text would be drawn as boxes; such a document is never kept.</summary>
public static class MissingFont
{
    public const string Code = "pdf/no-font";

    public static RefusedException For(string text) => new(new(Code,
        $"No font of this machine has every letter of '{text}'. Install it with 'apt-get install {Package(text)}' " +
        "and draw the document again; nothing with boxes in it is kept."));

    /// <summary>What several documents that could not be drawn come to.</summary>
    public static void Refuse(IReadOnlyList<(string Number, Refusal Refusal)> refused)
    {
        if (refused.Count > 0)
        {
            throw new RefusedException(refused[0].Refusal with
            {
                Message = $"{refused.Count} invoices are issued and not drawn. {refused[0].Refusal.Message}",
                Where = string.Join(", ", refused.Take(5).Select(one => one.Number)),
            });
        }
    }

    private static string Package(string text)
    {
        List<int> letters = [.. text.EnumerateRunes().Select(rune => rune.Value)];
        return letters.Exists(letter => letter is >= 0x1F000 and < 0x20000) ? "fonts-noto-color-emoji"
            : letters.Exists(IsHan) ? "fonts-noto-cjk"
            : "fonts-noto-core";
    }

    private static bool IsHan(int letter) => letter is (>= 0x2E80 and <= 0x9FFF) or (>= 0xAC00 and <= 0xD7AF) or
        (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and < 0x40000);
}
