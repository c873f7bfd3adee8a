using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests.Walks;

/// <summary>
/// The use cases of the market, each walked on pages by everybody who has a part in it: from what is offered through
/// quotes, orders, approvals and leases, what meters report and finance closes, to invoices, statements that are
/// accepted or disputed, and payouts. One exchange, one month; each amount is worked out on paper beside its walk.
/// </summary>
public sealed class FromOfferToPayoutOnPages
{
    [Fact]
    public async Task A_month_of_the_market_is_offered_ordered_used_billed_and_paid_out()
    {
        await using var town = await MarketTown.Start();
        MarketWalk[] walks =
        [
            new BoardsBesideData(town), new NodesAreLent(town), new StorageIsPromised(town), new ServersForSeconds(town),
            new StoresThatDoNotTrust(town), new ProxyOverStores(town), new BrokerForCustomers(town),
            new BillsOfTwoClouds(town),
        ];
        await Each(town, Instant.FromUtc(2026, 10, 30, 9, 0), walks, walk => walk.Offer());
        await Each(town, Instant.FromUtc(2026, 11, 1, 0, 0), walks, walk => walk.Agree());
        await Each(town, Instant.FromUtc(2026, 11, 12, 12, 0), walks, walk => walk.Announce());
        await Each(town, Instant.FromUtc(2026, 11, 14, 12, 0), walks, walk => walk.Meanwhile());
        await Each(town, Instant.FromUtc(2026, 12, 2, 9, 0), walks, walk => walk.Use());
        using (var finance = await town.As("finance"))
        {
            await finance.Go($"/finance/close?month={MarketTown.Month}");
            await finance.Press("Close and issue", ("confirm", MarketTown.Month));
            finance.Reads("Nov 2026");
        }

        await Each(town, town.Clock.Now, walks, walk => walk.Settle());
        await Typed.Done("verify", town.Database, clock: town.Clock);
    }

    private static async Task Each(MarketTown town, Instant at, MarketWalk[] walks, Func<MarketWalk, Task> step)
    {
        foreach (var walk in walks)
        {
            town.Clock.Now = at;
            await step(walk);
        }
    }
}
