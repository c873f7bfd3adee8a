using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Exchange.Metering;

/// <summary>
/// SipHash-1-3 under a secret of the database, so that nobody can choose readings that are taken for each other: of
/// (source, id) 128 bits, of what a reading says 47 bits.
/// </summary>
internal readonly struct Fingerprint(ReadOnlySpan<byte> secret)
{
    private readonly ulong _k0 = BinaryPrimitives.ReadUInt64LittleEndian(secret);
    private readonly ulong _k1 = BinaryPrimitives.ReadUInt64LittleEndian(secret[8..]);

    public Key Of(in Row row)
    {
        if (row.Id.Text is not null)
        {
            return OfText(row);
        }

        var (high, low) = SipHash.Wide(_k0, _k1).Add(((ulong)(uint)row.Source << 8) | 1)
            .Add(row.Id.High).Add(row.Id.Low).Both();
        return new(high, low);
    }

    private Key OfText(in Row row)
    {
        var rest = row.Id.Text.AsSpan();
        var hash = SipHash.Wide(_k0, _k1).Add(((ulong)(uint)row.Source << 8) | 2 | ((ulong)rest.Length << 40));
        for (; rest.Length >= 8; rest = rest[8..])
        {
            hash = hash.Add(BinaryPrimitives.ReadUInt64LittleEndian(rest));
        }

        ulong last = 0;
        for (var i = rest.Length - 1; i >= 0; i--)
        {
            last = (last << 8) | rest[i];
        }

        var (high, low) = hash.Add(last).Both();
        return new(high, low);
    }

    public ulong ContentOf(in Row row)
    {
        var hash = SipHash.Narrow(_k0, _k1)
            .Add(((ulong)(uint)row.Resource << 32) | (uint)row.Project)
            .Add(((ulong)(uint)row.Shape << 32) | (uint)row.Meter)
            .Add(((ulong)row.Type << 8) | (ulong)row.State)
            .Add(unchecked((ulong)row.From)).Add(unchecked((ulong)row.To));
        // What nearly no row has is added elsewhere: here four words stay in registers.
        hash = row.Meter == 0 ? hash : WithQuantity(hash, row.Quantity);
        hash = row.Correction is null ? hash : WithCorrection(hash, row.Correction);
        return hash.Low() >> 17;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static SipHash WithQuantity(SipHash hash, decimal quantity)
    {
        if (quantity == 0)
        {
            return hash;
        }

        Span<int> bits = stackalloc int[4];
        decimal.GetBits(quantity, bits);
        return unchecked(hash.Add(((ulong)(uint)bits[1] << 32) | (uint)bits[0])
            .Add(((ulong)(uint)bits[3] << 32) | (uint)bits[2]));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static SipHash WithCorrection(SipHash hash, Correction correction) =>
        With(With(hash, correction.Corrects), correction.Reason).Add(unchecked((ulong)correction.At))
            .Add((correction.Replaces ? 1UL : 0) | (correction.KeepsTime ? 2UL : 0));

    private static SipHash With(SipHash hash, string text)
    {
        hash = hash.Add((ulong)text.Length);
        foreach (var c in text)
        {
            hash = hash.Add(c);
        }

        return hash;
    }

    /// <summary>The 128 bits that stand for (source, id).</summary>
    internal readonly record struct Key(ulong High, ulong Low)
    {
        /// <summary>The 51 bits that runs know of a reading; whether it is there, blocks decide.</summary>
        public ulong Trace => High >> 13;
    }
}
