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
}
