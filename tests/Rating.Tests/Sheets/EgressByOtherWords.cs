using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// What leaves a cloud is never charged, by whichever words. Seen to fail when only the names of meters were looked at.
/// </summary>
public class EgressByOtherWords
{
    private static string Sku(
        string name, string meter = "read_ops", string unit = "op", string more = "", string? listedAs = null) =>
        $$"""{name: "{{name}}", unit: {{unit}}, rate: "0.01", counts: meter, meter: {{meter}}, match: {kind: bucket}{{(listedAs is null ? "" : $", listed_as: \"{listedAs}\"")}}{{more}} }""";

    private static string[] Codes(string sku) =>
        [.. SheetChecks.Alone(Acme.Sheet(sku)).Select(refusal => refusal.Code).Where(code => code.Contains("egress", StringComparison.Ordinal)).Distinct()];

    [Theory]
    [InlineData("GB leaving", "read_ops", "op")]
    [InlineData("GBleaving", "read_ops", "op")]
    [InlineData("Data served to the internet", "requests", "request")]
    [InlineData("Requests", "requests", "GiB")]
    [InlineData("Gigabytes read by clients", "read_ops", "op")]
    [InlineData("ＤＡＴＡ delivered", "jobs", "job")]
    [InlineData("Terabytes to users", "queries", "query")]
    [InlineData("Objects sent to the WAN", "requests", "request")]
    [InlineData("CDN", "requests", "request")]
    [InlineData("Backup GiB retrieved", "backup_gib", "GiB")]
    [InlineData("Network usage", "requests", "unit")]
    [InlineData("Interregion copy", "read_ops", "operation")]
    [InlineData("Replication to another site", "requests", "request")]
    [InlineData("Remote reads", "messages", "message")]
    [InlineData("Restores", "archive_gib", "GiB")]
    [InlineData("Trafic sortant", "requests", "requête")]
    [InlineData("Go sortants", "jobs", "job")]
    [InlineData("Gigaoctets lus", "read_ops", "op")]
    [InlineData("Tráfico de salida", "messages", "message")]
    [InlineData("Datos salientes", "queries", "query")]
    [InlineData("Dados de saída", "runs", "run")]
    [InlineData("Dati in uscita", "tokens", "token")]
    [InlineData("Ausgehende Daten", "invocations", "invocation")]
    [InlineData("Netzverkehr", "requests", "request")]
    [InlineData("Uitgaand verkeer", "requests", "request")]
    [InlineData("Исходящий трафик", "read_ops", "op")]
    [InlineData("Reads", "read_ops", "ГБ")]
    [InlineData("出站流量", "requests", "request")]
    [InlineData("データ送信", "requests", "request")]
    [InlineData("아웃바운드 트래픽", "jobs", "job")]
    [InlineData("데이터 전송", "jobs", "job")]
    [InlineData("転送量", "jobs", "job")]
    [InlineData("Bande passante", "jobs", "job")]
    [InlineData("Ancho de banda", "jobs", "job")]
    [InlineData("Дані вихідні", "jobs", "job")]
    [InlineData("Εξερχόμενα", "jobs", "job")]
    [InlineData("Datenversand", "jobs", "job")]
    [InlineData("Net tx", "jobs", "job")]
    [InlineData("Globus", "jobs", "job")]
    [InlineData("Outgress", "jobs", "job")]
    [InlineData("Response size", "requests", "request")]
    [InlineData("Mebibytes returned", "requests", "request")]
    [InlineData("Reads", "read_ops", "Gbyte")]
    [InlineData("Lectures", "read_ops", "Go")]
    [InlineData("Tape recall", "archive_gib", "GiB")]
    [InlineData("Archive reads", "archive_gib", "GiB")]
    [InlineData("Objects accessed", "object_gib", "GiB")]
    [InlineData("Query results", "scanned_gib", "GiB")]
    public void A_disguise_is_asked_to_declare_itself(string name, string meter, string unit)
    {
        Assert.Equal(["prices/maybe-egress"], Codes(Sku(name, meter, unit)));
        Assert.Equal(["prices/maybe-egress"], Codes(Sku("S", meter, unit, listedAs: name)));
        Assert.Empty(Codes(Sku(name, meter, unit, ", not_egress: \"reads of tape by its own robots\"")));
    }

    [Theory]
    [InlineData("Requests", "requests", "request")]
    [InlineData("Data scanned", "scanned_gib", "GiB")]
    [InlineData("Read operations", "read_ops", "op")]
    [InlineData("Bitstream loads", "bitstream_loads", "load")]
    [InlineData("Output tokens", "output_tokens", "token")]
    [InlineData("Backup", "backup_gib", "GiB")]
    [InlineData("Infrequent access storage", "storage_gib_hours", "GiB-hour")]
    [InlineData("Ingress", "ingress_gib", "GiB")]
    public void What_is_plainly_something_else_is_not_asked(string name, string meter, string unit) =>
        Assert.Empty(Codes(Sku(name, meter, unit)));

    [Fact]
    public void No_declaration_lets_egress_by_its_own_name_be_charged() => Assert.Contains(
        "prices/egress-charged", Codes(Sku("Internet egress", more: ", not_egress: \"it is not\"")));

    /// <summary>However it is written, it is its own name.</summary>
    [Theory]
    [InlineData("𝖊𝖌𝖗𝖊𝖘𝖘")]
    [InlineData("ⓔⓖⓡⓔⓢⓢ")]
    [InlineData("ėgrėss")]
    [InlineData("e\u0301gre\u0308ss")]
    [InlineData("Traffıc")]
    [InlineData("Bånđwidth")]
    [InlineData("ẽgṛẹșș")]
    public void Ornate_letters_hide_nothing(string name) =>
        Assert.Contains("prices/egress-charged", Codes(Sku(name, "jobs", "job")));

    private static readonly string[] Quantities =
        ["GB", "GiB", "TB", "Gigabytes", "Data", "Bytes", "Payload", "MiB", "Petabytes", "ＧＢ"];

    private static readonly string[] Ways =
    [
        "sortants", "de salida", "ausgehend", "in uscita", "исходящие", "出站",
        "leaving", "served to the internet", "delivered", "sent to clients", "exported", "to the outside", "over the WAN",
        "streamed", "shipped off site", "retrieved", "read", "fetched by users", "moved", "pulled", "for visitors",
    ];

    private static readonly string[] Meters =
        ["read_ops", "requests", "api_requests", "queries", "jobs", "runs", "messages", "invocations", "tokens"];

    /// <summary>Any amount of data by any way of going, in any order and writing, counted as anything that is no data.</summary>
    [Fact]
    public void Drawn_disguises_are_seen_through() => Prop.ForAll(Arb.From(
        from quantity in Gen.Elements(Quantities)
        from way in Gen.Elements(Ways)
        from meter in Gen.Elements(Meters)
        from form in Gen.Choose(0, 5)
        select (Name: form switch
        {
            0 => $"{quantity} {way}",
            1 => $"{way}, in {quantity}",
            2 => $"{quantity}-{way.Replace(' ', '-')}",
            3 => $"{way.ToUpperInvariant()} {quantity}",
            4 => $"{quantity}_{way.Replace(' ', '_')}",
            _ => $"Tier 1 ({quantity} {way})",
        }, meter)), drawn => Assert.NotEmpty(Codes(Sku(drawn.Name, drawn.meter, "unit")))).Check(Draws.Properties());
}
