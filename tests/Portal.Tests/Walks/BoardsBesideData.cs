namespace Exchange.Portal.Tests.Walks;

/// <summary>
/// A group with two petabytes at one landlord orders FPGA boards of another, by the second. The price is raised
/// meanwhile, with notice; no data moves, and the order is billed as it was quoted.
/// </summary>
internal sealed class BoardsBesideData(MarketTown town) : MarketWalk(town)
{
    public override async Task Offer() => await Town.Publish("gatefarm", Sheet("2026-11", "0.001", "1.00"));

    public override async Task Agree()
    {
        using (var offers = await Town.As("gatefarm"))
        {
            await (await offers.Go("/catalogue")).Follow("Board");
            await offers.Press("Save draft", ("capacity", "20"), ("approval", "yes"));
            await offers.Press("Publish offer");
        }

        using var gwen = await Town.As("gwen");
        await gwen.Go("/catalogue/compare?offer=gatefarm/fpga/Board");
        await MarketTown.Quote( // 20 boards × 100 h × 3,600 s × 0.001.
            gwen, ("gatefarm|g1", "p-17"), "$7,200.00", ("fpgas", "20"), ("hours", "100"));
        await gwen.Press("Order at gatefarm, g1");
        var order = gwen.Address.Split('/')[^1];
        await Town.Answer("gatefarm", order, "Approve order");
        await Town.Answer("gatefarm", order, "Mark as fulfilled", "rack-4");
    }

    /// <summary>A raise in the month is refused, one of the next is published; neither is what the order pays.</summary>
    public override async Task Meanwhile()
    {
        using (var gatefarm = await Town.As("gatefarm"))
        {
            await gatefarm.Go("/landlord/sheets/new");
            await gatefarm.Refused(
                "Validate and preview", "Customers have notice", ("yaml", Sheet("2026-11-15", "0.002", "2.00")));
        }

        await Town.Publish("gatefarm", Sheet("2027-01", "0.002", "2.00"));
    }

    public override Task Announce() => Town.Report("gatefarm", Enumerable.Range(0, 20).Select(board => MarketTown.Ran(
        ("gatefarm", "g1"), $"board-{board}", "p-17", "fpga", ("2026-11-01T00:00:00Z", "2026-11-05T04:00:00Z"),
        "\"fpga\":1")));

    /// <summary>
    /// The boards as quoted, and what the two petabytes come to beside them, of which gatefarm learns nothing. Of
    /// gatefarm's sales five percent stay with the exchange.
    /// </summary>
    public override async Task Settle()
    {
        await Town.Billed("gwen", "$118,716.06", "$7,200.00", "$148,688.08", "−$37,172.02");
        await Town.PaidOut("gatefarm", "$6,840.00");
    }

    private static string Sheet(string from, string rate, string total) => $$"""
        landlord: gatefarm
        service: fpga
        clusters: [g1]
        from: {{from}}
        skus:
          - {name: Board, unit: board-second, rate: "{{rate}}", counts: dimension, dimension: fpga, per: second, match: {kind: fpga} }
        examples:
          - {name: a second, usage: [{kind: fpga, seconds: "1000", shape: {fpga: "1"} }], total: "{{total}}"}
        """;
}
