using System.IO.Compression;
using System.Text;
using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>Adds what <see cref="PartWriter"/> packed to the lines of a month.</summary>
internal sealed class PartReader : IDisposable
{
    private readonly BinaryReader _reader;
    private readonly List<string> _texts = [];
    private readonly bool _isEmpty;
    private readonly int _sign;

    /// <param name="isTakenBack">Whether what was added of it before is taken from the lines again.</param>
    public PartReader(byte[] part, bool isTakenBack = false)
    {
        _sign = isTakenBack ? -1 : 1;
        _isEmpty = part.Length == 0;
        if (_isEmpty || part[0] == PartWriter.Plain)
        {
            _reader = new(new MemoryStream(part, _isEmpty ? 0 : 1, Math.Max(0, part.Length - 1)), Encoding.UTF8);
            return;
        }

        var bytes = new MemoryStream();
        using var packed = new BrotliStream(new MemoryStream(part, 1, part.Length - 1), CompressionMode.Decompress);
        packed.CopyTo(bytes);
        bytes.Position = 0;
        _reader = new(bytes, Encoding.UTF8);
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>The line of a month by landlord, sheet, SKU, cluster, project and agreement.</summary>
    public delegate Line Find(
        LandlordId landlord, string sheet, SkuId sku, ClusterId cluster, ProjectId project, string agreement);

    public void Into(Find find, UnpricedUsage unpriced, CompositeUsage behind, LeaseTrees leases)
    {
        if (_isEmpty)
        {
            return;
        }

        for (var left = Count(); left > 0; left--)
        {
            Into(find(new(Text()), Text(), new(Text()), new(Text()), new(Text()), Text()));
        }

        for (var left = Count(); left > 0; left--)
        {
            unpriced.Add((ResourceId.Parse(Text()), new(Text()), Text(), Text(), Number()));
        }

        for (var left = Count(); left > 0; left--)
        {
            var by = new BackEnd(new(Text()), Text());
            behind.Add((by, new(Text()), new LocalDate(1970, 1, 1).PlusDays(Count())), Number());
        }

        for (var left = Count(); left > 0; left--)
        {
            leases.Add(new(
                ResourceId.Parse(Text()), new(Text()),
                new(Instant.FromUnixTimeTicks(_reader.Read7BitEncodedInt64()),
                    Instant.FromUnixTimeTicks(_reader.Read7BitEncodedInt64())),
                (ResourceState)_reader.ReadByte(), Shape.Parse(Text())));
        }
    }

    private void Into(Line line)
    {
        line.Pages += _sign;
        Use(line);
        line.EgressGib += _sign * Number();
        line.IsEgress |= _reader.ReadBoolean();
        for (var left = Count(); left > 0; left--)
        {
            var hours = Count();
            Use(line.Span(hours == 0 ? null : ((TimeOfDay)line.Sku.Model).Hours[hours - 1]));
        }

        for (var left = Count(); left > 0; left--)
        {
            line.Profile!.Change(_reader.Read7BitEncodedInt64(), _sign * Whole());
        }
    }

    private void Use(Line line)
    {
        line.Sum += _sign * Whole();
        line.Counted += _sign * Number();
        var hands = Count();
        if (hands != line.Hands.Length)
        {
            throw new InvalidOperationException(
                $"A part has {hands} owners of {line.Project} in {line.Cluster}, and there are {line.Hands.Length}.");
        }

        foreach (var hand in line.Hands)
        {
            hand.Used += _sign * Whole();
            hand.Counted += _sign * Number();
        }
    }

    private int Count() => _reader.Read7BitEncodedInt();

    private string Text()
    {
        if (_reader.Read7BitEncodedInt() is var known and > 0)
        {
            return _texts[known - 1];
        }

        var text = _reader.ReadString();
        _texts.Add(text);
        return text;
    }

    private Int128 Whole()
    {
        var (number, shift) = (UInt128.Zero, 0);
        byte next;
        do
        {
            next = _reader.ReadByte();
            number |= (UInt128)(next & 0x7F) << shift;
            shift += 7;
        }
        while (next >= 0x80);
        return (Int128)(number >> 1) ^ -(Int128)(number & 1);
    }

    private decimal Number() => _reader.ReadBoolean() ? _reader.ReadDecimal() : 0;
}
