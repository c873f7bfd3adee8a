using Exchange.Invoicing.Reading;
using Exchange.Metering;
using Exchange.Portal.ReadModels;
using Exchange.Testing;
using Xunit;

namespace Exchange.Simulation.Tests;

/// <summary>
/// Invariant 1, through to what is owed: whatever comes twice, late or out of order, and wherever the process dies, the
/// invoices of all months together are what a reference on paper says.
/// Seen to fail with a close that wrote the month and its invoices in two appends, on every seed.
/// </summary>
public class MonthsWithCrashes
{
    public static TheoryData<int> Seeds => new(Draws.Seeds(few: 1, many: 8));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Seeds))]
    public async Task Come_to_what_the_reference_says(int seed)
    {
        var story = new Story(seed);
        var random = new Random(seed);
        await using var exchange = await Exchanges.Begin(Ct);

        foreach (var batch in Batches(story.Deliveries.Where(d => !d.IsLate), random))
        {
            await Until(exchange, random, () => exchange.Send(batch, Ct));
        }

        await Until(exchange, random, () => Close(exchange, Story.March));
        foreach (var batch in Batches(story.Deliveries.Where(d => d.IsLate), random))
        {
            await Until(exchange, random, () => exchange.Send(batch, Ct));
        }

        await Until(exchange, random, () => Close(exchange, Story.April));

        Assert.True(exchange.Deaths > 0, "Nothing died: the seed proves nothing about crashes.");
        Assert.Equal(Print(Reference.ByOwner(story.Readings)), Print(await Billed(exchange)));
        Assert.Empty(await exchange.Living.Meter.Verify(Ct));
    }

    /// <summary>Does the work until it comes to its end; every second time the process dies somewhere in it.</summary>
    private static async Task Until(Exchanges exchange, Random random, Func<Task> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            var dies = random.Next(2) == 0 && attempt < 6 ? random.Next(1, 12) : int.MaxValue;
            if (await Crash.Before(dies, work))
            {
                return;
            }

            await exchange.ComeBack(Ct);
        }
    }

    private static async Task Close(Exchanges exchange, BillingMonth month)
    {
        await exchange.Close(exchange.Living.Sources, month, Ct);
        await RateMonths.Run(exchange.Living, _ => { }, Ct);
    }

    private static async Task<SortedDictionary<string, decimal>> Billed(Exchanges exchange)
    {
        await exchange.Living.Projections.CatchUp(Ct);
        var owed = new SortedDictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var invoice in await InvoiceList.Run(exchange.Living.Database, new(Limit: 1000), Ct))
        {
            owed[invoice.Account.Name] = owed.GetValueOrDefault(invoice.Account.Name) + (invoice.Total.Cents / 100m);
        }

        return owed;
    }

    private static IEnumerable<IReadOnlyList<Reading>> Batches(IEnumerable<Delivery> deliveries, Random random)
    {
        var rest = deliveries.Select(delivery => delivery.Reading).ToList();
        while (rest.Count > 0)
        {
            var size = Math.Min(rest.Count, random.Next(1, 2500));
            yield return rest[..size];
            rest.RemoveRange(0, size);
        }
    }

    private static string Print(SortedDictionary<string, decimal> owed) =>
        string.Join('\n', owed.Select(one => $"{one.Key} {one.Value:0.00}"));
}
