using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What was wrong with the money of the market, by the command line and in other numbers than those in which it was
/// found; each amount is worked out beside it.
/// </summary>
public sealed partial class MarketFaultsInOtherNumbers
{
    /// <summary>Between two cells: not inside of one that stands in quotes.</summary>
    [GeneratedRegex(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)")]
    private static partial Regex Comma();

    /// <summary>
    /// 250,000 GiB-hours at 0.0002 are 50.00; the stores have 700 and 300 of it and 0.00013 for each: 175,000 are 22.75,
    /// 75,000 are 9.75, and 17.50 stay. 1,200 sold at 0.025 and bought at 0.021: 30.00, of which 25.20 go on.
    /// </summary>
    [Fact]
    public async Task Who_is_behind_a_service_is_paid_and_payees_exist()
    {
        using var small = await SmallExchange.Start();
        await small.Done("prices publish " + string.Join(' ',
            await Sheet(small, "proxco", "name: Objects, unit: GiB-hour, rate: \"0.0002\", counts: meter, " +
                "meter: storage_gib_hours, match: {kind: bucket}, wholesale: {rate: \"0.00013\", behind: " +
                "[{landlord: stora, meter: object_gib}, {landlord: storb, meter: object_gib}]}",
                "kind: bucket, meter: storage_gib_hours, quantity: \"10000\"}], total: \"2.00\""),
            await Sheet(small, "stora", Archive, OneArchive, Unbilled), await Sheet(small, "storb", Archive, OneArchive, Unbilled),
            await Sheet(small, "harvard", "name: Job, unit: job, rate: \"0.03\", counts: meter, meter: jobs, " +
                "match: {kind: batch}", "kind: batch, meter: jobs, quantity: \"100\"}], total: \"3.00\"", "", "h1"),
            await Sheet(small, "broker", "name: Run, unit: run, rate: \"0.025\", counts: meter, meter: runs, " +
                "match: {kind: batch}, wholesale: {payee: harvard, rate: \"0.021\"}",
                "kind: batch, meter: runs, quantity: \"100\"}], total: \"2.50\"", "", "b1")));
        Assert.Contains("nobody-at-all", (await small.Line("prices publish " + await Sheet(
            small, "broker2", "name: Run, unit: run, rate: \"0.025\", counts: meter, meter: runs, match: {kind: batch}, " +
            "wholesale: {payee: nobody-at-all, rate: \"0.021\"}",
            "kind: batch, meter: runs, quantity: \"100\"}], total: \"2.50\"", "", "b2"))).Errors, StringComparison.Ordinal);
        await small.Told("cluster,project,name,pi,code\no1,p1,One,ada@bu.edu,\nb1,p1,One,ada@bu.edu,");
        await small.Done("ingest -", $"[{string.Join(',',
            Count("proxco", "o1", "bucket", "storage_gib_hours", 250_000),
            Count("stora", "o1", "bucket", "object_gib", 700), Count("storb", "o1", "bucket", "object_gib", 300),
            Count("broker", "b1", "batch", "runs", 1_200))}]");
        await small.Done("close --month 2026-10 --commit");
        Assert.Equal(
            ["landlord:broker 4.80 USD", "landlord:harvard 25.20 USD", "landlord:proxco 17.50 USD",
                "landlord:stora 22.75 USD", "landlord:storb 9.75 USD"], await Open(small));

