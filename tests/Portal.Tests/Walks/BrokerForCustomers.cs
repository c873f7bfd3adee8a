namespace Exchange.Portal.Tests.Walks;

/// <summary>
/// An intermediary sells servers of another landlord at its own price. A customer lets it act, it quotes and orders in
/// the customer's name on its pages, and the customer sees who did.
/// </summary>
internal sealed class BrokerForCustomers(MarketTown town) : MarketWalk(town)
{
    private string _order = "";

    public override async Task Offer() => await Town.Publish("broker", """
        landlord: broker
        service: brokered
        clusters: [b1]
        from: 2026-11
        skus:
          - name: Server
            unit: SU-hour
            rate: "0.02"
            counts: bundle
            bundle: {vcpu: "1", ram_mib: "4096"}
            per: hour
            match: {kind: vm}
            wholesale: {payee: acme, rate: "0.013"}
        examples:
          - {name: a server, usage: [{kind: vm, hours: "100", shape: {vcpu: "1", ram_mib: "4096"} }], total: "2.00"}
        """);

    /// <summary>4 SU for 100 hours at 0.02 are 8.00.</summary>
    public override async Task Agree()
    {
        using var broker = await Town.As("broker");
        await broker.Go("/quotes");
        await broker.Press("Get quotes", ("machines", "1"), ("vcpu", "4"), ("ram", "16"), ("hours", "100"));
        broker.NeverReads("Save a quote for a customer", "p-cora"); // Nobody let it act yet.
        using var cora = await Town.As("cora");
        await (await cora.Go("/orders")).Follow("Intermediaries");
        await cora.Press("Grant mandate", ("landlord", "broker"));

        await (await broker.Go("/orders")).Follow("Customers");
        broker.Reads("cora@mit.edu");
        await broker.Follow("Quotes");
        await broker.Press("Get quotes", ("machines", "1"), ("vcpu", "4"), ("ram", "16"), ("hours", "100"));
        await broker.Press("Save quote", ("place", "broker|b1|p-cora"));
        broker.Reads("For p-cora", "$8.00");
        await broker.Press("Order at broker, b1");
        _order = System.Text.RegularExpressions.Regex.Match(broker.Text, "O-[A-Z0-9]{8}").Value;
        broker.Reads("cora@mit.edu", "p-cora", "approved", "$8.00");
        (await cora.Go($"/orders/{_order}")).Reads("person:broker", "approved");
        await Town.Answer("broker", _order, "Mark as fulfilled", "srv-1");

        (await broker.Go("/landlord/customers")).Reads(_order, "fulfilled");
        await (await cora.Go("/orders")).Follow("Intermediaries");
        await cora.Press("Withdraw mandate", ("landlord", "broker"));
        (await broker.Go("/landlord/customers")).NeverReads(_order); // What was ordered stays, and is Cora's to see.
        await broker.Go("/quotes");
        await broker.Press("Get quotes", ("machines", "1"), ("vcpu", "4"), ("ram", "16"), ("hours", "100"));
        broker.NeverReads("Save a quote for a customer");
    }

    public override Task Use() => Town.Report("broker",
    [
        MarketTown.Ran(("broker", "b1"), "srv-1", "p-cora", "vm", ("2026-11-01T00:00:00Z", "2026-11-05T04:00:00Z"),
            "\"vcpu\":4,\"ram_mib\":16384"),
    ]);

    /// <summary>400 SU-hours: 8.00 of the customer, of which 5.20 are acme's.</summary>
    public override async Task Settle()
    {
        await Town.Billed("cora", "$8.00");
        await Town.PaidOut("broker", "$2.80");
    }
}
