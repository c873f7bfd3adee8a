using System.Text.RegularExpressions;
using Xunit;

namespace Exchange.Portal.Tests.Walks;

/// <summary>
/// A group keeps one half of its data with each of two stores that may not find out that it is the same: on no page of
/// either stands who it is, or anything that stands on a page of the other.
/// </summary>
internal sealed class StoresThatDoNotTrust(MarketTown town) : MarketWalk(town)
{
    private readonly Dictionary<string, string> _orders = [];

    public override async Task Offer()
    {
        await Town.Publish("vault-a", Sheet("vault-a", "va1", "0.0001", "1.00"));
        await Town.Publish("vault-b", Sheet("vault-b", "vb1", "0.0002", "2.00"));
    }

    public override async Task Agree()
    {
        using var lena = await Town.As("lena");
        foreach (var (vault, cluster, project, gib, total) in ((string, string, string, string, string)[])
        [
            ("vault-a", "va1", "lab-a", "1000", "$72.00"), ("vault-b", "vb1", "lab-b", "700", "$100.80"),
        ])
        {
            await MarketTown.Quote(lena, ($"{vault}|{cluster}", project), total, ("storage", gib), ("hours", "720"));
            await lena.Press($"Order at {vault}, {cluster}");
            _orders[vault] = lena.Address.Split('/')[^1];
            await Town.Answer(vault, _orders[vault], "Mark as fulfilled", $"{project}-disk");
        }
    }

    public override async Task Use()
    {
        await Town.Report("vault-a", [Disk("vault-a", "va1", "lab-a", 1_000)]);
        await Town.Report("vault-b", [Disk("vault-b", "vb1", "lab-b", 700)]);
    }

    /// <summary>1,000 GiB × 720 h × 0.0001 and 700 × 720 × 0.0002, on one invoice of 172.80.</summary>
    public override async Task Settle()
    {
        await Town.Billed("lena", "$172.80", "$72.00", "$100.80");
        var names = new List<string>();
        foreach (var (vault, other) in ((string, string)[])[("vault-a", "lab-b"), ("vault-b", "lab-a")])
        {
            using var store = await Town.As(vault);
            foreach (var page in (string[])["/landlord", "/orders", "/quotes/saved", $"/orders/{_orders[vault]}",
                $"/landlord/statements/landlord/{MarketTown.Month}", "/costs?from=2026-11-01&to=2026-12-01"])
            {
                (await store.Go(page)).NeverReads("lena", "mit.edu", "Cells", other);
            }

            names.Add(Regex.Match((await store.Go($"/orders/{_orders[vault]}")).Text, "Customer (\\S+)").Groups[1].Value);
        }

        Assert.True(names is [{ Length: > 4 } one, { Length: > 4 } another] && one != another, string.Join(' ', names));
        await Town.PaidOut("vault-a", "$72.00");
        await Town.PaidOut("vault-b", "$100.80");
    }

    private static string Disk(string vault, string cluster, string project, int gib) => MarketTown.Ran(
        (vault, cluster), $"{project}-disk", project, "volume", ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
        $"\"storage_gib\":{gib}");

    private static string Sheet(string landlord, string cluster, string rate, string total) => $$"""
        landlord: {{landlord}}
        service: disks
        clusters: [{{cluster}}]
        from: 2026-11
        skus:
          - {name: Disk, unit: GiB-hour, rate: "{{rate}}", counts: dimension, dimension: storage_gib, per: hour, match: {kind: volume} }
        examples:
          - {name: a TiB, usage: [{kind: volume, hours: "10", shape: {storage_gib: "1000"} }], total: "{{total}}"}
        """;
}
