using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What a PI is told of prepaid money before the close.
/// </summary>
public class MoneyOfAGroup
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_PI_reads_that_it_is_shared_when_others_use_the_same(bool isShared)
    {
        await using var serving = await UsedMonth.Start();
        await serving.Exchange.Journal.Append(
            [
                StreamAppend.Of<PrepaidEvent>(PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id), 0,
                [
                    new PrepaidEvent.Opened("Lab", "lab@bu.edu", "me", UsedMonth.Now),
                    new PrepaidEvent.PaidIn("Lab", "wire-1", new(5_000), UsedMonth.Month, "me", UsedMonth.Now),
                    .. new[] { "p-ben", "p-ada" }.Take(isShared ? 2 : 1).Select(
                        project => new PrepaidEvent.Covered(
                            "Lab", project, UsedMonth.Month, null, "me", UsedMonth.Now)),
                ]),
            ], Serving.Ct);
        using var ben = await serving.As("ben");

        var page = await ben.GetStringAsync(new Uri("/pi?month=2026-10", UriKind.Relative), Serving.Ct);

        Assert.Equal(isShared, page.Contains(
            "of prepaid group Lab are shared: it pays for 1 more\n", StringComparison.Ordinal));
        Assert.DoesNotContain("p-ada", page, StringComparison.Ordinal);
    }
}
