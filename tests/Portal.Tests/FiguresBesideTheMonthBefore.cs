using System.Net;
using Exchange.Portal.ReadModels;
using Exchange.Portal.Web.Components;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A figure says in words how it differs from that of the period before, to the cent.</summary>
public class FiguresBesideTheMonthBefore
{
    [Theory]
    [InlineData(1000, 800, "+$2.00 (25 %) more than in Sep 2026")]
    [InlineData(800, 1000, "−$2.00 (20 %) less than in Sep 2026")]
    [InlineData(800, 800, "the same as in Sep 2026")]
    [InlineData(0, 0, "the same as in Sep 2026")]
    [InlineData(0, 1248, "−$12.48 (100 %) less than in Sep 2026")]
    [InlineData(400, 300, "+$1.00 (33.3 %) more than in Sep 2026")]
    [InlineData(500, 300, "+$2.00 (66.7 %) more than in Sep 2026")]
    [InlineData(2001, 2000, "+$0.01 (0.1 %) more than in Sep 2026")] // 0.05 %, away from zero.
    [InlineData(1999, 2000, "−$0.01 (0.1 %) less than in Sep 2026")]
    [InlineData(2002, 2001, "+$0.01 (less than 0.1 %) more than in Sep 2026")]
    [InlineData(1, 0, "+$0.01 more than in Sep 2026")]
    [InlineData(-500, 0, "−$5.00 less than in Sep 2026")]
    [InlineData(500, -500, "+$10.00 more than in Sep 2026")] // A percentage of a credit says nothing.
    [InlineData(-500, 500, "−$10.00 (200 %) less than in Sep 2026")]
    [InlineData(400_000_000_000_000_01, 400_000_000_000_000_00, "+$0.01 (less than 0.1 %) more than in Sep 2026")]
    public void Is_said_with_a_sign_a_word_and_a_percentage_of_what_was(long now, long before, string words) =>
        Assert.Equal(words, new Delta(new(now), new(before), "Sep 2026").Words);

    [Fact]
    public void Nothing_is_said_where_one_of_the_two_has_no_figure()
    {
        Assert.Null(Delta.Of(new Money(1), null, "Sep 2026"));
        Assert.Null(Delta.Of(null, new Money(1), "Sep 2026"));
        Assert.Equal(new(0), Delta.Of(new Money(1), new Money(1), "Sep 2026")!.By);
    }

    /// <summary>In October Ada used twice what she did in September ($6.24), and Ben $2,496.00.</summary>
    [Fact]
    public async Task PIs_and_landlords_see_it_of_months_that_are_over_and_were_rated_since()
    {
        await using var serving = await UsedMonth.Start();
        using var ada = await serving.As("ada");
        using var nerc = await serving.As("nerc");
        Assert.DoesNotContain("than in Sep", await Page(ada, "/pi?month=2026-10"), StringComparison.Ordinal);
        await UsedMonth.Use(serving, "2026-09", ("p-ada", 2));
        await RateMonths.Run(serving.Exchange, _ => { }, Serving.Ct);

        Assert.Contains("+$6.24 (100 %) more than in Sep 2026", await Page(ada, "/pi?month=2026-10"),
            StringComparison.Ordinal);
        Assert.Contains("+$2,502.24 (40,100 %) more than in Sep 2026", await Page(nerc, "/landlord?month=2026-10"),
            StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"delta\"", await Page(ada, "/pi?month=2026-09"), StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"delta\"", await Page(nerc, "/landlord?month=2026-11"), StringComparison.Ordinal);
    }

    private static async Task<string> Page(HttpClient client, string path) =>
        WebUtility.HtmlDecode(await client.GetStringAsync(new Uri(path, UriKind.Relative), Serving.Ct));
}
