using System.Globalization;

namespace Exchange.Portal.Web;

/// <summary>
/// How many connections the server takes: fewer than the descriptors and the memory that it was given allow, so that
/// whoever opens them all is turned away, and the process goes on.
/// </summary>
internal static class ConnectionLimits
{
    /// <summary>
    /// What is open before anybody comes: some 350 files of the program itself, 83 connections to the database when all
    /// pools are full, and what webhooks, mail and exports open meanwhile.
    /// </summary>
    private const long Reserved = 470;

    private const long Fewest = 16;
    private const long MaxConnections = 20_000;

    /// <summary>What a connection holds beside its two buffers, on both sides.</summary>
    private const long BytesBeside = 32 << 10;

    /// <summary>The part of memory that idle connections may take together.</summary>
    private const long MemoryShare = 8;

    public static long Here() => Of(Descriptors(), MemoryLimit.OfProcess);

    /// <exception cref="RefusedException">
    /// This process may have so few files that the program itself would run out of them, and end.
    /// </exception>
    public static void Check(long? descriptors)
    {
        if (descriptors is { } few && few < Reserved + Fewest)
        {
            throw new RefusedException(new(
                "world/descriptors",
                $"This process may have {few} files open, and a server needs {Reserved + Fewest} before the first " +
                "visitor comes. Allow it more, 'ulimit -n 4096' in the shell that starts it or LimitNOFILE= in its " +
                "unit, and start it again."));
        }
    }

    public static long Of(long? descriptors, long memory)
    {
        var byDescriptors = descriptors is { } all ? all - Reserved : MaxConnections;
        var each = BytesBeside + (2 * ReceiveMemory.BlockLengthOf(memory));
        return Math.Clamp(Math.Min(byDescriptors, memory / MemoryShare / each), Fewest, MaxConnections);
    }

    /// <summary>The open files that this process may have; null where the system does not say.</summary>
    public static long? Descriptors()
    {
        const string Limits = "/proc/self/limits";
        const string Line = "Max open files";
        if (!File.Exists(Limits) ||
            File.ReadLines(Limits).FirstOrDefault(l => l.StartsWith(Line, StringComparison.Ordinal)) is not { } line)
        {
            return null;
        }

        var soft = line[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
