using System.Buffers.Binary;
using System.Buffers.Text;
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
}

/// <summary>The id of a reading: the sixteen bytes of a UUID, or else its text.</summary>
internal readonly record struct RowId(ulong High, ulong Low, byte[]? Text)
{
    private static readonly UTF8Encoding Utf8 = new(false, true);

    public static RowId Of(string id) => Of(Utf8.GetBytes(id));

    /// <summary>Only the one usual way of writing a UUID is kept as such: what is read back is what was sent.</summary>
    public static RowId Of(ReadOnlySpan<byte> text)
    {
        Span<byte> again = stackalloc byte[36];
        if (text.Length == 36 && Utf8Parser.TryParse(text, out Guid uuid, out var used) && used == 36 &&
            uuid.TryFormat(again, out _) && again.SequenceEqual(text))
        {
            Span<byte> bytes = stackalloc byte[16];
            uuid.TryWriteBytes(bytes, bigEndian: true, out _);
            return new(
                BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), null);
        }

        return new(0, 0, text.ToArray());
    }

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
