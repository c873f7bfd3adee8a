using Exchange.Metering.Collectors;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests.Collectors;

/// <summary>Every way to write an instant of ISO 8601 that a cloud uses, and no other.</summary>
public class TimesAsCloudsWriteThem
{
    [Theory]
    [InlineData("2026-10-04T05:06:00Z")]
    [InlineData("2026-10-04T05:06Z")]
    [InlineData("2026-10-04 05:06:00 UTC")]
    [InlineData("2026-10-04 05:06:00 GMT")]
    [InlineData("2026-10-04 05:06:00UTC")]
    [InlineData("2026-10-04 05:06 utc")]
    [InlineData("2026-10-04 05:06:00")]
    [InlineData("2026-10-04T05:06:00.000000000Z")]
    [InlineData("2026-10-04T05:06:00,000Z")]
    [InlineData("2026-10-04T07:06:00+02:00")]
    [InlineData("2026-10-04 07:06:00 +0200")]
    [InlineData("2026-10-04T07:06+02")]
    [InlineData("2026-10-04T00:06-05:00")]
    [InlineData("20261004T050600Z")]
    [InlineData("20261004T0506Z")]
    [InlineData("1791090360")]
    [InlineData("1791090360.0")]
    public void Are_the_same_instant(string text) =>
        Assert.Equal(Instant.FromUtc(2026, 10, 4, 5, 6), ReportedTime.Parse(text));

    /// <summary>Eight digits were seen to be taken for seconds: August 1970.</summary>
    [Theory]
    [InlineData("2026-10-04")]
    [InlineData("20261004")]
    public void A_day_is_its_first_instant(string text) =>
        Assert.Equal(Instant.FromUtc(2026, 10, 4, 0, 0), ReportedTime.Parse(text));

    [Theory]
    [InlineData("10/04/2026")]
    [InlineData("04.10.2026")]
    [InlineData("2026-10-04T05:06:00 EST")]
    [InlineData("2026-13-04T05:06Z")]
    [InlineData("2026-10-04T25:06Z")]
    [InlineData("2026-10-04T05:6Z")]
    [InlineData("2026-10-04TZ")]
    [InlineData("UTC")]
    [InlineData("46299")]
    [InlineData("20261304")]
    [InlineData("1791090360000")]
    public void Are_refused(string text) => Assert.Null(ReportedTime.Parse(text));
}
