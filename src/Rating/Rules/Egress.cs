using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Exchange.Rating;

/// <summary>
/// What leaves a cloud over its network. It is metered and shown, and no landlord can charge for it: by none of the
/// names that it goes by, and by no name that the exchange does not know.
/// </summary>
public static class Egress
{
    private const decimal BytesPerGib = 1_073_741_824m;

    private static readonly string[] Marks =
    [
        "egress", "outgoing", "outbound", "bandwidth", "transfer", "traffic", "download", "bytesout", "dataout",
        "netout", "networkout", "internetout", "bwout", "gbout", "gibout", "outbytes", "outgb", "outgib", "txbytes",
        "bytestx", "bytessent", "sentbytes", "l3meter", "wanout", "uplink",
    ];

    private static readonly ConditionalWeakTable<PriceSheet, StrongBox<Sku?>> Charging = [];

    /// <summary>Dimensions and meters that a SKU may count.</summary>
    private static readonly FrozenSet<string> Countable = new[]
    {
        "vcpu", "ram_mib", "ram_gib", "gpu", "gpu_memory_mib", "gpu_memory_gib", "storage_gib", "storage_tib",
        "storage_gb", "snapshot_gib", "object_gib", "image_gib", "iops", "throughput_mib", "inodes", "node", "fpga",
        "fpga_slot", "board", "slot", "socket", "core", "floating_ip", "address", "port", "load_balancer", "licence",
        "license", "job", "jobs", "run", "runs", "bitstream_load", "bitstream_loads", "request", "requests",
        "api_request", "api_requests", "storage.api.request", "token", "tokens", "input_tokens", "output_tokens",
        "invocation", "invocations", "query", "queries", "message", "messages", "image", "images", "page", "pages",
        "ingress", "ingress_gib", "storage.objects.incoming.bytes", "energy_kwh", "energy_wh", "kwh", "cost_usd",
        "vcpu_hours", "gpu_hours", "core_hours", "node_hours", "gib_hours", "storage_gib_hours", "seconds", "hours",
        "gpu_busy_seconds", "gpu_energy_mj", "backup_gib", "archive_gib", "scanned_gib", "read_ops", "write_ops",
        "iops_million",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>What egress is counted as where no sheet names it.</summary>
    internal static Sku Sku { get; } = new()
    {
        Id = new("Egress"),
        Unit = new("GiB"),
        Rate = 0,
        Counts = CountedBy.Meter,
        Counted = "egress",
        Microseconds = 0,
        Match = [],
        ListedAs = "Egress",
        Where = "the exchange",
    };

    /// <summary>Letters of other alphabets, and figures, that are read as the Latin letters below them.</summary>
    private const string Lookalikes =
        "авеёкмнорстухіјѕԁɡαεικνορτυχıłøđŧħàáâãäåçèéêëìíîïñòóôõöùúûüýÿāăąćĉċčďēĕėęěĝğġģĥĩīĭįĵķĺļľńņňōŏőŕŗřśŝş" +
        "šţťũūŭůűųŵŷźżžſơưǎǐǒǔǖǘǚǜǟǡǧǩǫǭǰǵǹǻȁȃȅȇȉȋȍȏȑȓȕȗșțȟȧȩȫȭȯȱȳḁḃḅḇḉḋḍḏḑḓḕḗḙḛḝḟḡḣḥḧḩḫḭḯḱḳḵḷḹḻḽḿṁṃṅṇṉṋṍṏṑṓṕ" +
        "ṗṙṛṝṟṡṣṥṧṩṫṭṯṱṳṵṷṹṻṽṿẁẃẅẇẉẋẍẏẑẓẕẖẗẘẙẛạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ013457";

    private const string Latin =
        "abeekmhopctyxijsdgaeikvoptuxilodthaaaaaaceeeeiiiinooooouuuuyyaaaccccdeeeeegggghiiiijklllnnnooorrrsss" +
        "sttuuuuuuwyzzzsouaiouuuuuaagkoojgnaaaeeiioorruusthaeooooyabbbcdddddeeeeefghhhhhiikkkllllmmmnnnnoooop" +
        "prrrrsssssttttuuuuuvvwwwwwxxyzzzhtwysaaaaaaaaaaaaeeeeeeeeiioooooooooooouuuuuuuyyyyoieast";

    /// <summary>Whether a meter, dimension or SKU of this name is about what leaves over the network.</summary>
    public static bool IsNamedBy(string name)
    {
        var letters = string.Concat(Bare(name).Where(char.IsLetterOrDigit)).ToLowerInvariant();
        return Has(letters) || Has(string.Concat(letters.Select(Read)));

        static bool Has(string letters) => Marks.Any(mark => letters.Contains(mark, StringComparison.Ordinal));
    }

    /// <summary>A name as it is read: in small Latin letters, whatever alphabet it borrows from.</summary>
    internal static string Plain(string name) => string.Concat(Bare(name).ToLowerInvariant()
        .Select(letter => char.IsDigit(letter) ? letter : Read(letter)));

    /// <summary>Letters without marks above or lines around them, however wide or ornate they are written.</summary>
    internal static string Bare(string name)
    {
        var bare = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes().Where(
            rune => Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark))
        {
            _ = Ornate(rune.Value) is { } letter ? bare.Append(letter) : bare.Append(rune.ToString());
        }

        return bare.ToString();
    }

