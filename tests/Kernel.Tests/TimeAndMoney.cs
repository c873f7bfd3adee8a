using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace Exchange.Tests;

public class TimeAndMoney
{
    [Theory]
    [InlineData("0.005", 1)]
    [InlineData("-0.005", -1)]
    [InlineData("41.565", 4157)]
    [InlineData("41.5649999999999999", 4156)]
    [InlineData("0.0049999999999999999999999999", 0)]
    public void Half_a_cent_goes_away_from_zero(string dollars, long cents) =>
        Assert.Equal(cents, Money.Round(Text.Number(dollars)).Cents);

    [Theory]
    [InlineData("12.345 USD")]
    [InlineData("12.34")]
    [InlineData("12.34 usd")]
    [InlineData("1e3 USD")]
    [InlineData("1,000.00 USD")]
    [InlineData("99999999999999999999 USD")]
    [InlineData("12.34 0")]
    public void What_is_not_money_is_not_guessed(string text) => Assert.False(Money.TryParse(text, null, out _));

    [Fact]
    public void A_month_is_half_open_in_UTC()
    {
        var october = new BillingMonth(2026, 10);

        Assert.True(october.Period.Contains(Instant.FromUtc(2026, 10, 1, 0, 0)));
        Assert.True(october.Period.Contains(Instant.FromUtc(2026, 11, 1, 0, 0) - Duration.Epsilon));
        Assert.False(october.Period.Contains(Instant.FromUtc(2026, 11, 1, 0, 0)));
        Assert.Equal(new BillingMonth(2027, 1), october.Plus(3));
        Assert.Equal(new BillingMonth(2025, 12), october.Plus(-10));
        Assert.Equal(3, october.Plus(3).MonthsSince(october));
    }

    [Theory]
    [InlineData("2026-13")]
    [InlineData("2026-1")]
    [InlineData("26-10")]
    [InlineData("2026-10-01")]
    [InlineData("0000-10")]
    public void What_is_not_a_month_is_not_guessed(string text) => Assert.False(BillingMonth.TryParse(text, null, out _));

    [Fact]
    public void A_month_reads_back_as_written() => Prop.ForAll<ushort>(n =>
    {
        var month = new BillingMonth(1 + (n % 9998), 1 + (n % 12));
        return BillingMonth.Parse(month.ToString()) == month && BillingMonth.Of(month.Start) == month;
    }).Check(Draws.Properties());

    [Fact]
    public void Clipping_two_periods_gives_what_both_contain() => Prop.ForAll<byte, byte, ushort>((a, b, both) =>
    {
        var (left, right) = (Of(a, b), Of((byte)(both & 255), (byte)(both >> 8)));
        var shared = left.Clip(right);
        return Enumerable.Range(0, 256).Select(s => Instant.FromUnixTimeSeconds(s)).All(
            at => (left.Contains(at) && right.Contains(at)) == (shared?.Contains(at) ?? false));
    }).Check(Draws.Properties());

    [Fact]
    public void A_rate_prices_only_its_own_unit()
    {
        var rate = Rate.Parse("0.0000087890625 USD/GiB-hour");

        Assert.Equal(64.8m, rate.Of(Quantity.Parse("7372800 GiB-hour")));
        Assert.Throws<InvalidOperationException>(() => rate.Of(Quantity.Parse("1 SU-hour")));
        Assert.Equal("0.0000087890625 USD/GiB-hour", rate.ToString());
    }

    [Fact]
    public void A_resource_reads_back_even_when_its_own_id_holds_slashes()
    {
        var pod = ResourceId.Parse("nerc/ocp-prod/pod/ns-1/web-0");

        Assert.Equal("ns-1/web-0", pod.Subject);
        Assert.Equal("nerc/ocp-prod/pod/ns-1/web-0", pod.ToString());
        Assert.False(ResourceId.TryParse("nerc/ocp-prod/pod", null, out _));
    }

    private static Period Of(byte a, byte b) =>
        new(Instant.FromUnixTimeSeconds(Math.Min(a, b)), Instant.FromUnixTimeSeconds(Math.Max(a, b)));
}
