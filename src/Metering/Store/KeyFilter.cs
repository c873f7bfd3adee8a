using System.Runtime.InteropServices;

namespace Exchange.Metering;

/// <summary>
/// Says of most readings that are not in a run that they are not: a Bloom filter of 16 bits a reading, of which all
/// eight that belong to a reading are in one line of 32 bytes.
/// </summary>
internal sealed class KeyFilter(uint[] lines)
{
    private const int Lanes = 8;
    private static readonly uint[] Salts =
        [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31];

    public static KeyFilter For(int readings) => new(new uint[Lanes * Math.Max(1, (readings + 15) / 16)]);

    public static KeyFilter Read(byte[] bytes) => new(MemoryMarshal.Cast<byte, uint>(bytes).ToArray());

    public byte[] Bytes() => MemoryMarshal.AsBytes(lines.AsSpan()).ToArray();

    public void Add(Fingerprint.Key key)
    {
        var line = Line(key);
        for (var i = 0; i < Lanes; i++)
        {
            lines[line + i] |= Bit(key, i);
        }
    }

    public bool MayHave(Fingerprint.Key key)
    {
        var line = Line(key);
        for (var i = 0; i < Lanes; i++)
        {
            if ((lines[line + i] & Bit(key, i)) == 0)
            {
                return false;
            }
        }

        return true;
    }

    private int Line(Fingerprint.Key key) => Lanes * (int)Math.BigMul(key.Low, (ulong)(lines.Length / Lanes), out _);

    private static uint Bit(Fingerprint.Key key, int lane) =>
        unchecked(1u << (int)(((uint)key.High * Salts[lane]) >> 27));
}
