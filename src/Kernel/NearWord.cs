namespace Exchange;

/// <summary>The known word that somebody may have meant who wrote another.</summary>
public static class NearWord
{
    private const int MaxLength = 64;

    /// <summary>The known word that differs least, and little enough to be a slip; null for none.</summary>
    public static string? Of(string word, IEnumerable<string> known) => word.Length > MaxLength ? null : known
        .Where(other => other.Length <= MaxLength)
        .Select(other => (Word: other, Slips: Slips(word.ToLowerInvariant(), other.ToLowerInvariant())))
        .Where(near => near.Slips <= Allowed(near.Word)).OrderBy(near => near.Slips)
        .ThenBy(near => near.Word, StringComparer.Ordinal).Select(near => near.Word).FirstOrDefault();

    /// <summary>'Did you mean 'word'?' after a space, or nothing.</summary>
    public static string Sentence(string word, IEnumerable<string> known) =>
        Of(word, known) is { } near ? $" Did you mean '{near}'?" : "";

    private static int Allowed(string word) => word.Length < 4 ? 1 : word.Length < 8 ? 2 : 3;

    /// <summary>How many letters are put in, left out, changed or swapped to make one word of the other.</summary>
    private static int Slips(string left, string right)
    {
        var rows = Enumerable.Range(0, left.Length + 1).Select(_ => new int[right.Length + 1]).ToArray();
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                rows[i][j] = i == 0 ? j : j == 0 ? i : Math.Min(
                    Math.Min(rows[i - 1][j] + 1, rows[i][j - 1] + 1),
                    rows[i - 1][j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    rows[i][j] = Math.Min(rows[i][j], rows[i - 2][j - 2] + 1);
                }
            }
        }

        return rows[left.Length][right.Length];
    }
}
