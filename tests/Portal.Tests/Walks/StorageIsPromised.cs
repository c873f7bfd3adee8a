namespace Exchange.Portal.Tests.Walks;

/// <summary>
/// A storage company says what its volumes cost, how many there are, that it decides on each order, and what it promises.
/// It announces maintenance, fails for nine hours, credits what it promised, and disputes the line on its statement.
/// </summary>
internal sealed class StorageIsPromised(MarketTown town) : MarketWalk(town)
{
    private string _order = "";

    public override async Task Offer()
    {
        await Town.Publish("stora", """
            landlord: stora
            service: volumes
            clusters: [v1]
            from: 2026-11
            skus:
              - {name: Volume, unit: GiB-hour, rate: "0.0001", counts: dimension, dimension: storage_gib, per: hour, match: {kind: volume} }
            examples:
              - {name: a TiB, usage: [{kind: volume, hours: "10", shape: {storage_gib: "1000"} }], total: "1.00"}
            """);
        using var stora = await Town.As("stora");
        await stora.Go("/landlord/levels");
        await stora.Press("Publish service level", ("month", "2026-11"), ("notice", "7"), ("hours", "4"));
        stora.Reads("99.9");
    }

    public override async Task Agree()
    {
        using var stora = await Town.As("stora");
        await (await stora.Go("/catalogue")).Follow("Volume");
        await stora.Press("Save draft", ("capacity", "2"), ("approval", "yes"), ("level", "99.9 % of each month"));
        await stora.Press("Publish offer");
        stora.Reads("each request");

        using var sue = await Town.As("sue");
        (await sue.Go("/catalogue")).Reads("Volume", "stora", "$0.0001");
        var quote = await MarketTown.Quote( // 1,024 GiB × 720 h × 0.0001.
            sue, ("stora|v1", "p-vol"), "$73.73", ("storage", "1024"), ("hours", "720"));
        await sue.Press("Order at stora, v1");
        _order = sue.Address.Split('/')[^1];
        sue.Reads("Awaits landlord", "waiting");
        await Town.Answer("stora", _order, "Approve order");
        await Town.Answer("stora", _order, "Mark as fulfilled", "vol-1");
        (await sue.Go($"/orders/{_order}")).Reads("fulfilled vol-1");
        (await sue.Go($"/quotes/saved/{quote}")).Reads("accepted");
    }

    public override Task Announce() => Out("rack-moves", "2026-11-20T00:00:00Z", "2026-11-20T02:00:00Z", "maintenance");

    public override Task Meanwhile() => Out("disk-7", "2026-11-14T00:00:00Z", "2026-11-14T09:00:00Z", "failure");

    public override Task Use() => Town.Report("stora",
    [
        MarketTown.Ran(("stora", "v1"), "vol-1", "p-vol", "volume", November, "\"storage_gib\":1024"),
        MarketTown.Ran(("stora", "v1"), "vol-2", "p-17", "volume", November, "\"storage_gib\":2097152"),
    ]);

    /// <summary>
    /// 709 of 720 hours: 1,024 GiB come to 72.60. Nine hours of failure are 98.750 % of the month, two of announced
    /// maintenance do not count: a quarter, 18.15, is credited. The two petabytes of another group come to 148,688.08
    /// less 37,172.02.
    /// </summary>
    public override async Task Settle()
    {
        await Town.Billed("sue", "$54.45", "$72.60", "−$18.15");
        using (var stora = await Town.As("stora"))
        {
            (await stora.Go("/landlord/statements")).Reads("Earned $111,570.51");
            await stora.Follow("Nov 2026");
            await stora.Press("Dispute line", ("line", "1"), ("because", "the shelf was the customer's"));
            stora.Reads("disputed", "the shelf was the customer's");
        }

        using (var finance = await Town.As("finance"))
        {
            await (await finance.Go("/finance/payouts")).Follow("stora");
            await (await finance.Follow("Nov 2026")).Press(
                "Resolve dispute", ("line", "1"), ("because", "readings say otherwise"));
            finance.Reads("Resolved disputes", "readings say otherwise");
        }

        await Town.PaidOut("stora", "$111,570.51");
    }

    private static readonly (string, string) November = ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z");

    private async Task Out(string name, string from, string until, string kind)
    {
        using var stora = await Town.As("stora");
        await stora.Go("/landlord/levels");
        await stora.Press("Declare outage", ("name", name), ("clusters", "v1"), ("from", from), ("until", until),
            ("reason", "told on the page"), ("kind", kind));
        stora.Reads(name, kind);
    }
}
