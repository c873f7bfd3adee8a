namespace Exchange.Portal;

/// <summary>
/// What memory this process may use, of the machine or of the group that it was put into. A private database beside it
/// lives in the same group and takes its part: where there is little, the heap leaves it that part.
/// </summary>
internal static class MemoryLimit
{
    /// <summary>Below this, server and database would take what the other counts on.</summary>
    private const long Little = 1L << 30;

    /// <summary>What the program takes beside its heap: code, stacks, buffers of the network and of TLS.</summary>
    private const long BesideHeap = 64 << 20;

    /// <summary>What a heap needs at least, or the server does not get through its start.</summary>
    private const long FewestBytes = 96 << 20;

    /// <summary>What there is for this process, as the collector of garbage said it before it was told.</summary>
    public static long OfProcess { get; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Tells the collector of garbage what the heap may be; it is to be done before there is one.</summary>
    /// <param name="sharesWithDatabase">Whether the database is of this group, too.</param>
    public static void Apply(bool sharesWithDatabase)
    {
        if (sharesWithDatabase && HeapBeside(OfProcess) is { } heap)
        {
            AppContext.SetData("GCHeapHardLimit", (ulong)heap);
            GC.RefreshMemoryLimit();
        }
    }

    /// <summary>The heap that leaves a database room; null where there is room enough as it is.</summary>
    /// <param name="available">What the collector would take by itself: three quarters of a group's limit.</param>
    public static long? HeapBeside(long available) => available >= Little
        ? null
        : Math.Max(FewestBytes, (available * 2 / 3) - BesideHeap);
}
