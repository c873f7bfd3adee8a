using System.Text;

namespace Exchange.Metering;

/// <summary>What a block holds of a row that corrects, after what it holds of every row.</summary>
internal static class StoredCorrection
{
    /// <summary>Whether one of the rows corrects.</summary>
    public static bool IsIn(ReadOnlySpan<Row> rows)
    {
        foreach (ref readonly var row in rows)
        {
            if (row.Correction is not null)
            {
                return true;
            }
        }

        return false;
    }

    public static void Write(Correction correction, BytesWriter writer)
    {
        writer.Text(Encoding.UTF8.GetBytes(correction.Landlord));
        writer.Text(Encoding.UTF8.GetBytes(correction.Corrects));
        writer.Signed(correction.At);
        writer.Text(Encoding.UTF8.GetBytes(correction.Reason));
        writer.Byte((byte)((correction.Replaces ? 1 : 0) | (correction.KeepsTime ? 2 : 0)));
    }

    /// <summary>What the rest of a row says that corrects.</summary>
    public static Correction Read(ref BytesReader reader)
    {
        var landlord = Encoding.UTF8.GetString(reader.Text());
        var corrects = Encoding.UTF8.GetString(reader.Text());
        var at = reader.Signed();
        var reason = Encoding.UTF8.GetString(reader.Text());
        var flags = reader.Byte();
        return new(landlord, corrects, at, reason, (flags & 1) != 0, (flags & 2) != 0);
    }
}
