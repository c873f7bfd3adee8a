using System.IO.Compression;
using System.Text;
using Exchange.Metering;

namespace Exchange.Rating;

/// <summary>
/// Packs what some usage adds to the lines of a month, exact and before anything is rounded, so that it can be kept and
/// added to what other usage adds.
/// </summary>
internal sealed class PartWriter : IDisposable
{
    /// <summary>The first byte of a part says how the rest is stored: small ones as they are, for speed.</summary>
    public const byte Plain = 0;
    private const byte Packed = 1;
    private const int LeastPacked = 8_192;

    private readonly MemoryStream _bytes = new();
    private readonly BinaryWriter _writer;
    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);

    private PartWriter() => _writer = new(_bytes, Encoding.UTF8);

    public void Dispose()
    {
        _writer.Dispose();
        _bytes.Dispose();
    }

    public static byte[] Pack(
        IReadOnlyCollection<Line> lines, UnpricedUsage unpriced, CompositeUsage behind, LeaseTrees leases)
    {
        using var part = new PartWriter();
        part.Lines([.. lines]);
        part.Unpriced([.. unpriced.Gathered]);
        part.Measured(behind);
        part.Leases([.. leases.Added]);
        part._writer.Flush();
        if (part._bytes.Length == 4)
        {
            return []; // Nothing at all.
        }

        using var packed = new MemoryStream();
        if (part._bytes.Length < LeastPacked)
        {
            packed.WriteByte(Plain);
            part._bytes.WriteTo(packed);
            return packed.ToArray();
        }

        packed.WriteByte(Packed);
        using (var compressed = new BrotliStream(packed, CompressionLevel.Fastest))
        {
            part._bytes.WriteTo(compressed);
        }

        return packed.ToArray();
    }

    private void Lines(Line[] lines)
    {
        _writer.Write7BitEncodedInt(lines.Length);
        foreach (var line in lines)
        {
            Text(line.Sheet.Sheet.Landlord.Value);
            Text(line.Sheet.Published.Id);
            Text(line.Sku.Id.Value);
            Text(line.Cluster.Value);
            Text(line.Project.Value);
            Text(line.IsForScaleOnly ? Line.ForScaleOnly : line.Agreement ?? "");
            Use(line);
            Number(line.EgressGib);
            _writer.Write(line.IsEgress);
            var spans = line.Spans[0] == line ? [] : line.Spans;
            _writer.Write7BitEncodedInt(spans.Count);
            foreach (var span in spans)
            {
                _writer.Write7BitEncodedInt(span.Hours is { } hours
                    ? ((TimeOfDay)line.Sku.Model).Hours.IndexOf(hours) + 1
                    : 0);
                Use(span);
            }

            _writer.Write7BitEncodedInt(line.Profile?.Changes.Count ?? 0);
            foreach (var (at, parts) in line.Profile?.Changes ?? new Dictionary<long, Int128>())
            {
                _writer.Write7BitEncodedInt64(at);
                Whole(parts);
            }
        }
    }

    private void Use(Line line)
    {
        Whole(line.Sum);
        Number(line.Counted);
        _writer.Write7BitEncodedInt(line.Hands.Length);
        foreach (var hand in line.Hands)
        {
            Whole(hand.Used);
            Number(hand.Counted);
        }
    }

    private void Unpriced((ResourceId First, ProjectId Project, string What, string Code, decimal Ticks)[] gathered)
    {
        _writer.Write7BitEncodedInt(gathered.Length);
        foreach (var (first, project, what, code, ticks) in gathered)
        {
            Text(first.ToString());
            Text(project.Value);
            Text(what);
            Text(code);
            Number(ticks);
        }
    }

    private void Measured(CompositeUsage behind)
    {
        _writer.Write7BitEncodedInt(behind.Measured.Count);
        foreach (var ((by, project, day), quantity) in behind.Measured)
        {
            Text(by.Landlord.Value);
            Text(by.Meter);
            Text(project.Value);
            _writer.Write7BitEncodedInt(NodaTime.Period.DaysBetween(new(1970, 1, 1), day));
            Number(quantity);
        }
    }

    private void Leases(Segment[] leases)
    {
        _writer.Write7BitEncodedInt(leases.Length);
        foreach (var lease in leases)
        {
            Text(lease.Resource.ToString());
            Text(lease.Project.Value);
            _writer.Write7BitEncodedInt64(lease.Period.Start.ToUnixTimeTicks());
            _writer.Write7BitEncodedInt64(lease.Period.End.ToUnixTimeTicks());
            _writer.Write((byte)lease.State);
            Text(lease.Shape.ToString());
        }
    }

    private void Text(string text)
    {
        if (_texts.TryGetValue(text, out var known))
        {
            _writer.Write7BitEncodedInt(known);
            return;
        }

        _texts[text] = _texts.Count + 1;
        _writer.Write7BitEncodedInt(0);
        _writer.Write(text);
    }

    private void Whole(Int128 number)
    {
        var left = (UInt128)((number << 1) ^ (number >> 127));
        for (; left >= 0x80; left >>= 7)
        {
            _writer.Write((byte)((left & 0x7F) | 0x80));
        }

        _writer.Write((byte)left);
    }

    private void Number(decimal number)
    {
        _writer.Write(number != 0);
        if (number != 0)
        {
            _writer.Write(number);
        }
    }
}
