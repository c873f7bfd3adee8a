using System.Buffers.Binary;
using System.Numerics;
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
        var state = new State(_k0, _k1, wide: true);
        if (row.Id.Text is not { } text)
        {
            state.Add(((ulong)(uint)row.Source << 8) | 1);
            state.Add(row.Id.High);
            state.Add(row.Id.Low);
            return state.Wide();
        }

        state.Add(((ulong)(uint)row.Source << 8) | 2 | ((ulong)text.Length << 40));
        var rest = text.AsSpan();
        for (; rest.Length >= 8; rest = rest[8..])
        {
            state.Add(BinaryPrimitives.ReadUInt64LittleEndian(rest));
        }

        Span<byte> last = stackalloc byte[8];
        last.Clear();
        rest.CopyTo(last);
        state.Add(BinaryPrimitives.ReadUInt64LittleEndian(last));
        return state.Wide();
    }

    public ulong ContentOf(in Row row)
    {
        var state = new State(_k0, _k1, wide: false);
        state.Add(((ulong)(uint)row.Resource << 32) | (uint)row.Project);
        state.Add(((ulong)(uint)row.Shape << 32) | (uint)row.Meter);
        state.Add(((ulong)row.Type << 8) | (ulong)row.State);
        unchecked
        {
            state.Add((ulong)row.From);
            state.Add((ulong)row.To);
        }

        if (row.Quantity != 0)
        {
            Span<int> bits = stackalloc int[4];
            decimal.GetBits(row.Quantity, bits);
            unchecked
            {
                state.Add(((ulong)(uint)bits[1] << 32) | (uint)bits[0]);
                state.Add(((ulong)(uint)bits[3] << 32) | (uint)bits[2]);
            }
        }

        if (row.Correction is { } correction)
        {
            Add(ref state, correction.Corrects);
            Add(ref state, correction.Reason);
            state.Add(unchecked((ulong)correction.At));
            state.Add((correction.Replaces ? 1UL : 0) | (correction.KeepsTime ? 2UL : 0));
        }

        return state.Narrow() >> 17;
    }

    private static void Add(ref State state, string text)
    {
        state.Add((ulong)text.Length);
        foreach (var c in text)
        {
            state.Add(c);
        }
    }

    /// <summary>The 128 bits that stand for (source, id).</summary>
    internal readonly record struct Key(ulong High, ulong Low)
    {
        /// <summary>The 51 bits that runs know of a reading; whether it is there, blocks decide.</summary>
        public ulong Trace => High >> 13;
    }

    /// <summary>The four words of SipHash, in registers where it is inlined; what is hashed is whole words.</summary>
    private struct State
    {
        private ulong _v0;
        private ulong _v1;
        private ulong _v2;
        private ulong _v3;

        public State(ulong k0, ulong k1, bool wide)
        {
            _v0 = k0 ^ 0x736f6d6570736575;
            _v1 = k1 ^ 0x646f72616e646f6d ^ (wide ? 0xeeUL : 0);
            _v2 = k0 ^ 0x6c7967656e657261;
            _v3 = k1 ^ 0x7465646279746573;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(ulong word)
        {
            _v3 ^= word;
            Round();
            _v0 ^= word;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Key Wide()
        {
            _v2 ^= 0xee;
            Rounds();
            var high = _v0 ^ _v1 ^ _v2 ^ _v3;
            _v1 ^= 0xdd;
            Rounds();
            return new(high, _v0 ^ _v1 ^ _v2 ^ _v3);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ulong Narrow()
        {
            _v2 ^= 0xff;
            Rounds();
            return _v0 ^ _v1 ^ _v2 ^ _v3;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Rounds()
        {
            Round();
            Round();
            Round();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Round()
        {
            unchecked
            {
                _v0 += _v1;
                _v1 = BitOperations.RotateLeft(_v1, 13) ^ _v0;
                _v0 = BitOperations.RotateLeft(_v0, 32);
                _v2 += _v3;
                _v3 = BitOperations.RotateLeft(_v3, 16) ^ _v2;
                _v0 += _v3;
                _v3 = BitOperations.RotateLeft(_v3, 21) ^ _v0;
                _v2 += _v1;
                _v1 = BitOperations.RotateLeft(_v1, 17) ^ _v2;
                _v2 = BitOperations.RotateLeft(_v2, 32);
            }
        }
    }
}
