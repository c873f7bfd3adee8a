namespace Exchange.Portal.Tests.Walks;

/// <summary>Two thousand servers for 36 seconds each, ordered by a group that its university subsidizes.</summary>
internal sealed class ServersForSeconds(MarketTown town) : MarketWalk(town)
{
    private const string One = "\"vcpu\":1,\"ram_mib\":4096";

    public override async Task Offer() => await Town.Publish("acme", """
        landlord: acme
        service: servers
        clusters: [c1]
        from: 2026-11
        skus:
          - {name: CPU, unit: SU-hour, rate: "0.013", counts: bundle, bundle: {vcpu: "1", ram_mib: "4096"}, per: hour, match: {kind: vm} }
        unbilled: [{match: {kind: vm, meter: su_hours}, because: a broker sells it}]
        examples:
          - {name: a server, usage: [{kind: vm, hours: "100", shape: {vcpu: "1", ram_mib: "4096"} }], total: "1.30"}
        """);

    /// <summary>2,000 × 36 s are 20 hours of one SU: 0.26. Who subsidizes Ada has to approve.</summary>
    public override async Task Agree()
    {
        using var ada = await Town.As("ada");
        await MarketTown.Quote(
            ada, ("acme|c1", "p-ada"), "$0.26", ("machines", "2000"), ("vcpu", "1"), ("ram", "4"), ("hours", "0.01"));
        await ada.Press("Order at acme, c1");
        var order = ada.Address.Split('/')[^1];
        ada.Reads("waiting");
        await Town.Answer("subsidy", order, "Approve order");
        await Town.Answer("acme", order, "Mark as fulfilled", "burst-1");
    }

    public override Task Use() => Town.Report("acme", Enumerable.Range(0, 2_000).Select(n => MarketTown.Ran(
        ("acme", "c1"), $"burst-{n}", "p-ada", "vm", ("2026-11-01T00:00:00Z", "2026-11-01T00:00:36Z"), One)));

    /// <summary>What the broker's customer used of acme is in its payout, too: 0.26 and 5.20.</summary>
    public override async Task Settle()
    {
        await Town.Billed("ada", "$0.26", "Amount due $0.00");
        await Town.PaidOut("acme", "$5.46");
    }
}
