using System.Text;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// What cannot be understood is kept for somebody to look at, and costs more than what can: a landlord brings a bounded
/// amount of it. Seen to fail: three hundred thousand times two bytes kept a processor for thirteen seconds, each time.
/// </summary>
public sealed class SettingAside
{
    private const int MaxBytes = 1 << 22;
    private static readonly LandlordId Nerc = new("nerc");
    private static readonly LandlordId Other = new("other");
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Each gives a text of its own by a number.</summary>
    private static readonly (string What, Func<int, string> Of)[] Misfits =
    [
        ("nothing", _ => "{}"),
        ("a number", n => $"{n}"),
        ("a text", n => $"\"{n}\""),
        ("a member", n => $"{{\"a\":{n}}}"),
        ("no type of usage", n => Good($"t{n}").Replace("usage.interval", "usage.other", StringComparison.Ordinal)),
        ("the future", n => Good($"f{n}").Replace("2025-06-01T01", "9000-06-01T01", StringComparison.Ordinal)),
        ("a name twice", n => Good($"n{n}").Replace("\"data\":{", "\"data\":{\"kind\":\"vm\",", StringComparison.Ordinal)),
    ];

    [Fact]
    public void What_came_beyond_the_allowance_is_owed()
    {
        var allowance = new ByteAllowance(most: 1_000, bytesASecond: 10);
        Assert.Equal(1_000, allowance.Left(Nerc));
        allowance.Spend(Nerc, 1_500);
        Assert.InRange(allowance.Left(Nerc), -500, -400);
        Assert.InRange(allowance.SecondsUntil(Nerc, 0), 41, 51);
        Assert.Equal(0, allowance.SecondsUntil(Other, 0));
    }

    [Fact]
    public async Task Whatever_cannot_be_understood_ends_at_the_allowance_and_the_rest_and_others_go_on()
    {
        foreach (var (what, of) in Misfits)
        {
            await using var database = await KnowingReadings.Database();
            var meter = Small(database);
            var taken = 0;
            while (await Receive(meter, Nerc, [Good($"g{taken}"), .. Enumerable.Range(taken * 10, 10).Select(of)])
                is Received.Done)
            {
                Assert.True(++taken < 20, what);
            }

            Assert.True(taken > 1, what);
            Assert.IsType<Received.TooManyMisfits>(
                await Receive(meter, Nerc, [Good("x"), .. Enumerable.Range(900, 10).Select(of)]));
            Assert.Equal(new(1, 0, 0), Done(await Receive(meter, Nerc, [Good("x")])));
            Assert.Equal(new(1, 0, 1), Done(await Receive(meter, Other, [OfOther(Good("x")), OfOther(of(0))])));
            Assert.InRange((await meter.Quarantine(1_000, Ct)).Count, 1, 200);
            Assert.Empty(await meter.Verify(Ct));
        }
    }

    /// <summary>They are known for what they are when they are looked up, and what is owed then is waited for.</summary>
    [Fact]
    public async Task Of_readings_that_contradict_others_no_more_come_until_those_are_paid_for()
    {
        await using var database = await KnowingReadings.Database();
        var meter = Small(database);
        Assert.Equal(new(1, 0, 0), Done(await Receive(meter, Nerc, [Good("a")])));
        var others = Enumerable.Range(10, 40).Select(hour => Good("a").Replace(
            "T00:00:00Z\",\"to", $"T00:{hour}:00Z\",\"to", StringComparison.Ordinal));
        Assert.Equal(new(0, 0, 40), Done(await Receive(meter, Nerc, others)));
        var refused = Assert.IsType<Received.TooManyMisfits>(await Receive(meter, Nerc, [Good("b")]));
        Assert.InRange(refused.RetryAfterSeconds, 1, 3_600);
        Assert.Equal(new(1, 0, 0), Done(await Receive(meter, Other, [OfOther(Good("a"))])));
    }

    /// <summary>Whoever wants to know what became of each is answered from memory.</summary>
    [Fact]
    public async Task What_became_of_each_is_told_of_so_many_and_no_more()
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        var events = Enumerable.Range(0, Received.MaxItems + 1).Select(n => Good($"i{n}")).ToList();
        Assert.IsType<Received.TooLarge>(await Receive(meter, Nerc, events, withItems: true));
        var told = Assert.IsType<Received.Done>(await Receive(meter, Nerc, events[1..], withItems: true));
        Assert.Equal(Received.MaxItems, told.Items.Count);
        Assert.Equal(new(1, Received.MaxItems, 0), Done(await Receive(meter, Nerc, events)));
    }

    private static Meter Small(Npgsql.NpgsqlDataSource database) =>
        new(database, SystemClock.Instance, 1_000) { Misfits = new(most: 20_000, bytesASecond: 1) };

    private static string OfOther(string text) => text.Replace("\"nerc\"", "\"other\"", StringComparison.Ordinal);

    private static IngestOutcome Done(Received received) => Assert.IsType<Received.Done>(received).Outcome;

    private static Task<Received> Receive(
        Meter meter, LandlordId landlord, IEnumerable<string> events, bool withItems = false) => meter.Receive(
        new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', events))), landlord, MaxBytes, withItems, Ct);

    private static string Good(string id) =>
        $"{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"urn:a\",\"type\":\"exchange.usage.interval.v1\"," +
        "\"subject\":\"vm-1\",\"time\":\"2025-06-01T01:00:00Z\",\"data\":{\"landlord\":\"nerc\",\"cluster\":\"c\"," +
        "\"project\":\"p\",\"kind\":\"vm\",\"from\":\"2025-06-01T00:00:00Z\",\"to\":\"2025-06-01T01:00:00Z\"," +
        "\"state\":\"running\",\"shape\":{\"vcpu\":4}}}";
}
