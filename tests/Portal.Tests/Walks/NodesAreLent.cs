namespace Exchange.Portal.Tests.Walks;

/// <summary>
/// Harvard lends nodes to a group at MIT, which sublets one; Harvard reclaims them with notice and uses one itself. MIT
/// lends a node to a group at Harvard that asked for it.
/// </summary>
internal sealed class NodesAreLent(MarketTown town) : MarketWalk(town)
{
    private string _lease = "";

    public override async Task Offer()
    {
        await Town.Publish("harvard", Sheet("harvard", "h1"));
        await Town.Publish("mit", Sheet("mit", "m1"));
        foreach (var (landlord, cluster, nodes) in ((string, string, string)[])[("harvard", "h1", "N1 N2 N3"), ("mit", "m1", "M1")])
        {
            using var lends = await Town.As(landlord);
            await lends.Go("/leases");
            await lends.Press("Lend nodes", ("cluster", cluster), ("nodes", nodes), ("from", "2026-11-01T00:00:00Z"),
                ("until", "2027-02-01T00:00:00Z"));
        }
    }

    public override async Task Agree()
    {
        using var mia = await Town.As("mia");
        (await mia.Go("/catalogue")).Reads("Node", "harvard", "node-hour");
        using var harvard = await Town.As("harvard");
        (await harvard.Go("/leases")).Reads("N1", "N2", "N3");
        await harvard.Follow("Propose lease");
        await harvard.Press("Propose lease", ("cluster", "h1"), ("nodes", "N3"), ("project", "crimson"),
            ("from", "2026-11-01T00:00:00Z"), ("until", "2026-12-01T00:00:00Z"), ("own", "yes"));
        await (await harvard.Go("/leases")).Follow("Propose lease");
        await harvard.Press("Propose lease", ("cluster", "h1"), ("nodes", "N1 N2"), ("project", "p-mit"),
            ("from", "2026-11-01T00:00:00Z"), ("until", "2026-12-01T00:00:00Z"), ("price", "0.50"), ("notice", "5"));
        _lease = harvard.Address.Split('/')[^1];

        await (await mia.Go("/leases")).Follow(_lease);
        await mia.Press("Accept");
        await mia.Follow("Sublet nodes");
        await mia.Press("Propose lease", ("nodes", "N2"), ("project", "p-sub"), ("from", "2026-11-10T00:00:00Z"),
            ("until", "2026-11-25T00:00:00Z"), ("price", "2"), ("notice", "0"));
        using var rob = await Town.As("rob");
        await (await rob.Go("/leases")).Follow(mia.Address.Split('/')[^1]);
        await rob.Press("Accept");
        rob.Reads("agreed");

        using var hal = await Town.As("hal");
        await (await hal.Go("/leases")).Follow("Propose lease");
        await hal.Press("Propose lease", ("landlord", "mit"), ("cluster", "m1"), ("nodes", "M1"), ("project", "crimson"),
            ("from", "2026-11-05T00:00:00Z"), ("until", "2026-11-08T00:00:00Z"), ("price", "0.75"), ("notice", "0"));
        using var mit = await Town.As("mit");
        await (await mit.Go("/leases")).Follow(hal.Address.Split('/')[^1]);
        await mit.Press("Accept");
    }

    public override async Task Meanwhile()
    {
        using var harvard = await Town.As("harvard");
        await (await harvard.Go("/leases")).Follow(_lease);
        await harvard.Refused("Reclaim nodes", "days of notice", ("at", "2026-11-16T00:00:00Z"), ("because", "a course"));
        await (await harvard.Go($"/leases/{_lease}")).Press(
            "Reclaim nodes", ("at", "2026-11-20T00:00:00Z"), ("because", "a course begins"));
        using var mia = await Town.As("mia");
        (await mia.Go($"/leases/{_lease}")).Reads("a course begins");
    }

    public override Task Use() => Town.Report("harvard",
    [
        MarketTown.Ran(("harvard", "h1"), "N3", "crimson", "baremetal", ("2026-11-02T00:00:00Z", "2026-11-09T00:00:00Z"),
            "\"node\":\"N3\""),
    ]);

    /// <summary>
    /// Two nodes for the 19 days until they were reclaimed, at 0.50, are 456.00; the one that was sublet, for 10 of them
    /// at 2.00, 480.00; M1 for three days at 0.75 is 54.00. What Harvard used itself costs nothing.
    /// </summary>
    public override async Task Settle()
    {
        await Town.Billed("mia", "$456.00");
        await Town.Billed("rob", "$480.00");
        await Town.Billed("hal", "$54.00");
        await Town.PaidOut("harvard", "$456.00");
        await Town.PaidOut("mit", "$54.00");
        await Town.PaidOut("p-mit", "$480.00", await Town.As("mia"));
    }

    private static string Sheet(string landlord, string cluster) => $$"""
        landlord: {{landlord}}
        service: nodes
        clusters: [{{cluster}}]
        from: 2026-11
        skus:
          - {name: Node, unit: node-hour, rate: "1", counts: resource, per: hour, match: {kind: baremetal} }
        examples:
          - {name: ten hours, usage: [{kind: baremetal, hours: "10"}], total: "10.00"}
        """;
}
