using Exchange.Invoicing.Funds;
using Exchange.Portal.Funds;
using Exchange.Portal.Spend;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A promotion burns down month by month, and what is expected never goes below nothing.</summary>
public class WhatIsLeftOfAFund
{
    private static readonly BillingMonth August = new(2026, 8);

    [Fact]
    public void Is_what_was_granted_less_what_each_month_took()
    {
        var plot = Draw(shown: August.Next.Next, month: null);
        Assert.Equal(["granted", "Aug 2026", "Sep 2026", "Oct 2026", "Nov 2026"], plot.Labels);
        Assert.Equal([100_000, 70_000, 60_000, 55_000], plot.Series[0].Points);
        Assert.Null(plot.Outlook);
    }

    [Fact]
    public void Is_expected_from_the_end_of_the_month_before_between_the_most_and_the_least_spending()
    {
        var plot = Draw(shown: August.Next.Next, new(new(10_000), new(20_000), new(50_000)));
        Assert.Equal(2, plot.Outlook!.From);
        Assert.Equal(
            [
                new(new(60_000), new(60_000), new(60_000)), new(new(10_000), new(40_000), new(50_000)),
                new(new(0), new(20_000), new(40_000)),
            ], plot.Outlook.Each);
        Assert.Equal(100_000, plot.Highest);
    }

    [Fact]
    public void Is_known_to_the_end_once_its_window_is_over()
    {
        var plot = Draw(shown: new(2027, 3), month: null);
        Assert.Equal(5, plot.Series[0].Points.Count);
    }

    private static Web.Plot Draw(BillingMonth shown, Forecast? month) => BurnDown.Draw(
        new("promotion", ProgrammeKind.Promotion, "nerc", new(60_000), new(5_000)), new(new(100_000), August, Months: 4),
        shown, m => m == August ? new(30_000) : m == August.Next ? new(10_000) : Money.Zero, month);
}
