namespace Exchange.Metering;

/// <summary>
/// What is known of some blocks, sorted and with its filters: it is reckoned beside the writer, so that nobody waits
/// for more than that it is written.
/// </summary>
/// <param name="Blocks">The first of the blocks, the last, and its hash.</param>
/// <param name="Hours">Those of the readings that are named after their time.</param>
/// <param name="Derived">Knows those; null where there are none.</param>
/// <param name="Latest">Of those of the last blocks, which are mostly sent again soon, what they say.</param>
internal sealed record PackedRun(
    (long First, long Last, byte[] Hash) Blocks, HourSpans Hours, PackedPart All, KeyFilter? Derived, KeyTable Latest)
{
    /// <param name="most">How many of the latest are kept.</param>
    public static PackedRun Of((long First, long Last, byte[] Hash) blocks, KeyTable keys, HourSpans hours, int most)
    {
        var part = new KeyPart(0, 0, keys.Count);
        var derived = new List<ulong>();
        foreach (var (key, block, isDerived) in keys.All())
        {
            part.Add(key.Trace, block, !isDerived);
            if (isDerived)
            {
                derived.Add(key.Trace);
            }
        }

        var many = blocks.Last - blocks.First + 1;
        var kept = Math.Min(1m, most / (decimal)Math.Max(1, keys.Count));
        var latest = new KeyTable();
        latest.Take(keys, (int)(many - (long)(many * kept)));
        return new(
            blocks, hours, part.Packed(), derived.Count == 0 ? null : KeyFilter.Of([.. derived]), latest);
    }
}
