using System.Runtime.InteropServices;

namespace Exchange.Metering;

/// <summary>
/// The fingerprints of the readings of some blocks: filters in memory, each for a part of the fingerprints, and for
/// each filter 2,048 pages in the database that say in which block to look.
/// </summary>
/// <param name="Number">What it is called; never again after it is merged away.</param>
/// <param name="Level">How often it was merged.</param>
/// <param name="Bits">It has two to the power of this filters.</param>
/// <param name="Hash">Of its last block: runs of one chain that have the same know the same.</param>
internal sealed record SortedRun(
    long Number, long First, long Last, int Level, int Bits, KeyFilter[] Filters, byte[] Hash)
{
    public const int PagesAPart = 1 << PartBits;
    public const long MaxBlocks = 1 << BlockBits;
    private const int PartBits = 11;
    private const int BlockBits = 24;
    private const int TraceBits = 51;
    private const int WordBits = TraceBits - PartBits;
    private const ulong BlockMask = (ulong)MaxBlocks - 1;

    public int Pages => PagesAPart << Bits;

    /// <summary>What says the same here is the same: others may have merged the same blocks into another number of
    /// filters.</summary>
    public (long Number, string Hash, int Bits) Identity => (Number, Convert.ToHexString(Hash), Bits);

    /// <summary>The hours of the readings in it that are named after their time.</summary>
    public HourSpans Hours { get; init; } = HourSpans.None;

    /// <summary>Knows those, until they are merged; then their hours alone say where they may be.</summary>
    public KeyFilter? Derived { get; init; }

    /// <summary>Whether the filters of the readings that are found by nothing else may have it.</summary>
    public bool IsFiltered(ulong trace) => Filters[(int)(trace >> (TraceBits - Bits))].MayHave(trace);

    public long FilterBytes => Filters.Append(Derived).Sum(filter => filter?.Length ?? 0L);

    /// <param name="hour">The hour that the id names.</param>
    public bool MayHave(ulong trace, int hour) => IsFiltered(trace) || (hour != DerivedId.NoHour && !Hours.IsEmpty &&
        (hour == DerivedId.AnyHour || Hours.Has(hour)) && Derived?.MayHave(trace) != false);

    /// <summary>In which page of a run with so many bits a reading is.</summary>
    public static int Page(ulong trace, int bits) => (int)(trace >> (WordBits - bits));

    /// <summary>What a page holds of a reading: the last 40 bits of its trace, and the block from the first.</summary>
    public static ulong Word(ulong trace, long block) => (trace << BlockBits) | (ulong)block;

    /// <summary>What a word in a page of a run with so many bits says.</summary>
    public static (ulong Trace, long Block) Read(int page, int bits, ulong word) =>
        (((ulong)(page >> bits) << WordBits) | (word >> BlockBits), (long)(word & BlockMask));

    public static ReadOnlySpan<ulong> Words(byte[] page) => MemoryMarshal.Cast<byte, ulong>(page);

    /// <summary>How many bits for so many readings, where a filter is for so many.</summary>
    public static int BitsFor(long readings, int readingsAPart)
    {
        var bits = 0;
        for (long room = readingsAPart + (readingsAPart / 2L); room < readings; room *= 2)
        {
            bits++;
        }

        return bits;
    }
}
