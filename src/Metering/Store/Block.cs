using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Exchange.Metering;

/// <summary>
/// Some thousand readings as they are stored for ever: column by column as differences, compressed; UUIDs as sixteen
/// bytes each, beside; and the names that came first here. Each block is linked to the one before by its hash.
/// </summary>
internal sealed record Block(
    long Number, int Readings, long From, long To, int FirstName, byte[] Names, byte[] Body, byte[] Ids)
{
    /// <summary>Whose readings are in it; known where it was just packed.</summary>
    public string[] Landlords { get; init; } = [];
    /// <summary>The number of the last name up to it; known where it was just packed.</summary>
    public int LastName { get; init; }
    public const int MaxReadings = 8_192;
    private const byte Version = 1;
    private const byte VersionWithCorrections = 2;
    private const int Quality = 1; // Higher ones take several times as long and save a tenth of a byte a reading.
    private const int IsText = 1 << 5;
    private const int IsCount = 1 << 6;
    private const int IsCorrection = 1 << 7;

    /// <summary>Packs rows whose names are known; what was added to the names since so many is new here.</summary>
    public static Block Pack(long number, ReadOnlySpan<Row> rows, Names names, int namesBefore, BytesWriter writer)
    {
        writer.Clear();
        for (var i = namesBefore + 1; i <= names.Count; i++)
        {
            writer.Text(names[i]);
        }

        var fresh = names.Count == namesBefore ? [] : writer.Packed(Quality);
        writer.Clear();
        var (ids, from, to) = (PackColumns(rows, writer), long.MaxValue, long.MinValue);
        foreach (ref readonly var row in rows)
        {
            from = Math.Min(from, row.From);
            to = row.Type == ReadingType.State ? long.MaxValue : Math.Max(to, row.To);
        }

        return new(number, rows.Length, from, to, namesBefore, fresh, writer.Packed(Quality), ids);
    }

    private static byte[] PackColumns(ReadOnlySpan<Row> rows, BytesWriter writer)
    {
        writer.Byte(StoredCorrection.IsIn(rows) ? VersionWithCorrections : Version);
        var uuids = 0;
        foreach (ref readonly var row in rows)
        {
            var isText = row.Id.Text is not null;
            uuids += isText ? 0 : 1;
            writer.Byte((byte)((int)row.Type | ((int)row.State << 2) | (isText ? IsText : 0) |
                (row.Meter != 0 ? IsCount : 0) | (row.Correction is null ? 0 : IsCorrection)));
        }

        Column(rows, writer, static (in Row r) => r.Source);
        Column(rows, writer, static (in Row r) => r.Resource);
        Column(rows, writer, static (in Row r) => r.Project);
        Column(rows, writer, static (in Row r) => r.Shape);
        Column(rows, writer, static (in Row r) => r.From);
        Column(rows, writer, static (in Row r) => r.To - r.From);
        var ids = new byte[16 * uuids];
        uuids = 0;
        foreach (ref readonly var row in rows)
        {
            if (row.Meter != 0)
            {
                writer.Number((ulong)row.Meter);
                writer.Decimal(row.Quantity);
            }

            if (row.Id.Text is { } text)
            {
                writer.Text(text);
            }
            else
            {
                row.Id.WriteUuid(ids.AsSpan(16 * uuids++));
            }

            if (row.Correction is { } correction)
            {
                StoredCorrection.Write(correction, writer);
            }
        }

        return ids;
    }

    /// <summary>The rows of this block, in a room that is made larger where it must be.</summary>
    /// <exception cref="RefusedException">The block is damaged.</exception>
    public Span<Row> Unpack(ref Row[] room)
    {
        try
        {
            return UnpackColumns(ref room);
        }
        catch (RefusedException e) when (Unreadable.Is(e))
        {
            throw Unreadable.In(e, Place);
        }
        catch (OverflowException)
        {
            throw Unreadable.At(Place); // Differences that add up to no number.
        }
    }

    private string Place => $"block {Number}";

    private Span<Row> UnpackColumns(ref Row[] room)
    {
        var reader = new BytesReader(BytesReader.Unpacked(Body));
        CheckVersion(Number, reader.Byte());
        room = room.Length < Readings ? new Row[Math.Max(Readings, 1024)] : room;
        var rows = room.AsSpan(0, Readings);
        rows.Clear();
        var flags = new byte[Readings];
        for (var i = 0; i < rows.Length; i++)
        {
            flags[i] = reader.Byte();
            rows[i].Type = (ReadingType)(flags[i] & 3);
            rows[i].State = (ResourceState)((flags[i] >> 2) & 7);
        }

        long last = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i].Source = (int)(last += reader.Signed());
        }

        last = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i].Resource = (int)(last += reader.Signed());
        }

        last = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i].Project = (int)(last += reader.Signed());
        }

        last = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i].Shape = (int)(last += reader.Signed());
        }

        last = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i].From = last += reader.Signed();
        }

        last = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i].To = rows[i].From + (last += reader.Signed());
        }

        var ids = Ids.AsSpan();
        for (var i = 0; i < rows.Length; i++)
        {
            if ((flags[i] & IsCount) != 0)
            {
                rows[i].Meter = reader.Int();
                rows[i].Quantity = reader.Decimal();
            }

            if ((flags[i] & IsText) != 0)
            {
                rows[i].Id = new(0, 0, reader.Text().ToArray());
            }
            else
            {
                rows[i].Id = ids.Length >= 16 ? RowId.ReadUuid(ids) : throw BytesReader.Damaged();
                ids = ids[16..];
            }

            rows[i].Correction = (flags[i] & IsCorrection) != 0 ? StoredCorrection.Read(ref reader) : null;
        }

        return reader.AtEnd && ids.IsEmpty ? rows : throw BytesReader.Damaged();
    }

    /// <exception cref="RefusedException">It is another version than is known here.</exception>
    public static void CheckVersion(long number, byte version)
    {
        if (version is not (Version or VersionWithCorrections))
        {
            throw Unreadable.At($"block {number}", "A newer version of the product wrote it.");
        }
    }

    /// <summary>Adds the names that came first in this block to those of the blocks before.</summary>
    public void AddNames(Names names)
    {
        if (Names.Length == 0)
        {
            return;
        }

        if (names.Count != FirstName)
        {
            throw Unreadable.At(Place, $"It does not follow the one before: it starts at name {FirstName}.");
        }

        var named = NamedBlock.Of(Number, FirstName, Names);
        (named ?? throw Unreadable.At(Place)).AddTo(names);
    }

    /// <summary>The hash that links this block to the one before: over all that is stored of it.</summary>
    public byte[] Link(byte[] before)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<long> head = [Number, Readings, From, To, FirstName, Names.Length, Body.Length, Ids.Length];
        hash.AppendData(before);
        hash.AppendData(MemoryMarshal.AsBytes(head));
        hash.AppendData(Names);
        hash.AppendData(Body);
        hash.AppendData(Ids);
        return hash.GetHashAndReset();
    }

    /// <summary>Whether it is what a hash was made of, behind a block of another.</summary>
    public bool IsLinked(byte[] before, byte[] own) => Link(before).AsSpan().SequenceEqual(own);

    private static void Column(ReadOnlySpan<Row> rows, BytesWriter writer, Get get)
    {
        long last = 0;
        foreach (ref readonly var row in rows)
        {
            var value = get(row);
            writer.Signed(value - last);
            last = value;
        }
    }

    /// <summary>One column of a row.</summary>
    private delegate long Get(in Row row);
}
