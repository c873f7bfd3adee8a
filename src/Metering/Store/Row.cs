using System.Buffers.Binary;
using System.Text;

namespace Exchange.Metering;

/// <summary>A reading on its way into a block: its instants in microseconds, its names by number.</summary>
internal struct Row
{
    public long From;
    public long To;
    public RowId Id;
    public int Source;
    public int Resource;
    public int Project;
    public int Shape;
    public int Meter;
    public ReadingType Type;
    public ResourceState State;
    public decimal Quantity;

    /// <summary>Of which reading this says that it is taken back or replaced by this; null for nearly all.</summary>
    public Correction? Correction;
}

/// <summary>What a row says of another reading of its landlord's source.</summary>
/// <param name="At">Of several corrections of one reading the latest holds.</param>
/// <param name="Replaces">Whether the row says what is true instead; else the reading is taken back.</param>
/// <param name="KeepsTime">Whether the replacement begins where what it replaces does.</param>
internal sealed record Correction(
    string Landlord, string Corrects, long At, string Reason, bool Replaces, bool KeepsTime);

/// <summary>The id of a reading: the sixteen bytes of a UUID, or else its text.</summary>
internal readonly record struct RowId(ulong High, ulong Low, byte[]? Text)
{
    private static readonly UTF8Encoding Utf8 = new(false, true);

    public static RowId Of(string id) => Of(Utf8.GetBytes(id));

    /// <summary>Only the one usual way of writing a UUID is kept as such: what is read back is what was sent.</summary>
    public static RowId Of(ReadOnlySpan<byte> text) =>
        text.Length == HexUuid.Length && HexUuid.TryRead(text, out var high, out var low)
            ? new(high, low, null)
            : new(0, 0, text.ToArray());

    public void WriteUuid(Span<byte> into)
    {
        BinaryPrimitives.WriteUInt64BigEndian(into, High);
        BinaryPrimitives.WriteUInt64BigEndian(into[8..], Low);
    }

    public static RowId ReadUuid(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadUInt64BigEndian(from), BinaryPrimitives.ReadUInt64BigEndian(from[8..]), null);

    public override string ToString()
    {
        if (Text is not null)
        {
            return Utf8.GetString(Text);
        }

        Span<byte> bytes = stackalloc byte[16];
        WriteUuid(bytes);
        return new Guid(bytes, bigEndian: true).ToString();
    }
}
