using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// November of one exchange, from what is offered to what is paid out: Harvard lends nodes to MIT, which sublets one and
/// has it reclaimed; a storage company promises and misses; a proxy buys of two stores in tiers; and bills of two other
/// clouds stand on one invoice.
/// </summary>
public sealed class FromOfferToPayout
{
    private const string Span = "2026-11-01T00:00:00Z,2026-12-01T00:00:00Z";

    [Fact]
    public async Task Everybody_who_provided_something_is_paid_what_was_agreed_and_every_cent_is_somebodys()
    {
        using var small = await SmallExchange.Start();
        await Publish(small);
        await small.Told(
            "cluster,project,name,pi,code\nh1,p-mit,Vision,mia@mit.edu,\nh1,p-sub,Robots,rob@mit.edu,\n" +
            "h1,crimson,Own,own@harvard.edu,\nv1,p-mit,Vision,mia@mit.edu,\no1,p-mit,Vision,mia@mit.edu,\n" +
            "o1,p-sub,Robots,rob@mit.edu,\naws,p-mit,Vision,mia@mit.edu,\n" +
            "google-cloud,p-mit,Vision,mia@mit.edu,");
        await Lend(small);
        await small.Done("levels publish --landlord stora --service volumes --from 2026-11 " +
            "--step 99.9=10 --step 99=25 --step 95=100");
        await small.Done("outages add --landlord stora --name disk-7 --cluster v1 --from 2026-11-14T00:00:00Z " +
            "--until 2026-11-14T09:00:00Z --because \"a shelf failed\"");

        small.Clock.Now = Instant.FromUtc(2026, 12, 2, 9, 0);
        await small.Done("ingest -", $"[{string.Join(',', Usage())}]");
        foreach (var (provider, service, cost) in ((string, string, string)[])[
            ("AWS", "Amazon EC2", "100.00"), ("Google Cloud", "Compute Engine", "40.00")])
        {
            await small.Done("ingest - --format focus --landlord bridge", Header +
                $"{provider},acct-{provider[0]},p-mit,USD,{Span},Usage,2026-11-03T00:00:00Z,2026-11-03T01:00:00Z," +
                $"{service},servers,{cost}\n");
        }

        await small.Done("close --month 2026-11 --commit");

        // Mia: two nodes for 19 days at 0.50 are 456.00; a TiB for 711 h at 0.0001 is 72.81, less a quarter for 9 hours
        // out of 720; 4,000 GiB-hours at 0.03 are 120.00; AWS and Google with five percent 105.00 and 42.00.
        // Rob: the node that was sublet, for 10 days at 2.00, is 480.00; 1,000 GiB-hours are 30.00; and the node that he
        // won for a day, at 0.20, is 4.80.
        var invoices = (await small.Json("invoices list --month 2026-11")).EnumerateArray().ToDictionary(
            row => row.GetProperty("account").GetProperty("pi").GetString()!, row => row.GetProperty("total").GetString());
        Assert.Equal(("777.61 USD", "514.80 USD"), (invoices["mia@mit.edu"], invoices["rob@mit.edu"]));
        Assert.Equal(2, invoices.Count); // Harvard's own use is free.

        // Stores: 5,000 GiB-hours, a quarter with the first: 1,000 × 0.02 + 250 × 0.01 = 22.50, and 3,750 × 0.015 = 56.25.
        Assert.Equal(
            [
                "landlord:bridge 147.00 USD", "landlord:harvard 460.80 USD",
                "landlord:proxco 71.25 USD", "landlord:stora 54.61 USD", "landlord:store-a 22.50 USD",
                "landlord:store-b 56.25 USD", "project:p-mit 480.00 USD",
            ], await Open(small));
        await small.Done("payouts accept landlord:stora --month 2026-11");
        await small.Done("payouts record landlord:stora --reference wire-1 --amount \"54.61 USD\" --month 2026-11");
        Assert.Contains("landlord:stora 0.00 USD", await Open(small));
        await small.Done("verify");
    }

    private const string Header = "ProviderName,BillingAccountId,SubAccountId,BillingCurrency,BillingPeriodStart," +
        "BillingPeriodEnd,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,ChargeDescription,BilledCost\n";

