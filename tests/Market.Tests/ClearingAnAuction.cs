using Exchange.Market.Auctions;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Market.Tests;

/// <summary>One price clears: nobody pays above a bid or gets below an ask, it sums to zero, and order decides nothing.</summary>
public class ClearingAnAuction
{
    private static Bid B(string id, long units, decimal limit) => new(id, $"buyer {id}", units, Money.Round(limit));

    private static Ask A(string id, long units, decimal limit) => new(id, $"seller {id}", units, Money.Round(limit));

    [Fact]
    public void The_price_is_that_of_the_last_ask_that_sells()
    {
        var cleared = Clearing.Of(
            [B("b1", 10, 1.00m), B("b2", 5, 0.80m), B("b3", 9, 0.30m)],
            [A("a1", 8, 0.20m), A("a2", 20, 0.50m), A("a3", 1, 0.90m)]);
        Assert.Equal("0.50 USD 15", $"{cleared.Price} {cleared.Units}");
        Assert.Equal(
            "b1 a1 8 4.00 USD; b1 a2 2 1.00 USD; b2 a2 5 2.50 USD",
            string.Join("; ", cleared.Fills.Select(fill => $"{fill.Bid} {fill.Ask} {fill.Units} {fill.Amount}")));
        Assert.Null(Clearing.Of([B("b", 1, 0.10m)], [A("a", 1, 0.20m)]).Price);
        Assert.Throws<ArgumentException>(() => Clearing.Of([B("b", 1, 1), B("b", 1, 1)], []));
        Assert.Throws<ArgumentException>(() => Clearing.Of([], [A("a", 0, 1)]));
    }

    [Fact]
    public void Whatever_is_bid_and_asked() => Prop.ForAll(Arb.From(
        from bids in (from units in Gen.Choose(1, 40) from cents in Gen.Choose(0, 300) select (units, cents)).ArrayOf(8)
        from asks in (from units in Gen.Choose(1, 40) from cents in Gen.Choose(0, 300) select (units, cents)).ArrayOf(8)
        from shuffled in Gen.Choose(0, 1_000)
        select (bids, asks, shuffled)), drawn =>
        {
            List<Bid> bids = [.. drawn.bids.Select((bid, n) => new Bid($"b{n}", $"x{n}", bid.units, new(bid.cents)))];
            List<Ask> asks = [.. drawn.asks.Select((ask, n) => new Ask($"a{n}", $"y{n}", ask.units, new(ask.cents)))];
            var cleared = Clearing.Of(bids, asks);
            var random = new Random(drawn.shuffled);
            var again = Clearing.Of([.. bids.OrderBy(_ => random.Next())], [.. asks.OrderBy(_ => random.Next())]);
            Assert.Equal((cleared.Price, cleared.Units), (again.Price, again.Units));
            Assert.Equal(cleared.Fills, again.Fills);

            foreach (var bid in bids)
            {
                var mine = cleared.Fills.Where(fill => fill.Bid == bid.Id).ToList();
                Assert.InRange(mine.Sum(fill => fill.Units), 0, bid.Units);
                Assert.All(mine, fill => Assert.True(fill.Amount.Cents <= fill.Units * bid.Limit.Cents));
            }

            foreach (var ask in asks)
            {
                var mine = cleared.Fills.Where(fill => fill.Ask == ask.Id).ToList();
                Assert.InRange(mine.Sum(fill => fill.Units), 0, ask.Units);
                Assert.All(mine, fill => Assert.True(fill.Amount.Cents >= fill.Units * ask.Limit.Cents));
            }

            // Nobody is left who would have bought from somebody who is left: as much as can be is sold.
            var left = bids.Where(bid => cleared.Fills.Where(fill => fill.Bid == bid.Id).Sum(f => f.Units) < bid.Units);
            var kept = asks.Where(ask => cleared.Fills.Where(fill => fill.Ask == ask.Id).Sum(f => f.Units) < ask.Units)
                .ToList();
            Assert.All(left, bid => Assert.All(kept, ask => Assert.True(bid.Limit < ask.Limit)));
            Assert.All(cleared.Fills, fill => Assert.Equal(fill.Units * cleared.Price!.Value.Cents, fill.Amount.Cents));
        }).Check(Draws.Properties());
}
