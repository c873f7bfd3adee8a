namespace Exchange.Journal;

/// <summary>What every journal demands of an append before it looks at the streams.</summary>
internal static class Appends
{
    /// <exception cref="ArgumentException">A stream is named twice, has no name, or gets no events.</exception>
    public static void CheckShape(IReadOnlyList<StreamAppend> appends)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var append in appends)
        {
            if (append.Events.Count == 0 || string.IsNullOrWhiteSpace(append.Stream) || !seen.Add(append.Stream))
            {
                throw new ArgumentException(
                    $"An append names each stream once and brings it events; '{append.Stream}' breaks that.",
                    nameof(appends));
            }
        }
    }

    /// <summary>
    /// What is appended can be copied into any table: text there holds every character but one, and whoever builds
    /// tables from an event with that one would stop at it for ever.
    /// </summary>
    /// <exception cref="RefusedException">The event holds NUL.</exception>
    public static void CheckText(string stream, EventText happened)
    {
        if (stream.Contains('\0', StringComparison.Ordinal) || HoldsNul(happened.Json))
        {
            throw new RefusedException(new(
                "text/nul", "A text holds the character NUL (\\u0000), which nothing can keep. Leave it out.",
                $"{stream.Replace('\0', '\uFFFD')}, {happened.Type}"));
        }
    }

    /// <summary>Whether JSON escapes it: after an even number of backslashes, of which each two are one.</summary>
    private static bool HoldsNul(string json)
    {
        for (var at = 0; (at = json.IndexOf("\\u0000", at, StringComparison.Ordinal)) >= 0; at++)
        {
            var before = at;
            while (before > 0 && json[before - 1] == '\\')
            {
                before--;
            }

            if ((at - before) % 2 == 0)
            {
                return true;
            }
        }

        return false;
    }
}
