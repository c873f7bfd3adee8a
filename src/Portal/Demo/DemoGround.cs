namespace Exchange.Portal.Demo;

/// <summary>
/// What a demonstration plays on: an exchange in which nobody keeps anything yet, with the product's price sheets,
/// programs, institutions and landlords, whichever database it is and however it was founded.
/// </summary>
internal static class DemoGround
{
    private const int AtOnce = 1_000;

    /// <summary>Streams that any exchange has by itself, once it was opened or served.</summary>
    private static readonly HashSet<string> OfAny = ["audit", "exchange", "facts", "laneheads", "prices", "pricelists"];

    /// <exception cref="RefusedException">Somebody keeps usage, projects, prices or anything else in it.</exception>
    public static async Task Demand(Composition exchange, CancellationToken ct)
    {
        if (await exchange.Meter.Extent(ct) is not null)
        {
            throw Refused(exchange, "usage that is not the demonstration's, and invented usage must not mix with it");
        }

        if (await Kept(exchange, ct) is { } kept)
        {
            throw Refused(exchange, $"what somebody keeps there ({kept}), and invented things must not mix with it");
        }
    }

    /// <summary>Publishes what is played with. Where it was published at the founding, nothing happens.</summary>
    /// <exception cref="RefusedException">The program stands alone, without the files that it ships with.</exception>
    public static async Task Publish(Composition exchange, CancellationToken ct)
    {
        if (DataLocation.Pricing is null)
        {
            throw new RefusedException(new(
                "demo/no-price-sheets", "The demonstration plays with the price sheets of the folder 'pricing', " +
                "which is not beside this program. Set EXCHANGE_HOME to the folder that holds it.", "EXCHANGE_HOME"));
        }

        await Seeding.Give(exchange, ct);
        await exchange.ReadFacts(ct);
    }

    /// <summary>The first thing that somebody keeps, by its stream; null where nobody does.</summary>
    private static async Task<string?> Kept(Composition exchange, CancellationToken ct)
    {
        if (await Seeding.PublishedBySomebody(exchange, ct) is { } published)
        {
            return published;
        }

        var after = 0L;
        while (await exchange.Journal.ReadAll(after, AtOnce, ct) is { Count: > 0 } events)
        {
            if (events.FirstOrDefault(one => !OfAny.Contains(one.Category)) is { } found)
            {
                return found.Stream;
            }

            after = events[^1].Position;
        }

        return null;
    }

    private static RefusedException Refused(Composition exchange, string holds) => exchange.Place.Database is null
        ? new(new(
            "demo/not-empty", $"'{exchange.Place.Data}' holds {holds}. Give the demonstration a directory of its " +
            "own, as --data .exchange-demo.", "--data"))
        : new(new(
            "demo/not-empty", $"The database holds {holds}. Give the demonstration an empty database of its own.",
            "--database"));
}
