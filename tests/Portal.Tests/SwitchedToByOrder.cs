using System.Globalization;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A group has two petabytes at one landlord and computes at another. It orders FPGA boards of a third, whose price is
/// by the second and is raised meanwhile; no data moves, and every landlord is paid what its own meter saw. Beside that,
/// two thousand servers run for seven seconds each.
/// </summary>
public sealed class SwitchedToByOrder
{
    private const string Boards = """
        landlord: gatefarm
        service: fpga
        clusters: [g1]
        from: FROM
        skus:
          - {name: Board, unit: board-second, rate: "RATE", counts: dimension, dimension: fpga, per: second, match: {kind: fpga} }
        examples:
          - {name: a second, usage: [{kind: fpga, seconds: "1000", shape: {fpga: "1"} }], total: "TOTAL"}
        """;

    private const string Disks = """
        landlord: stora
        service: volumes
        clusters: [v1]
        from: 2026-01
        skus:
          - {name: Volume, unit: GiB-hour, rate: "0.00008", counts: dimension, dimension: storage_gib, per: hour, match: {kind: volume} }
        examples:
          - {name: a TiB for ten hours, usage: [{kind: volume, hours: "10", shape: {storage_gib: "1024"} }], total: "0.82"}
        """;

    [Fact]
    public async Task Boards_are_ordered_beside_another_landlords_data_and_each_is_paid_what_its_meter_saw()
    {
        using var small = await SmallExchange.Start();
        await small.Done($"prices publish {await small.File("g.yaml", Sheet("2026-01", "0.001", "1.00"))}");
        await small.Done($"prices publish {await small.File("v.yaml", Disks)}");
        await small.Told("cluster,project,name,pi,code\ng1,p-17,Genomes,ada@mit.edu,\nv1,p-17,Genomes,ada@mit.edu,\n" +
            "c1,p-17,Genomes,ada@mit.edu,");

        // 20 boards for 100 hours at 0.001 a second are 7,200.00; the price is raised after the order.
        var quote = (await small.Json(
            "quote --machines 0 --fpgas 20 --hours 100 --at 2026-11-04T00:00:00Z --project p-17 " +
            "--landlord gatefarm --save"))
            .GetProperty("quote").GetProperty("id").GetString();
        var order = await small.Json($"orders place {quote}");
        Assert.Equal("7200.00 USD", order.GetProperty("total").GetString());
        var id = order.GetProperty("id").GetString();
        foreach (var side in order.GetProperty("needs").EnumerateArray())
        {
            await small.Done($"orders approve {id} --for {side.GetString()}");
        }

        await small.Done($"orders fulfill {id} --reference rack-4");
        await small.Done($"prices publish {await small.File("g2.yaml", Sheet("2026-11-05", "0.002", "2.00"))}");
        small.Clock.Now = Instant.FromUtc(2026, 12, 2, 9, 0);
        await small.Done("ingest -", $"[{string.Join(',', Usage())}]");
        await small.Done("close --month 2026-11 --commit");

        // 2 PiB for 720 h are 120,795.96; 2,000 servers of one SU for 7 s are 3.89 SU-h, five cents.
        Assert.Equal(
            ["acme 0.05 USD", "gatefarm 7200.00 USD", "stora 120795.96 USD"],
            (await small.Json("rate --month 2026-11")).GetProperty("charges").EnumerateArray()
                .GroupBy(one => one.GetProperty("landlord").GetString(), one => Money.Parse(
                    one.GetProperty("amount").GetString()!, CultureInfo.InvariantCulture))
                .Select(of => $"{of.Key} {Money.Sum(of)}").Order(StringComparer.Ordinal));
        Assert.Equal(
            "127996.01 USD", (await small.Json("invoices list --month 2026-11"))[0].GetProperty("total").GetString());

        // Of what gatefarm sells five percent stay with the exchange.
        await small.Done("payouts accept landlord:gatefarm --month 2026-11");
        await small.Done("payouts record landlord:gatefarm --reference wire-1 --amount \"6840.00 USD\" --month 2026-11");
        Assert.Equal(
            ["landlord:acme 0.05 USD", "landlord:gatefarm 0.00 USD", "landlord:stora 120795.96 USD"],
            (await small.Json("payouts list")).EnumerateArray().Select(row =>
                $"{row.GetProperty("payee").GetString()} {row.GetProperty("open").GetString()}")
                .Order(StringComparer.Ordinal));
        await small.Done("verify");
    }

    private static string Sheet(string from, string rate, string total) => Boards
        .Replace("FROM", from, StringComparison.Ordinal).Replace("RATE", rate, StringComparison.Ordinal)
        .Replace("TOTAL", total, StringComparison.Ordinal);

    private static IEnumerable<string> Usage()
    {
        yield return Event("state", "disk", "2026-11-01T00:00:00Z", """
            "landlord":"stora","cluster":"v1","kind":"volume","state":"running","shape":{"storage_gib":2097152}
            """);
        yield return Event("state", "disk", "2026-12-01T00:00:00Z", """
            "landlord":"stora","cluster":"v1","kind":"volume","state":"deleted","shape":{"storage_gib":2097152}
            """);
        for (var board = 0; board < 20; board++)
        {
            yield return Event("interval", $"board-{board}", "2026-11-08T04:00:00Z", """
                "landlord":"gatefarm","cluster":"g1","kind":"fpga","from":"2026-11-04T00:00:00Z",
                "to":"2026-11-08T04:00:00Z","state":"running","shape":{"fpga":1}
                """);
        }

        for (var server = 0; server < 2_000; server++)
        {
            yield return Event("interval", $"burst-{server}", "2026-11-09T00:00:07Z", $$"""
                "landlord":"acme","cluster":"c1","kind":"pod","from":"2026-11-09T00:00:00Z",
                "to":"2026-11-09T00:00:07Z","state":"running","shape":{ {{SmallExchange.One}} }
                """);
        }
    }

    private static string Event(string type, string subject, string at, string data) => $$"""
        {"specversion":"1.0","id":"{{subject}}-{{at}}","source":"urn:case","type":"exchange.usage.{{type}}.v1",
        "subject":"{{subject}}","time":"{{at}}","data":{"project":"p-17",{{data}} } }
        """;
}
