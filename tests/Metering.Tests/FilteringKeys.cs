using Xunit;

namespace Exchange.Metering.Tests;

public class FilteringKeys
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(1_000)]
    [InlineData(65_536)]
    [InlineData(300_000)]
    public void Every_reading_that_is_there_is_known_and_hardly_any_other(int readings)
    {
        var random = new Random(readings);
        var traces = Enumerable.Range(0, readings).Select(_ => (ulong)random.NextInt64(1L << 51)).ToArray();
        var filter = KeyFilter.Read(KeyFilter.Of(traces).Bytes());

        Assert.All(traces, trace => Assert.True(filter.MayHave(trace)));
        var wrong = Enumerable.Range(0, 1_000_000).Count(_ => filter.MayHave((ulong)random.NextInt64(1L << 51)));
        Assert.InRange(wrong, 0, 60); // Fifteen or so, by chance.
    }

    [Fact]
    public void Readings_of_one_trace_do_no_harm()
    {
        var traces = Enumerable.Range(0, 10_000).Select(i => (ulong)(i / 2) * 0x1234567).ToArray();
        var filter = KeyFilter.Of(traces);
        Assert.All(traces, trace => Assert.True(filter.MayHave(trace)));
    }

    [Fact]
    public void Bytes_that_are_none_are_refused() =>
        Assert.Throws<RefusedException>(() => KeyFilter.Read(new byte[40]));
}
