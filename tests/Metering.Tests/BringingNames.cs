using System.Text;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>Names are known for ever and cost memory of all, so that each landlord brings a bounded number.</summary>
public sealed class BringingNames
{
    private static readonly LandlordId Nerc = new("nerc");
    private static readonly LandlordId Other = new("other");
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void A_landlord_brings_as_many_as_it_may_and_others_theirs()
    {
        var allowance = new ByteAllowance(most: 1_000, bytesASecond: 1);
        Assert.Equal(0, allowance.SecondsUntil(Nerc, 900));
        Assert.InRange(allowance.SecondsUntil(Nerc, 200), 95, 101);
        Assert.Equal(0, allowance.SecondsUntil(Nerc, 50));
        Assert.Equal(0, allowance.SecondsUntil(Other, 1_000));
        Assert.Equal(3_600, allowance.SecondsUntil(Other, long.MaxValue / 2));
    }

    [Fact]
    public async Task Whatever_is_named_anew_each_time_ends_at_the_allowance_and_known_names_and_others_go_on()
    {
        foreach (var named in (string[])["subject", "source", "project", "cluster", "shape", "meter"])
        {
            await using var database = await KnowingReadings.Database();
            var meter = new Meter(database, SystemClock.Instance, 1_000, new(most: 20_000, bytesASecond: 1));
            var taken = 0;
            while (await Receive(meter, Nerc, named, taken) is Received.Done)
            {
                Assert.InRange(++taken, 0, 50);
            }

            Assert.True(taken > 1, named);
            Assert.IsType<Received.TooManyNames>(await Receive(meter, Nerc, named, taken));
            Assert.IsType<Received.Done>(await Receive(meter, Nerc, named, 0));
            Assert.IsType<Received.Done>(await Receive(meter, Other, named, 99));
            Assert.Empty(await meter.Verify(Ct));
        }
    }

    private static Task<Received> Receive(Meter meter, LandlordId landlord, string named, int turn) => meter.Receive(
        new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 20).Select(i =>
            Event(landlord, named, $"{turn}-{i}"))))), landlord, 1 << 20, false, Ct);

    private static string Event(LandlordId landlord, string named, string name)
    {
        string Of(string field, string otherwise) => field == named ? name.PadLeft(100, 'x') : otherwise;
        var isCount = named == "meter";
        var what = isCount
            ? $"\"meter\":\"{Of("meter", "m")}\",\"quantity\":1"
            : $"\"state\":\"running\",\"shape\":{{\"label\":\"{Of("shape", "s")}\"}}," +
              "\"from\":\"2025-06-01T00:00:00Z\",\"to\":\"2025-06-01T01:00:00Z\"";
        return $"{{\"specversion\":\"1.0\",\"id\":\"{name}\",\"source\":\"{Of("source", landlord.Value)}\"," +
            $"\"type\":\"exchange.usage.{(isCount ? "count" : "interval")}.v1\"," +
            $"\"subject\":\"{Of("subject", "v")}\",\"time\":\"2025-06-01T00:00:00Z\",\"data\":" +
            $"{{\"landlord\":\"{landlord}\",\"cluster\":\"{Of("cluster", "c")}\"," +
            $"\"project\":\"{Of("project", "p")}\",\"kind\":\"vm\",{what}}}}}";
    }
}