    /// <summary>What is owed to each, and to the project that sublet.</summary>
    private static async Task<IReadOnlyList<string>> Open(SmallExchange small) =>
        [.. (await small.Json("payouts list")).EnumerateArray().Select(row =>
            $"{row.GetProperty("payee").GetString()} {row.GetProperty("open").GetString()}").Order(StringComparer.Ordinal)];

    private static async Task Lend(SmallExchange small)
    {
        const string Where = "--landlord harvard --cluster h1";
        await small.Done($"leases declare {Where} --node N1 --node N2 --node N3 --node N4 " +
            "--from 2026-11-01T00:00:00Z --until 2027-02-01T00:00:00Z");
        await small.Done($"leases offer {Where} --node N3 --project crimson --from 2026-11-01T00:00:00Z " +
            "--until 2026-12-01T00:00:00Z --own --for lessor");
        var lease = await Offered(small, $"leases offer {Where} --node N1 --node N2 --project p-mit " +
            "--from 2026-11-01T00:00:00Z --until 2026-12-01T00:00:00Z --per-hour 0.5 --notice-days 5 --for lessor");
        await small.Done($"leases accept {lease} --for lessee");
        var sublet = await Offered(small, $"leases offer {Where} --node N2 --project p-sub --parent {lease} " +
            "--from 2026-11-10T00:00:00Z --until 2026-11-25T00:00:00Z --per-hour 2 --for lessor");
        await small.Done($"leases accept {sublet} --for lessee");
        small.Clock.Now = Instant.FromUtc(2026, 11, 14, 12, 0);
        Assert.Contains("lease/no-notice", (await small.Line(
            $"leases reclaim {lease} --from 2026-11-16T00:00:00Z --because \"a course\"")).Errors, StringComparison.Ordinal);
        await small.Done($"leases reclaim {lease} --from 2026-11-20T00:00:00Z --because \"a course begins\"");

        // Of four nodes two are lent until the 20th, one is used by Harvard itself, and one is free for the auction.
        var nodes = (await small.Json("capacity list --landlord harvard")).EnumerateArray().Single();
        Assert.Equal(("4", "2", "1", "1"), (
            Of(nodes, "declared"), Of(nodes, "held"), Of(nodes, "own"), Of(nodes, "free")));
        await Auction(small, Where);
    }

    private static string Of(System.Text.Json.JsonElement row, string name) => row.GetProperty(name).ToString();

    /// <summary>A node for a day: Rob offers up to 0.90 and pays what Harvard asks.</summary>
    private static async Task Auction(SmallExchange small, string where)
    {
        var id = (await small.Json("bids open --from 2026-11-16T00:00:00Z --until 2026-11-17T00:00:00Z " +
            "--closes-at 2026-11-14T18:00:00Z")).GetProperty("id").GetString();
        await small.Done($"bids ask {id} {where} --node N4 --per-hour 0.20");
        await small.Done($"bids place {id} --project p-sub --nodes 1 --per-hour 0.90");
        var sealedOne = Assert.Single((await small.Json("bids list")).EnumerateArray());
        Assert.Equal(("open", 1, 1), (sealedOne.GetProperty("state").GetString(),
            sealedOne.GetProperty("asks").GetInt32(), sealedOne.GetProperty("bids").GetInt32()));
        Assert.False(sealedOne.TryGetProperty("price", out _));
        small.Clock.Now = Instant.FromUtc(2026, 11, 15, 9, 0);
        Assert.Contains("0.20 USD", (await small.Done($"bids clear {id}")).Output, StringComparison.Ordinal);
    }

    private static async Task<string> Offered(SmallExchange small, string line) =>
        (await small.Json(line)).GetProperty("lease").GetProperty("id").GetString()!;

    private static async Task Publish(SmallExchange small)
    {
        var files = new List<string>();
        foreach (var (landlord, service, cluster, sku, example) in Sheets())
        {
            files.Add(await small.File($"{landlord}.yaml", $$"""
                landlord: {{landlord}}
                service: {{service}}
                clusters: [{{cluster}}]
                from: 2026-01
                skus:
                  - {{"{" + sku}}
                {{(landlord.StartsWith("store", StringComparison.Ordinal)
                    ? "unbilled: [{match: {kind: bucket, meter: object_gib}, because: its front end sells it}]" : "")}}
                examples:
                  - {name: one, usage: [{{"{" + example}}
                """));
        }

        await small.Done($"prices publish {string.Join(' ', files)}");
    }

