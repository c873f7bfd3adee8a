using System.Globalization;
using System.Text.RegularExpressions;
using Exchange.Metering;
using Exchange.Portal.Costs;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Components;
using Exchange.Rating;
using NodaTime;
using Xunit;
using Match = System.Text.RegularExpressions.Match;

namespace Exchange.Portal.Tests;

/// <summary>
/// What is given back hangs below the line and is no usage: a service credit of 3,876.80 USD was shown as usage, and a
/// day on which more was given back than sold had no bar. Each was seen to fail: with bars of what is sold alone, credits
/// on the first day of their month, dollars counted as usage, and titles without the ids that tell them apart.
/// </summary>
public partial class ChartsShowCredits
{
    [Theory]
    [InlineData(new long[] { 50_000, 0 }, new long[] { -97_000, 20_000 })]
    [InlineData(new long[] { -100, -200 }, new long[] { -300, 0 })]
    [InlineData(new long[] { 0, 0 }, new long[] { 0, -1 })]
    [InlineData(new long[] { 7, 123_456 }, new long[] { 100, 1 })]
    public void Bars_are_as_long_as_their_amounts_up_and_down_from_one_line(long[] sold, long[] given)
    {
        var svg = Draw(new("c", "c", "Day", ["1", "2"], [new("sold", sold), new("given", given)]));
        var points = sold.Zip(given).SelectMany(of => (long[])[of.First, of.Second]).Where(p => p != 0).ToList();
        var bars = Rect().Matches(svg).Select(m => (Y: Number(m, 1), Height: Number(m, 2))).ToList();
        var zero = Number(Zero().Match(svg), 1);
        Assert.Equal(points.Count, bars.Count);
        var scale = bars.Select(bar => bar.Height).Sum() / points.Sum(Math.Abs);
        Assert.All(bars.Zip(points), of =>
        {
            Assert.InRange(of.First.Height - (Math.Abs(of.Second) * scale), -0.02m, 0.02m);
            Assert.True(of.Second > 0 ? of.First.Y + of.First.Height <= zero + 0.02m : of.First.Y >= zero - 0.02m);
            Assert.InRange(of.First.Y, 0, 220);
            Assert.InRange(of.First.Y + of.First.Height, 0, 220);
        });
    }

    /// <summary>A credit of 3,000.00 stood on the first day of its month, and no bar beside it could be read.</summary>
    [Fact]
    public void What_a_service_level_credits_lies_where_the_use_does_that_it_is_of()
    {
        var (month, weights) = (new BillingMonth(2026, 11), new DayWeights(new(2026, 11)));
        Contribution Used(string charge, int day, int hours, decimal count) => new(
            charge, new(new("nerc"), new("stack"), "vm", "vm-1"),
            new(month.Start + Duration.FromDays(day - 1), month.Start + Duration.FromDays(day - 1) +
                Duration.FromHours(hours)), ResourceState.Running, Shape.Empty, Duration.Zero, count, "");
        const string Credit = "2026-11:nerc:stack:p-ada:service-credit:nerc/openstack/2025-06-01#1";
        weights.Add(Used("2026-11:nerc:stack:p-ada:CPU:nerc/openstack/2025-06-01#1", 10, 24, 3));
        weights.Add(Used("2026-11:nerc:stack:p-ada:GPU:nerc/openstack/2025-06-01#1", 11, 24, 1));
        weights.Add(Used("2026-11:nerc:stack:p-adams:CPU:nerc/openstack/2025-06-01#1", 2, 24, 9));
        weights.Add(Used(Credit, 5, 2, 0)); // The outage adds nothing to it.

        string[] Days(string what) => [.. weights.Of($"{Credit}:25 % of {what}", month.Period, new(-4_00))
            .Select(of => $"{of.Day:uuuu-MM-dd} {of.Amount}")];
        Assert.Equal(["2026-11-11 -4.00 USD"], Days("GPU"));
        Assert.Equal(["2026-11-10 -3.00 USD", "2026-11-11 -1.00 USD"], Days("something else"));
        Assert.Equal(
            "2026-11-01", $"{weights.Of("2026-11:nerc:stack:p-none:service-credit:s#1:x", month.Period, new(-1))
                .Single().Day:uuuu-MM-dd}");
    }

    /// <summary>
    /// What was reserved from the 9th stood on the first day of the month on a PI's page (106.40 on November 1), and the
    /// forecast left it out. It is owed each day of its time, by who held it then, whatever was used.
    /// </summary>
    [Fact]
    public void What_is_owed_used_or_not_lies_over_the_time_of_its_agreement()
    {
        var month = new BillingMonth(2026, 11);
        Instant Day(int day) => month.Start + Duration.FromDays(day - 1);
        var terms = new StandingAgreement(
            "R-68RD6M43", StandingKind.Reservation, new("crimson"), new("bm"), new("Node"),
            [new(new("p-ada"), Day(9)), new(new("p-ben"), Day(11))], new(Day(9), Day(40)), 2, 0.95m);
        var weights = new DayWeights(month, StandingTime.Of(
            Agreements.Nothing with { Standing = [terms] }, new(month.Start, Day(13))));
        const string Line = ":Node:crimson/baremetal/2026-11-01#1";
        weights.Add(new(
            $"2026-11:crimson:bm:p-ada{Line}", new(new("crimson"), new("bm"), "vm", "n1"), new(Day(3), Day(4)),
            ResourceState.Running, Shape.Empty, Duration.Zero, 5, ""));

        string[] Days(string project) => [.. weights.Of(
                $"2026-11:crimson:bm:{project}{Line}:2 reserved, agreed in R-68RD6M43", month.Period, new(8_00))
            .Select(of => $"{of.Day:uuuu-MM-dd} {of.Amount}")];
        Assert.Equal(["2026-11-09 4.00 USD", "2026-11-10 4.00 USD"], Days("p-ada"));
        Assert.Equal(["2026-11-11 4.00 USD", "2026-11-12 4.00 USD"], Days("p-ben"));
    }

    [Fact]
    public void What_is_counted_in_money_is_no_usage()
    {
        var sum = CostFigures.Sum(
        [
            new(new(100), Money.Zero, [new(8, new("SU-hour"))]),
            new(new(-25), Money.Zero, [new(-3_876.8m, new("USD"))]),
        ]);
        Assert.Equal((new Money(75), "8 SU-hour"), (sum.Cost, Assert.Single(sum.Usage).ToString()));
        Assert.Equal("", Show.Usage(new(-3_876.8m, new("USD"))));
    }

    [Fact]
    public void Projects_of_one_title_are_told_apart()
    {
        CostRow Row(string project, string title) => new([project], title, CostFigures.None);
        var titles = new ProjectTitles([Row("ice-1", "ice"), Row("ice-2", "ice"), Row("sea", "sea")], 0);
        Assert.Equal(("ice (ice-1)", "sea", "p-17"), (
            titles.Of("ice", "ice-1"), titles.Of("sea", "sea"), titles.Of("", "p-17")));
    }

    private static string Draw(Plot plot) =>
        PageRenderer.Text(null, new(), Cell.Of<PlotDrawing>(nameof(PlotDrawing.Of), plot));

    private static decimal Number(Match match, int group) =>
        decimal.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("""<rect fill="[^"]*" x="[^"]*" y="([^"]*)"\s+width="[^"]*" height="([^"]*)"></rect>""")]
    private static partial Regex Rect();

    [GeneratedRegex("""<line class="grid zero" [^>]*y1="([^"]*)""")]
    private static partial Regex Zero();
}
