using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Exchange.Rating;

/// <summary>
/// Published sheets as they were read, for as long as somebody holds them. Many pages ask for the prices of everybody,
/// and each would read the YAML of every landlord again: of one who wrote much, for seconds.
/// </summary>
internal static class ParsedSheets
{
    private const int TidyAt = 4_096;
    private static readonly ConcurrentDictionary<(string Hash, string File), WeakReference<PriceSheet>> Known = [];

    /// <summary>A sheet that was published. What it says follows from its text and file alone.</summary>
    public static PriceSheet Of(string text, string file)
    {
        var key = (Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan()))), file);
        if (Known.TryGetValue(key, out var known) && known.TryGetTarget(out var sheet))
        {
            return sheet;
        }

        sheet = SheetReader.ReadPublished(text, file);
        Known[key] = new(sheet);
        if (Known.Count >= TidyAt)
        {
            Tidy();
        }

        return sheet;
    }

    private static void Tidy()
    {
        foreach (var one in Known.Where(one => !one.Value.TryGetTarget(out _)))
        {
            Known.TryRemove(one);
        }
    }
}
