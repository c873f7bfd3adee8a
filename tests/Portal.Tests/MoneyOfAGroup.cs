using System.Globalization;
using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Portal.ReadModels;
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
        await PaidFor(serving, isShared ? ["p-ben", "p-ada"] : ["p-ben"]);
        using var ben = await serving.As("ben");

        var page = await ben.GetStringAsync(new Uri("/pi?month=2026-10", UriKind.Relative), Serving.Ct);

        Assert.Equal(isShared, string.Join(' ', page.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Contains(
            "of prepaid group Lab are shared: it pays for 1 more projects", StringComparison.Ordinal));
        Assert.DoesNotContain("p-ada", page, StringComparison.Ordinal);
    }

    /// <summary>
    /// 50.00 pay once, though charges are read a few PIs at a time: what the first used is gone for the second. Were
    /// each part reckoned from all of the money again, Ada and Ben would have it twice.
    /// </summary>
    [Fact]
    public async Task What_one_PI_used_of_it_is_gone_for_the_next_who_is_reckoned()
    {
        await using var serving = await UsedMonth.Start();
        await PaidFor(serving, ["p-ben", "p-ada"]);
        await using var alone = await serving.Exchange.Locks.Await(0, RateMonths.OpenMonths, Serving.Ct); // None rates.
        await serving.Exchange.Database.Execute("update exchange.charge set cents = 400000", [], Serving.Ct);
        await serving.Exchange.Database.Execute("update exchange.credited set basis = 'old'", [], Serving.Ct);

        await WriteCredits.Run(serving.Exchange, UsedMonth.Now, Serving.Ct, atOnce: 1);
        var apart = await Paid(serving.Exchange);
        await serving.Exchange.Database.Execute("update exchange.credited set basis = 'old'", [], Serving.Ct);
        await WriteCredits.Run(serving.Exchange, UsedMonth.Now, Serving.Ct);

        var group = FundShare.OfGroup("Lab", Money.Zero).Fund;
        Assert.Equal(50_00, apart.Where(of => of.EndsWith(group, StringComparison.Ordinal)).Sum(Cents));
        Assert.Equal(apart, await Paid(serving.Exchange));
    }

    private static long Cents(string of) => long.Parse(of.Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>Each PI, what a fund paid of the charges, and the fund.</summary>
    private static async Task<IReadOnlyList<string>> Paid(Composition exchange)
    {
        await using var command = exchange.Database.CreateCommand(
            "select pi || ' ' || sum(cents) || ' ' || fund from exchange.credit group by pi, fund order by 1");
        await using var rows = await command.ExecuteReaderAsync(Serving.Ct);
        var paid = new List<string>();
        while (await rows.ReadAsync(Serving.Ct))
        {
            paid.Add(rows.GetString(0));
        }

        return paid;
    }

    private static Task PaidFor(Serving serving, IReadOnlyList<string> projects) => serving.Exchange.Journal.Append(
        [
            StreamAppend.Of<PrepaidEvent>(PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id), 0,
            [
                new PrepaidEvent.Opened("Lab", "lab@bu.edu", "me", UsedMonth.Now),
                new PrepaidEvent.PaidIn("Lab", "wire-1", new(5_000), UsedMonth.Month, "me", UsedMonth.Now),
                .. projects.Select(project => new PrepaidEvent.Covered(
                    "Lab", project, UsedMonth.Month, null, "me", UsedMonth.Now)),
            ]),
        ], Serving.Ct);
}