    /// <summary>The plain form of a wide, circled, boxed or mathematical letter; null for any other.</summary>
    private static char? Ornate(int point) => point switch
    {
        >= 0xFF01 and <= 0xFF5E => (char)(point - 0xFEE0),
        >= 0x249C and <= 0x24E9 => (char)('a' + ((point - 0x249C) % 26)),
        >= 0x1D400 and <= 0x1D6A3 => (char)('a' + ((point - 0x1D400) % 26)),
        >= 0x1D7CE and <= 0x1D7FF => (char)('0' + ((point - 0x1D7CE) % 10)),
        >= 0x1F110 and <= 0x1F129 => (char)('a' + (point - 0x1F110)),
        >= 0x1F130 and <= 0x1F189 when (point - 0x1F130) % 32 < 26 => (char)('a' + ((point - 0x1F130) % 32)),
        _ => null,
    };

    private static char Read(char letter) =>
        Lookalikes.IndexOf(letter, StringComparison.Ordinal) is >= 0 and var at ? Latin[at] : letter;

    /// <summary>The first SKU of a sheet that charges egress, or null; looked for once, as sheets stay.</summary>
    public static Sku? ChargedBy(PriceSheet sheet) => Charging.GetValue(
        sheet, one => new(one.Skus.FirstOrDefault(sku => ChargedBy(sku) is not null))).Value;

    /// <summary>The name by which a SKU that costs something is about egress, or null.</summary>
    public static string? ChargedBy(Sku sku) => sku.Costs
        ? sku.Bundle.Select(part => part.Dimension).Append(sku.Counted).OfType<string>()
            .Concat(sku.Match.SelectMany(match => match.Shape.SelectMany(asked => asked.Words.Append(asked.Key))
                .Concat(match.Kinds)))
            .Concat(sku.Wholesale?.Behind.Select(one => one.Meter) ?? [])
            .Append(sku.Id.Value).Append(sku.ListedAs).Append(sku.Unit.Name).FirstOrDefault(IsNamedBy)
        : null;

    /// <summary>Whether the exchange knows what the name counts, and that it is not egress.</summary>
    public static bool IsCountable(string name) => Countable.Contains(name) && !IsNamedBy(name);

    /// <summary>
    /// How much of an egress meter is one GiB, by the unit in the meter's name; plain 'egress' is GiB.
    /// </summary>
    public static decimal PerGib(string meter)
    {
        var name = Unspoken.Aggregate(
            meter.ToLowerInvariant(), (left, word) => left.Replace(word, " ", StringComparison.Ordinal));
        var found = Units.FirstOrDefault(unit => name.Contains(unit.Name, StringComparison.Ordinal));
        return found.Name is null ? 1m : found.PerGib;
    }

    /// <summary>Words of such meters in which a unit is seen that is none: 'outbound' is no terabyte.</summary>
    private static readonly string[] Unspoken = ["outbound", "inbound", "bandwidth", "bw", "number"];

    /// <summary>How much of each unit is one GiB; those that hold another's name come first.</summary>
    private static readonly (string Name, decimal PerGib)[] Units = [.. UnitNames()];

    private static IEnumerable<(string Name, decimal PerGib)> UnitNames()
    {
        (string Decimal, string Binary, char Letter)[] prefixes =
        [
            ("peta", "pebi", 'p'), ("tera", "tebi", 't'), ("giga", "gibi", 'g'), ("mega", "mebi", 'm'),
            ("kilo", "kibi", 'k'),
        ];
        (string Word, int Parts)[] words = [("bit", 8), ("byte", 1), ("octet", 1)];
        foreach (var (word, parts) in words)
        {
            foreach (var (prefix, n) in prefixes.Select((prefix, n) => (prefix, 5 - n)))
            {
                yield return ($"{prefix.Decimal}{word}", BytesPerGib * parts / Power(1_000, n));
                yield return ($"{prefix.Binary}{word}", BytesPerGib * parts / Power(1_024, n));
                if (word == "bit")
                {
                    yield return ($"{prefix.Letter}bit", BytesPerGib * parts / Power(1_000, n));
                    yield return ($"{prefix.Letter}ibit", BytesPerGib * parts / Power(1_024, n));
                }
            }
        }

        yield return ("byte", BytesPerGib);
        yield return ("octet", BytesPerGib);
        foreach (var (prefix, n) in prefixes.Select((prefix, n) => (prefix, 5 - n)))
        {
            yield return ($"{prefix.Letter}ib", BytesPerGib / Power(1_024, n));
        }

        foreach (var (prefix, n) in prefixes.Select((prefix, n) => (prefix, 5 - n)))
        {
            yield return ($"{prefix.Letter}b", BytesPerGib / Power(1_000, n));
        }

        yield return ("bits", BytesPerGib * 8);

        static decimal Power(decimal of, int n) => n == 0 ? 1 : of * Power(of, n - 1);
    }
}
