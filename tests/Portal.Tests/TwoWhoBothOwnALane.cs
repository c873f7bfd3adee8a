using System.Collections.Frozen;
using System.Text;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Servers;
using Exchange.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Servers that are wrong about who owns a lane, in one process: what is forwarded arrives or not, and its answer too.
/// </summary>
public sealed class TwoWhoBothOwnALane
{
    private static readonly LandlordId Bu = new("bu");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Each_reading_counts_once_however_wrong_they_are(int seed)
    {
        var random = new Random(seed);
        await using var database = await TestDatabase.New(typeof(IJournal).Assembly, typeof(Meter).Assembly);
        Meter[] meters = [.. Enumerable.Range(0, 3).Select(_ => new Meter(database, SystemClock.Instance))];
        IUsageIntake[] servers = [.. meters.Select((meter, i) => new ForwardingIntake(
            meter, () => Thinks(meters, (i + Next(random, 3)) % 3, i, random), NullLogger.Instance))];
        await Parallel.ForEachAsync(Enumerable.Range(0, 120), Serving.Ct, async (i, ct) =>
        {
            // Each batch is sent to two of them; ids of one are ids of the next, too.
            foreach (var server in (int[])[Next(random, 3), Next(random, 3)])
            {
                await using var body = new MemoryStream(Encoding.UTF8.GetBytes(Events(i)));
                Assert.IsType<Received.Done>(await servers[server].Receive(body, Bu, 1 << 20, withItems: true, ct));
            }
        });
        var all = await meters[0].Totals(
            new(new(Instant.FromUtc(2026, 10, 1, 0, 0), Instant.FromUtc(2026, 11, 1, 0, 0))), Serving.Ct);
        Assert.Equal(605, all.Sum(total => total.Quantity));
        Assert.Empty(await meters[1].Verify(Serving.Ct));
    }

    [Fact]
    public async Task What_an_owner_says_comes_back_as_it_said_it()
    {
        await using var database = await TestDatabase.New(typeof(IJournal).Assembly, typeof(Meter).Assembly);
        var (here, there) = (new Meter(database, SystemClock.Instance), new Meter(database, SystemClock.Instance));
        var forwarding = new ForwardingIntake(here, () => OwnedBy(there), NullLogger.Instance);
        string[] bodies =
        [
            Events(1), Events(1), Events(2).Replace("\"1\"}}", "\"2\"}}", StringComparison.Ordinal),
            "no json", "[]", Events(3).Replace("\"bu\"", "\"mit\"", StringComparison.Ordinal), new string(' ', 70_000),
            Events(5).Replace("\"quantity\"", "\"quantities\"", StringComparison.Ordinal),
        ];
        await using var other = await TestDatabase.New(typeof(IJournal).Assembly, typeof(Meter).Assembly);
        var alone = new Meter(other, SystemClock.Instance);
        foreach (var body in bodies)
        {
            var (one, two) = (await Ask(forwarding, body), await Ask(alone, body));
            Assert.Equal(two.GetType(), one.GetType());
            Assert.Equal(Json(two), Json(one));
        }
    }

    [Fact]
    public async Task Who_has_no_room_for_what_others_forward_says_so_and_keeps_none_of_it()
    {
        var room = new ForwardedRoom(100);
        Assert.True(room.TryTake(60));
        Assert.False(room.TryTake(60));
        Assert.True(room.TryTake(40));
        room.GiveBack(60);
        Assert.True(room.TryTake(60));

        await using var database = await TestDatabase.New(typeof(IJournal).Assembly, typeof(Meter).Assembly);
        var busy = new ForwardingIntake(
            new Meter(database, SystemClock.Instance),
            () => Owned(_ => Task.FromResult<ForwardedAnswer[]>([ForwardedAnswer.Of(new Received.Busy())])),
            NullLogger.Instance);
        Assert.IsType<Received.Done>(await Ask(busy, Events(1))); // It has the body, and room for it.
    }

    private static async Task<Received> Ask(IUsageIntake server, string body)
    {
        await using var stream = new MemoryStream(Encoding.UTF8.GetBytes(body));
        return await server.Receive(stream, Bu, 1 << 16, withItems: true, Serving.Ct);
    }

    private static string Json(Received received) => System.Text.Json.JsonSerializer.Serialize<object>(received);

    /// <summary>Ten counts; half of them are those of the batch before.</summary>
    private static string Events(int batch) => string.Join('\n', Enumerable.Range(batch * 5, 10).Select(
        i => RequestsAreForwarded.Count("bu", $"{i}", "vm", 2)));

    private static Standing Thinks(Meter[] meters, int owner, int me, Random random) => owner == me
        ? Standing.Alone
        : Owned(async requests => Next(random, 4) switch
        {
            0 => throw new TimeoutException("It did not arrive."),
            1 => throw new TimeoutException($"{(await Take(meters[owner], requests)).Length} answers did not arrive."),
            _ => await Take(meters[owner], requests),
        });

    private static Standing OwnedBy(Meter owner) => Owned(requests => Take(owner, requests));

    private static Standing Owned(Func<ForwardedRequest[], Task<ForwardedAnswer[]>> send) => new(
        new Dictionary<int, string>(),
        new Dictionary<int, ForwardLine> { [0] = new(send) }.ToFrozenDictionary(), "");

    private static Task<ForwardedAnswer[]> Take(Meter owner, ForwardedRequest[] requests) =>
        Task.WhenAll(requests.Select(async one =>
        {
            await using var body = new PiecesStream(one.Body);
            return ForwardedAnswer.Of(await owner.Receive(
                body, new(one.Landlord), one.MaxBytes, one.WithItems, CancellationToken.None, one.By));
        }));

    private static int Next(Random random, int below)
    {
        lock (random)
        {
            return random.Next(below);
        }
    }
}
