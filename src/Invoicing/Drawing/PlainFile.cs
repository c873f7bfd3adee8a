using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Exchange.Invoicing;

/// <summary>
/// A PDF as a row of numbered objects and the table of where they are. Those without a stream are compressed together:
/// the tags of a page are hundreds.
/// </summary>
internal sealed class PlainFile
{
    private const int Entry = 7;
    private readonly ArrayBufferWriter<byte> _bytes;
    private readonly List<(byte Kind, long At, int Index)> _places = [(0, 0, ushort.MaxValue)];
    private readonly List<(int Number, string Text)> _small = [];

    /// <param name="beginning">What it begins with, up to the end of its first objects.</param>
    /// <param name="offsets">Where those begin.</param>
    public PlainFile(byte[] beginning, IReadOnlyList<int> offsets)
    {
        _bytes = new(beginning.Length + (1 << 14));
        _bytes.Write(beginning);
        _places.AddRange(offsets.Select(at => ((byte)1, (long)at, 0)));
    }

    /// <summary>A number for an object that is put later, or those of objects that refer to each other.</summary>
    public int Reserve(int count = 1)
    {
        var first = _places.Count;
        _places.AddRange(Enumerable.Repeat(((byte)0, 0L, 0), count));
        return first;
    }

    /// <returns>The number of the object.</returns>
    public int Add(string text)
    {
        var number = Reserve();
        Put(number, text);
        return number;
    }

    public void Put(int number, string text)
    {
        _places[number] = (2, 0, _small.Count);
        _small.Add((number, text));
    }

    /// <param name="dictionary">What stands in it, without its brackets and length.</param>
    /// <returns>The number of the object.</returns>
    public int AddPacked(string dictionary, string latin)
    {
        var packed = Pack(latin);
        var number = Reserve();
        Begin(number);
        Write(string.Create(
            CultureInfo.InvariantCulture,
            $"<< {dictionary} /Filter /FlateDecode /Length {packed.Length} >>\nstream\n"));
        _bytes.Write(packed);
        Write("\nendstream\nendobj\n");
        return number;
    }

    /// <summary>Objects as they are, that refer to each other by the numbers that were reserved for them.</summary>
    public void PutWhole(int first, IReadOnlyList<byte[]> objects)
    {
        foreach (var (i, one) in objects.Index())
        {
            Begin(first + i);
            _bytes.Write(one);
            Write("endobj\n");
        }
    }

    public byte[] Finish(int root, int info)
    {
        var together = PutSmall();
        var table = Reserve();
        var at = _bytes.WrittenCount;
        _places[table] = (1, at, 0);
        var rows = new byte[_places.Count * Entry];
        foreach (var (i, (kind, place, index)) in _places.Index())
        {
            var row = rows.AsSpan(i * Entry, Entry);
            row[0] = kind;
            BinaryPrimitives.WriteUInt32BigEndian(row[1..], (uint)(kind == 2 ? together : place));
            BinaryPrimitives.WriteUInt16BigEndian(row[5..], (ushort)index);
        }

        var packed = Pack(Encoding.Latin1.GetString(rows));
        Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{table} 0 obj\n<< /Type /XRef /Size {_places.Count} /W [1 4 2] /Root {root} 0 R /Info {info} 0 R " +
            $"/Filter /FlateDecode /Length {packed.Length} >>\nstream\n"));
        _bytes.Write(packed);
        Write(string.Create(CultureInfo.InvariantCulture, $"\nendstream\nendobj\nstartxref\n{at}\n%%EOF\n"));
        return _bytes.WrittenSpan.ToArray();
    }

    /// <summary>A text as a PDF tells it, in any letters.</summary>
    public static string Words(string text) =>
        $"<{Convert.ToHexString([0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(text)])}>";

    /// <summary>Bytes of Latin 1 as PDF compresses them.</summary>
    public static byte[] Pack(string latin)
    {
        using var packed = new MemoryStream();
        using (var compressed = new ZLibStream(packed, CompressionLevel.Fastest))
        {
            compressed.Write(Encoding.Latin1.GetBytes(latin));
        }

        return packed.ToArray();
    }

    private int PutSmall()
    {
        var (head, body) = (new StringBuilder(), new StringBuilder());
        foreach (var (number, text) in _small)
        {
            head.Append(CultureInfo.InvariantCulture, $"{number} {body.Length} ");
            body.Append(text).Append('\n');
        }

        return AddPacked(
            string.Create(CultureInfo.InvariantCulture, $"/Type /ObjStm /N {_small.Count} /First {head.Length}"),
            head.Append(body).ToString());
    }

    private void Begin(int number)
    {
        _places[number] = (1, _bytes.WrittenCount, 0);
        Write(string.Create(CultureInfo.InvariantCulture, $"{number} 0 obj\n"));
    }

    private void Write(string latin) => _bytes.Write(Encoding.Latin1.GetBytes(latin));
}
