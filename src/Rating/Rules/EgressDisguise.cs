using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Exchange.Rating;

/// <summary>
/// What may be egress by words that name something else: a SKU that speaks of data or of what goes out, and counts what
/// is neither. Nobody can tell from outside, so the landlord says in the sheet what it is: 'not_egress: "…"'.
/// </summary>
public static partial class EgressDisguise
{
    /// <summary>Words for going out; a word of the SKU that begins with one of these is such a word.</summary>
    private static readonly string[] Outward =
    [
        "leav", "left", "internet", "serve", "served", "serves", "serving", "deliver", "extern", "export", "offsite",
        "outside", "outward", "outflow", "outgo", "outbound", "out", "outs", "off", "sent", "send", "emit", "emitted",
        "exit", "exfil", "cdn", "wan", "www", "edge", "peering", "upstream", "away", "abroad", "transit", "transmi",
        "stream", "retriev", "client", "visitor", "haul", "backhaul", "nat", "hop", "hops", "depart", "dispatch",
        "shipped", "shipping", "publish", "broadcast", "gateway", "forward", "network", "region", "interregion",
        "interzone", "inter", "cross", "remote", "replicat", "mirror", "fetch", "pull", "restor", "rehydrat", "site",
        "tx", "xmit", "outgr", "push", "elsewhere", "globus", "dtn", "rsync", "sftp", "ftp", "scp", "nonlocal",

        // What others say for going out, and for what goes: French, Spanish, Portuguese, Italian, German, Dutch, Nordic
        // languages, Polish, Russian.
        "sortan", "sortie", "trafic", "telecharg", "salient", "salida", "saida", "saind", "descarg", "uscit", "uscent",
        "scaric", "ausgehend", "ausgang", "abgehend", "abfluss", "verkehr", "bandbreit", "uitgaand", "verkeer", "utga",
        "udga", "wychodz", "wysyl", "passante", "banda", "pasmo", "giden", "inviat", "enviad", "envoy", "verzond",
        .. Plain(["исход", "трафик", "выгруз", "отправ", "вихідн", "вивантаж", "εξερχ", "εξαγωγ"]),
    ];

    /// <summary>Those that are seen inside joined words as well.</summary>
    private static readonly string[] Joined =
    [
        .. Plain(
        [
            "internet", "leaving", "deliver", "external", "export", "outside", "offsite", "exfil", "retriev",
            "visitor", "outflow", "verkehr", "verkeer", "trafik", "trafic", "versand", "abfluss", "出站", "出口",
            "传出", "传输", "傳輸", "下载", "流出", "流量", "带宽", "帯域", "下行", "外网", "送信", "アウトバウンド", "転送", "外発", "下り",
            "ダウンロード", "유출", "트래픽", "아웃바운드", "전송", "다운로드", "نقل", "صادر",
        ]),
    ];

    /// <summary>Words for an amount of data.</summary>
    private static readonly string[] Data =
    [
        .. Plain(
        [
            "gb", "gib", "gbit", "gigabyte", "gigabytes", "tb", "tib", "terabyte", "terabytes", "mb", "mib",
            "megabyte", "megabytes", "gbyte", "gbytes", "tbyte", "tbytes", "mbyte", "mbytes", "gibibyte",
            "gibibytes", "tebibyte", "tebibytes", "mebibyte", "mebibytes", "gigs", "size", "kb", "kib",
            "kilobyte", "kilobytes", "pb", "pib", "petabyte", "petabytes", "byte", "bytes", "octet", "octets",
            "data", "payload", "bits", "gbps", "mbps", "gio", "tio", "mio", "kio", "gigaoctet", "gigaoctets",
            "teraoctet", "teraoctets", "megaoctet", "megaoctets", "daten", "donnees", "datos", "dados", "dati",
            "gegevens", "гб", "тб", "мб", "гиб", "гбайт", "тбайт", "мбайт", "байт", "гигабайт", "терабайт",
            "данных", "字节", "吉字节", "千兆字节", "バイト", "ギガバイト", "바이트", "기가바이트", "数据", "データ", "데이터",
        ]),
    ];