    private static IEnumerable<(string, string, string, string, string)> Sheets()
    {
        yield return ("harvard", "nodes", "h1",
            "name: Node, unit: node-hour, rate: \"1\", counts: resource, per: hour, match: {kind: baremetal}}",
            "kind: baremetal, hours: \"10\"}], total: \"10.00\"}");
        yield return ("stora", "volumes", "v1",
            "name: Volume, unit: GiB-hour, rate: \"0.0001\", counts: dimension, dimension: storage_gib, per: hour, " +
            "match: {kind: volume}}", "kind: volume, hours: \"10\", shape: {storage_gib: \"1000\"}}], total: \"1.00\"}");
        yield return ("proxco", "objects", "o1",
            "name: Objects, unit: GiB-hour, rate: \"0.03\", counts: meter, meter: storage_gib_hours, match: {kind: bucket}, " +
            "wholesale: {behind: [{landlord: store-a, meter: object_gib, tiers: [{up_to: \"1000\", rate: \"0.02\"}, " +
            "{rate: \"0.01\"}]}, {landlord: store-b, meter: object_gib, tiers: [{up_to: \"9000\", rate: \"0.015\"}, " +
            "{rate: \"0.001\"}]}]}}", "kind: bucket, meter: storage_gib_hours, quantity: \"100\"}], total: \"3.00\"}");
        foreach (var store in (string[])["store-a", "store-b"])
        {
            yield return (store, "held", "o1",
                "name: Archive, unit: GiB, rate: \"0.01\", counts: meter, meter: archive_gib, match: {kind: bucket}}",
                "kind: bucket, meter: archive_gib, quantity: \"100\"}], total: \"1.00\"}");
        }

        yield return ("bridge", "public-cloud", "aws, google-cloud",
            "name: At cost, unit: USD, counts: meter, meter: cost_usd, model: pass-through, markup: \"0.05\", " +
            "match: {kind: bill}}", "kind: bill, meter: cost_usd, quantity: \"100\"}], total: \"105.00\"}");
    }

    private static IEnumerable<string> Usage()
    {
        yield return Event("state", "disk", "2026-11-01T00:00:00Z", "p-mit", """
            "landlord":"stora","cluster":"v1","kind":"volume","state":"running","shape":{"storage_gib":1024}
            """);
        yield return Event("state", "disk", "2026-12-01T00:00:00Z", "p-mit", """
            "landlord":"stora","cluster":"v1","kind":"volume","state":"deleted","shape":{"storage_gib":1024}
            """);
        yield return Event("interval", "N3-own", "2026-11-09T00:00:00Z", "crimson", """
            "landlord":"harvard","cluster":"h1","kind":"baremetal","from":"2026-11-02T00:00:00Z",
            "to":"2026-11-09T00:00:00Z","state":"running","shape":{"node":"N3"}
            """);
        foreach (var (project, quantity) in ((string, int)[])[("p-mit", 4_000), ("p-sub", 1_000)])
        {
            foreach (var (landlord, meter, of) in ((string, string, int)[])[
                ("proxco", "storage_gib_hours", quantity), ("store-a", "object_gib", 10), ("store-b", "object_gib", 30)])
            {
                yield return Event("count", $"b-{landlord}-{project}", "2026-11-12T00:00:00Z", project, $$"""
                    "landlord":"{{landlord}}","cluster":"o1","kind":"bucket","meter":"{{meter}}","quantity":{{of}}
                    """);
            }
        }
    }

    private static string Event(string type, string subject, string at, string project, string data) => $$"""
        {"specversion":"1.0","id":"{{subject}}-{{at}}","source":"urn:case","type":"exchange.usage.{{type}}.v1",
        "subject":"{{subject}}","time":"{{at}}","data":{"project":"{{project}}",{{data}} } }
        """;
}
