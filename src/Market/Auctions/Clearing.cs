namespace Exchange.Market.Auctions;

/// <summary>What somebody would pay at most for each of some units.</summary>
public sealed record Bid(string Id, string By, long Units, Money Limit);

/// <summary>What somebody would take at least for each of some units.</summary>
public sealed record Ask(string Id, string By, long Units, Money Limit);

/// <summary>Units that go from an ask to a bid, all at the clearing price.</summary>
public sealed record Fill(string Bid, string Ask, long Units, Money Amount);

/// <summary>What came of an auction.</summary>
/// <param name="Price">Of each unit; null where nothing was sold.</param>
public sealed record Cleared(Money? Price, long Units, IReadOnlyList<Fill> Fills);

/// <summary>
/// Clears sealed bids and asks at one price for all: as many units as anybody who pays enough and anybody who takes
/// that little agree on. The price is that of the last ask that sells. Pure: the order in which bids came decides
/// nothing.
/// </summary>
public static class Clearing
{
    /// <exception cref="ArgumentException">An id stands twice, or there are no units or no limit.</exception>
    public static Cleared Of(IReadOnlyCollection<Bid> bids, IReadOnlyCollection<Ask> asks)
    {
        Check(bids.Select(bid => (bid.Id, bid.Units, bid.Limit)));
        Check(asks.Select(ask => (ask.Id, ask.Units, ask.Limit)));
        var buying = new Queue<Bid>(bids.OrderByDescending(bid => bid.Limit.Cents)
            .ThenBy(bid => bid.Id, StringComparer.Ordinal));
        var selling = new Queue<Ask>(asks.OrderBy(ask => ask.Limit.Cents)
            .ThenBy(ask => ask.Id, StringComparer.Ordinal));
        var matched = new List<(string Bid, string Ask, long Units)>();
        Money? price = null;
        var (bidLeft, askLeft) = (0L, 0L);
        while (buying.TryPeek(out var bid) && selling.TryPeek(out var ask) && bid.Limit >= ask.Limit)
        {
            (bidLeft, askLeft) = (bidLeft == 0 ? bid.Units : bidLeft, askLeft == 0 ? ask.Units : askLeft);
            var units = long.Min(bidLeft, askLeft);
            matched.Add((bid.Id, ask.Id, units));
            price = ask.Limit;
            (bidLeft, askLeft) = (bidLeft - units, askLeft - units);
            _ = bidLeft == 0 ? buying.Dequeue() : null;
            _ = askLeft == 0 ? selling.Dequeue() : null;
        }

        return new(price, matched.Sum(one => one.Units), [.. matched.Select(one => new Fill(
            one.Bid, one.Ask, one.Units, new(checked(one.Units * price!.Value.Cents))))]);
    }

    private static void Check(IEnumerable<(string Id, long Units, Money Limit)> all)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (id, units, limit) in all)
        {
            if (!known.Add(id) || units <= 0 || limit < Money.Zero)
            {
                throw new ArgumentException($"'{id}' stands twice, or has {units} units at {limit}.", nameof(all));
            }
        }
    }
}