    /// <summary>Amounts of data in French, which are words of other languages anywhere but as a unit.</summary>
    private static readonly FrozenSet<string> Octets =
        new[] { "ko", "mo", "go", "to", "po" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Words for taking data back, which is away from here wherever so much of it is counted.</summary>
    private static readonly string[] Read =
        ["read", "recall", "thaw", "access", "recover", "result", "return", "lu", "lue", "lus", "lecture"];

    private static readonly string[] Time = ["hour", "hours", "h", "hr", "day", "days", "month", "months", "second",
        "seconds", "s", "min", "minute", "minutes", "year"];

    private static readonly string[] DataMeters =
        ["gib", "gb", "tib", "byte", "mib", "ingress", "ram", "storage", "archive", "backup", "snapshot", "image"];

    /// <summary>Why a SKU must say that it is not egress; null when nothing speaks for it, or it did.</summary>
    public static string? Of(Sku sku, string service)
    {
        if (!sku.Costs || sku.NotEgress is not null || sku.Model is PassThrough)
        {
            return null;
        }

        var countsData = sku.Counts switch
        {
            CountedBy.Resource => false,
            CountedBy.Bundle => sku.Bundle.Any(part => IsData(part.Dimension)),
            CountedBy.Dimension or CountedBy.Meter => IsData(sku.Counted!),
        };
        var isMetered = sku.Counts == CountedBy.Meter;
        return Of(
            [sku.Id.Value, sku.ListedAs, sku.Unit.Name, service], sku.Unit,
            new($"counts {What(sku)}", isMetered, countsData), _ => isMetered);
    }

    /// <summary>
    /// Why a line that another exchange asks money for must say that it is not egress; null when nothing speaks for it.
    /// </summary>
    /// <param name="meter">What it counts, as that exchange says; null for what is used over time, or is not said.
    /// </param>
    public static string? Of(SkuId sku, string? step, Unit unit, string? meter) => Of(
        [sku.Value, (step ?? "").Replace("off-peak", "", StringComparison.OrdinalIgnoreCase), unit.Name], unit,
        meter is null ? new("names no meter", IsMetered: false, IsData: false)
            : new($"counts '{meter}'", IsMetered: true, IsData(meter)),
        isTimed => !isTimed);

    /// <param name="mayGo">Whether what goes out may be counted, where its unit is one of time or not.</param>
    private static string? Of(string[] names, Unit unit, Counts counts, Func<bool, bool> mayGo)
    {
        var words = names.SelectMany(Words).ToList();
        var units = Words(unit.Name).ToList();
        var isTimed = units.Any(Time.Contains);
        var isUnitOfData = (units.Any(Data.Contains) || Octets.Contains(unit.Name)) && !isTimed;
        var outward = words.FirstOrDefault(IsOutward) ??
            (counts is { IsMetered: true, IsData: true } && !isTimed ? words.FirstOrDefault(IsRead) : null);
        var data = words.FirstOrDefault(Data.Contains);
        return isUnitOfData && !counts.IsData
            ? $"its unit is '{unit}', an amount of data, and it {counts.Words}"
            : counts.IsMetered && data is not null && !counts.IsData ? $"it speaks of '{data}', and {counts.Words}"
            : outward is not null && (mayGo(isTimed) || isUnitOfData || data is not null)
            ? $"it speaks of '{outward}'"
            : null;
    }

    /// <summary>What a price counts: in words, whether by a meter, and whether that is data.</summary>
    private readonly record struct Counts(string Words, bool IsMetered, bool IsData);

    private static string What(Sku sku) => sku.Counts switch
    {
        CountedBy.Bundle => "a bundle",
        CountedBy.Resource => "resources",
        CountedBy.Dimension or CountedBy.Meter => $"'{sku.Counted}'",
    };

    /// <summary>As words of a name are read.</summary>
    private static IEnumerable<string> Plain(IEnumerable<string> words) => words.Select(Egress.Plain);

    private static bool IsData(string counted) =>
        DataMeters.Any(part => counted.Contains(part, StringComparison.OrdinalIgnoreCase));

    /// <summary>A short word must be the whole; a longer one may have an ending, some hide in joined words.</summary>
    private static bool IsOutward(string word) => Outward.Any(mark => mark.Length < 4
        ? word == mark
        : word.StartsWith(mark, StringComparison.Ordinal)) ||
        Joined.Any(mark => word.Contains(mark, StringComparison.Ordinal));

    private static bool IsRead(string word) => Read.Any(mark => mark.Length < 4
        ? word == mark
        : word.StartsWith(mark, StringComparison.Ordinal));

    /// <summary>The words of a name, also where they are joined by case, figures or signs.</summary>
    private static IEnumerable<string> Words(string name) =>
        Word().Matches(Egress.Bare(name)).Select(match => Egress.Plain(match.Value));

    [GeneratedRegex(@"[GTMKP]i?B(?!\p{Lu})|\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{L}+")]
    private static partial Regex Word();
}
