namespace Exchange.Metering;

/// <summary>Numbers of blocks as others are told them: those of home as they are, others with their lane.</summary>
public static class BlockNumber
{
    /// <summary>A lane has so many blocks at most: ten thousand million million readings.</summary>
    private const int Bits = 40;

    public static long Of(int lane, long own) => ((long)lane << Bits) | own;

    /// <summary>As people read it: '17', of another lane than home '2/17'.</summary>
    public static string Shown(long block) => block >> Bits == 0
        ? FormattableString.Invariant($"{block}")
        : FormattableString.Invariant($"{block >> Bits}/{block & ((1L << Bits) - 1)}");
}
