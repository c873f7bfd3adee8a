namespace Exchange.Portal.Tests.Walks;

/// <summary>A Swift proxy sells objects that two stores hold, and buys of each on tiers of its own.</summary>
internal sealed class ProxyOverStores(MarketTown town) : MarketWalk(town)
{
    public override async Task Offer()
    {
        foreach (var store in (string[])["store-a", "store-b"])
        {
            await Town.Publish(store, $$"""
                landlord: {{store}}
                service: held
                clusters: [o1]
                from: 2026-11
                skus:
                  - {name: Archive, unit: GiB, rate: "0.01", counts: meter, meter: archive_gib, match: {kind: bucket} }
                unbilled: [{match: {kind: bucket, meter: object_gib}, because: its front end sells it}]
                examples:
                  - {name: one, usage: [{kind: bucket, meter: archive_gib, quantity: "100"}], total: "1.00"}
                """);
        }

        await Town.Publish("proxco", """
            landlord: proxco
            service: objects
            clusters: [o1]
            from: 2026-11
            skus:
              - name: Objects
                unit: GiB-hour
                rate: "0.03"
                counts: meter
                meter: storage_gib_hours
                match: {kind: bucket}
                wholesale:
                  behind:
                    - {landlord: store-a, meter: object_gib, tiers: [{up_to: "1000", rate: "0.02"}, {rate: "0.01"}]}
                    - {landlord: store-b, meter: object_gib, tiers: [{up_to: "9000", rate: "0.015"}, {rate: "0.001"}]}
            examples:
              - {name: a hundred, usage: [{kind: bucket, meter: storage_gib_hours, quantity: "100"}], total: "3.00"}
            """);
    }

    public override async Task Agree()
    {
        foreach (var (pi, quantity, total) in ((string, string, string)[])[("pat", "4000", "$120.00"), ("quin", "1000", "$30.00")])
        {
            using var asks = await Town.As(pi);
            await MarketTown.Quote(asks, ("proxco|o1", $"p-{pi}"), total, ("meter", "bucket storage_gib_hours"),
                ("counted", quantity), ("hours", "720"));
            await asks.Press("Order at proxco, o1");
            await Town.Answer("proxco", asks.Address.Split('/')[^1], "Mark as fulfilled", $"bucket-{pi}");
        }
    }

    public override async Task Use()
    {
        (string Project, decimal Quantity)[] used = [("p-pat", 4_000), ("p-quin", 1_000)];
        await Town.Report("proxco", used.Select(of => MarketTown.Counted(
            ("proxco", "o1"), $"b-{of.Project}", of.Project, "storage_gib_hours", of.Quantity)));
        foreach (var (store, gib) in ((string, int)[])[("store-a", 10), ("store-b", 30)])
        {
            await Town.Report(store, used.Select(of => MarketTown.Counted(
                (store, "o1"), $"b-{of.Project}", of.Project, "object_gib", gib)));
        }
    }

    /// <summary>
    /// 5,000 GiB-hours, a quarter with the first store: 1,000 × 0.02 and 250 × 0.01 are 22.50, and 3,750 × 0.015 are
    /// 56.25. The proxy keeps 71.25 of 150.00.
    /// </summary>
    public override async Task Settle()
    {
        await Town.Billed("pat", "$120.00");
        await Town.Billed("quin", "$30.00");
        await Town.PaidOut("proxco", "$71.25");
        await Town.PaidOut("store-a", "$22.50");
        await Town.PaidOut("store-b", "$56.25");
    }
}