        // Two lines of one SKU are told apart, and explained by what split them.
        var invoice = await Invoice(small);
        var shown = (await small.Done($"explain {invoice}")).Output;
        Assert.Contains("by stora", shown, StringComparison.Ordinal);
        Assert.Contains("by storb", shown, StringComparison.Ordinal);
        Assert.Contains(
            "700 of object_gib", (await small.Done($"explain {invoice}#2")).Output +
                (await small.Done($"explain {invoice}#3")).Output, StringComparison.Ordinal);
        await small.Done("verify");
    }

    /// <summary>
    /// October has 744 h. A node at 1.00 for all of it, sublet for 20 days and of those for two days once more: 744.00 to
    /// the landlord, 480.00 to the first, 48.00 to the second.
    /// </summary>
    [Fact]
    public async Task A_node_is_sold_once_at_each_of_three_levels()
    {
        using var small = await Nodes();
        await small.Done("ingest -", $"[{string.Join(',',
            Leased("L1", "p-a", 1, 32, null), Leased("L2", "p-b", 5, 25, "L1"), Leased("L3", "p-c", 10, 12, "L2"))}]");
        await small.Done("close --month 2026-10 --commit");
        Assert.Equal(
            ["landlord:acme 744.00 USD", "project:p-a 480.00 USD", "project:p-b 48.00 USD"], await Open(small));
    }

    /// <summary>Two nodes sublet to one project, a day at 2.00 each and two days at 3.00: 48.00 and 144.00.</summary>
    [Fact]
    public async Task Two_subleases_of_one_SKU_are_told_apart_on_the_invoice_and_on_the_statement()
    {
        using var small = await Nodes();
        small.Clock.Now = Instant.FromUtc(2026, 10, 1, 0, 0);
        const string Where = "--landlord acme --cluster bm";
        await small.Done($"leases declare {Where} --node N1 --node N2 --from 2026-10-01T00:00:00Z " +
            "--until 2026-12-01T00:00:00Z");
        var lease = await Lease(small, $"{Where} --node N1 --node N2 --project p-a --from 2026-10-01T00:00:00Z " +
            "--until 2026-10-11T00:00:00Z --per-hour 0.5");
        var one = await Lease(small, $"{Where} --node N1 --project p-b --parent {lease} --from 2026-10-02T00:00:00Z " +
            "--until 2026-10-03T00:00:00Z --per-hour 2");
        var two = await Lease(small, $"{Where} --node N2 --project p-b --parent {lease} --from 2026-10-02T00:00:00Z " +
            "--until 2026-10-04T00:00:00Z --per-hour 3");
        small.Clock.Now = Instant.FromUtc(2026, 11, 3, 9, 0);
        await small.Done("close --month 2026-10 --commit");
        var invoice = (await small.Json("invoices list --month 2026-10")).EnumerateArray()
            .Single(row => row.GetProperty("total").GetString() == "192.00 USD").GetProperty("number").GetString();
        var lines = (await small.Done($"explain {invoice}")).Output;
        Assert.Contains($"sublet by p-a in {one}", lines, StringComparison.Ordinal);
        Assert.Contains($"sublet by p-a in {two}", lines, StringComparison.Ordinal);
        var statement = (await small.Done("payouts statement project:p-a --month 2026-10")).Output;
        Assert.Contains($"in {one}", statement, StringComparison.Ordinal);
        Assert.Contains($"in {two}", statement, StringComparison.Ordinal);
    }

    /// <summary>
    /// Three reserved at 0.25 from the 3rd to the 18th at noon are 15.5 × 24 × 3 = 1,116 h: 279.00. Five run from the 1st
    /// to the 6th: 240 h before it, and two beyond it for 3 days, 144 h: 384.00. Agreed it is the same.
    /// </summary>
    [Fact]
    public async Task A_reservation_covers_its_own_hours_in_a_sheet_and_agreed()
    {
        const string Vm = "name: VM, unit: vm-hour, rate: \"1\", counts: resource, per: hour, match: {kind: vm}";
        const string One = "kind: vm, hours: \"1\"}], total: \"1.00\"";
        var totals = new List<string>();
        foreach (var isAgreed in (bool[])[false, true])
        {
            using var small = await SmallExchange.Start();
            await small.Done("prices publish " + await Sheet(small, "nodes", isAgreed ? Vm
                : Vm + ", model: reservation, reservations: [{project: p1, count: \"3\", rate: \"0.25\", " +
                    "from: \"2026-10-03T00:00:00Z\", until: \"2026-10-18T12:00:00Z\"}]", One, "", "v1"));
            await small.Told("cluster,project,name,pi,code\nv1,p1,One,ada@bu.edu,");
            if (isAgreed)
            {
                small.Clock.Now = Instant.FromUtc(2026, 10, 2, 0, 0);
                var id = (await small.Json("agreements reserve --landlord nodes --cluster v1 --sku VM --project p1 " +
                    "--count 3 --from 2026-10-03T00:00:00Z --until 2026-10-18T12:00:00Z --rate 0.25 --for customer"))
                    .GetProperty("id").GetString();
                Assert.Contains("is agreed", (await small.Done($"agreements accept {id} --for landlord")).Output,
                    StringComparison.Ordinal);
                small.Clock.Now = Instant.FromUtc(2026, 11, 3, 9, 0);
                Assert.Contains(id!, (await small.Done("agreements calendar")).Output, StringComparison.Ordinal);
            }

            await small.Done("ingest -", $"[{string.Join(',', Enumerable.Range(0, 5).Select(n => Ran(
                "nodes", "v1", $"vm-{n}", "p1", 1, 6)))}]");
            await small.Done("close --month 2026-10 --commit");
            var row = (await small.Json("invoices list --month 2026-10")).EnumerateArray().Single();
            totals.Add(row.GetProperty("total").GetString()!);
            var explained = (await small.Done($"explain {row.GetProperty("number").GetString()}#2")).Output;
            Assert.Contains("1116", explained, StringComparison.Ordinal);
            Assert.Equal(isAgreed, explained.Contains("by agreement R-", StringComparison.Ordinal));
            await Focus(small, isAgreed);
            await small.Done("verify --rate 2026-10");
        }

        Assert.Equal(["663.00 USD", "663.00 USD"], totals);
    }

    /// <summary>Bills come by import only, whatever a usage key writes the kind in.</summary>
    [Theory]
    [InlineData("bill", "cost_usd")]
    [InlineData("BILL", "cost_usd")]
    [InlineData("Bill", "COST_USD")]
    public async Task A_bill_that_is_told_as_usage_is_not_billed(string kind, string meter)
    {
        using var small = await SmallExchange.Start();
        await small.Done("prices publish " + await Sheet(
            small, "bridge", "name: At cost, unit: USD, counts: meter, meter: cost_usd, model: pass-through, " +
            "markup: \"0.05\", match: {kind: bill}", "kind: bill, meter: cost_usd, quantity: \"100\"}], total: \"105.00\"",
            "", "aws"));
        await small.Told("cluster,project,name,pi,code\naws,p1,One,ada@bu.edu,");
        await small.Line("ingest -", $"[{Count("bridge", "aws", kind, meter, 777)}]");
        Assert.DoesNotContain("815.85", (await small.Line("rate --month 2026-10")).Output, StringComparison.Ordinal);
    }

    /// <summary>
    /// Two pods for 300 hours from the 10th on: 288 h at 0.013 and, from the 16th, 312 h at 0.010: 3.74 + 3.12 = 6.86.
    /// </summary>
    [Fact]
    public async Task A_quote_over_a_published_change_of_price_is_the_bill()
    {
        using var small = await SmallExchange.Start();
        small.Clock.Now = Instant.FromUtc(2026, 10, 5, 0, 0);
        await small.Told("cluster,project,name,pi,code\nc1,p1,One,ada@bu.edu,");
        await small.Done("prices publish " + await small.File("later.yaml", SmallExchange.Sheet
            .Replace("from: 2026-01", "from: 2026-10-16", StringComparison.Ordinal)
            .Replace("\"0.013\"", "\"0.010\"", StringComparison.Ordinal)
            .Replace("\"1.30\"", "\"1.00\"", StringComparison.Ordinal)));
        Assert.Contains("6.86 USD", (await small.Done(
            "quote --machines 2 --vcpu 1 --ram 4 --hours 300 --form pod --at 2026-10-10T00:00:00Z --project p1")).Output,
            StringComparison.Ordinal);
        small.Clock.Now = Instant.FromUtc(2026, 11, 3, 9, 0);
        await small.Ran("p1", "a", "2026-10-10T00:00:00Z", "2026-10-22T12:00:00Z");
        await small.Ran("p1", "b", "2026-10-10T00:00:00Z", "2026-10-22T12:00:00Z");
        Assert.Contains("6.86 USD", (await small.Done("rate --month 2026-10")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GiB handed back", "read_ops", "GiB")]
    [InlineData("Objects pulled off site", "requests", "GB")]
    [InlineData("Sortie de données", "requests", "Go")]
    [InlineData("CDN delivery to browsers", "requests", "GiB")]
    public async Task Egress_by_other_words_is_refused_or_has_to_say_what_it_is(string name, string meter, string unit)
    {
        using var small = await SmallExchange.Start();
        Assert.Contains("egress", (await small.Line("prices publish " + await Sheet(
            small, "sly", $"name: {name}, unit: {unit}, rate: \"0.05\", counts: meter, meter: {meter}, match: {{kind: bucket}}",
            $"kind: bucket, meter: {meter}, quantity: \"100\"}}], total: \"5.00\""))).Errors, StringComparison.Ordinal);
    }

    private const string Archive = "name: Archive, unit: GiB, rate: \"0.01\", counts: meter, meter: archive_gib, match: {kind: bucket}";
    private const string OneArchive = "kind: bucket, meter: archive_gib, quantity: \"100\"}], total: \"1.00\"";
    private const string Unbilled = "unbilled: [{match: {kind: bucket, meter: object_gib}, because: its front end sells it}]";

    private static async Task Focus(SmallExchange small, bool isAgreed)
    {
        var folder = small.Folder($"focus-{isAgreed}");
        await small.Done($"export focus --month 2026-10 --out {folder}");
        var rows = (await File.ReadAllLinesAsync(
            Directory.GetFiles(folder, "*.csv")[0], TestContext.Current.CancellationToken)).Select(row => Comma().Split(row)).ToList();
        string Of(string[] row, string name) => row[Array.IndexOf(rows[0], name)];
        var kept = Assert.Single(rows.Skip(1), row => Of(row, "CapacityReservationId") != "NULL");
        Assert.Equal(
            ("Used", "Usage", "Reservation", "Used", "1116", "Vm-Hours", "Committed"),
            (Of(kept, "CapacityReservationStatus"), Of(kept, "CommitmentDiscountCategory"),
                Of(kept, "CommitmentDiscountType"), Of(kept, "CommitmentDiscountStatus"),
                Of(kept, "CommitmentDiscountQuantity"), Of(kept, "CommitmentDiscountUnit"), Of(kept, "PricingCategory")));
        Assert.Equal(Of(kept, "CapacityReservationId"), Of(kept, "CommitmentDiscountId"));
        Assert.Equal(isAgreed, Of(kept, "CommitmentDiscountId").StartsWith("R-", StringComparison.Ordinal));
        Assert.All(rows.Skip(1).Where(row => row != kept), row => Assert.All(rows[0].Where(name =>
            name.StartsWith("CommitmentDiscount", StringComparison.Ordinal)), name => Assert.Equal("NULL", Of(row, name))));
    }

    private static async Task<string> Sheet(
        SmallExchange small, string landlord, string sku, string example, string more = "", string cluster = "o1") =>
        await small.File($"{landlord}.yaml", $$"""
            landlord: {{landlord}}
            service: things
            clusters: [{{cluster}}]
            from: 2026-01
            skus:
              - {{"{" + sku + "}"}}
            {{more}}
            examples:
              - {name: one, usage: [{{"{" + example + "}"}}
            """);

    private static async Task<SmallExchange> Nodes()
    {
        var small = await SmallExchange.Start();
        await small.Done("prices publish " + await Sheet(
            small, "acme", "name: Node, unit: node-hour, rate: \"1\", counts: resource, per: hour, match: {kind: baremetal}",
            "kind: baremetal, hours: \"10\"}], total: \"10.00\"", "", "bm"));
        await small.Told("cluster,project,name,pi,code\nbm,p-a,A,a@bu.edu,\nbm,p-b,B,b@bu.edu,\nbm,p-c,C,c@bu.edu,");
        return small;
    }

    private static async Task<string> Lease(SmallExchange small, string terms)
    {
        var id = (await small.Json($"leases offer {terms} --for lessor")).GetProperty("lease").GetProperty("id").GetString()!;
        await small.Done($"leases accept {id} --for lessee");
        return id;
    }

    private static async Task<string> Invoice(SmallExchange small) =>
        (await small.Json("invoices list --month 2026-10")).EnumerateArray().Single().GetProperty("number").GetString()!;

    private static async Task<IReadOnlyList<string>> Open(SmallExchange small) =>
        [.. (await small.Json("payouts list")).EnumerateArray().Select(row =>
            $"{row.GetProperty("payee").GetString()} {row.GetProperty("open").GetString()}").Order(StringComparer.Ordinal)];

    private static string Day(int day) => Exchange.Text.Of(
        Instant.FromUtc(2026, 10, 1, 0, 0) + Duration.FromDays(day - 1));

    private static string Count(string landlord, string cluster, string kind, string meter, int quantity) => Event(
        "count", $"{landlord}-{meter}", Day(12), "p1", landlord, cluster, kind, $$"""
        "meter":"{{meter}}","quantity":{{quantity.ToString(CultureInfo.InvariantCulture)}}
        """);

    private static string Ran(string landlord, string cluster, string id, string project, int from, int to) => Event(
        "interval", id, Day(to), project, landlord, cluster, "vm", $$"""
        "from":"{{Day(from)}}","to":"{{Day(to)}}","state":"running","shape":{}
        """);

    private static string Leased(string id, string project, int from, int to, string? parent) => Event(
        "interval", id, Day(to), project, "acme", "bm", "baremetal", $$"""
        "from":"{{Day(from)}}","to":"{{Day(to)}}","state":"running",
        "shape":{{JsonSerializer.Serialize(parent is null
            ? new Dictionary<string, string> { ["node"] = "N1" }
            : new Dictionary<string, string> { ["node"] = "N1", ["parent_lease"] = parent })}}
        """);

    private static string Event(
        string type, string subject, string at, string project, string landlord, string cluster, string kind,
        string data) => $$"""
        {"specversion":"1.0","id":"{{subject}}-{{at}}","source":"urn:case:{{landlord}}","type":"exchange.usage.{{type}}.v1",
        "subject":"{{subject}}","time":"{{at}}","data":{"project":"{{project}}","landlord":"{{landlord}}",
        "cluster":"{{cluster}}","kind":"{{kind}}",{{data}} } }
        """;
}
