using System.Net;
using Exchange.Journal;
using Exchange.Portal.Alerts;
using Exchange.Portal.Budgets;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A PI sets a budget and hears once that it is passed.</summary>
public class Budgeting
{
    [Fact]
    public async Task Passing_parts_of_it_is_told_once_for_each_month_and_shown()
    {
        await using var serving = await Filled.Start();
        using var ada = await serving.As("ada");
        using var set = await UsedMonth.Submit(ada, "/pi/budget", "/pi/budget", ("amount", "24.00"), ("do", "set"));
        Assert.Equal("/pi", set.Headers.Location?.ToString());
        for (var i = 0; i < 2; i++)
        {
            await WatchBudgets.Run(serving.Exchange, Filled.Month, Serving.Ct);
        }

        var budget = await serving.Exchange.Journal.State(Budget.Fold, Serving.Ada, Serving.Ct);
        Assert.Equal([80], budget.Told.Select(t => t.Percent)); // 27 days of two services at 36 cents are $19.44.
        var page = await ada.GetStringAsync(new Uri("/pi?month=2026-10", UriKind.Relative), Serving.Ct);
        Assert.Contains("budget of $24.00", page, StringComparison.Ordinal);
        Assert.Contains("It passed 80 %", page, StringComparison.Ordinal);
        using var lowered = await UsedMonth.Submit(ada, "/pi/budget", "/pi/budget", ("amount", "$10"), ("do", "set"));
        await WatchBudgets.Run(serving.Exchange, Filled.Month, Serving.Ct);
        budget = await serving.Exchange.Journal.State(Budget.Fold, Serving.Ada, Serving.Ct);
        Assert.Equal([80, 80, 100], budget.Told.Where(t => t.IsForecast is null).Select(t => t.Percent));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1e9")]
    [InlineData("12.345")]
    [InlineData("99999999999999999999")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("١٢")]
    public async Task What_is_no_amount_is_not_set_and_stays_in_the_field(string typed)
    {
        await using var serving = await Serving.Start();
        using var ada = await serving.As("ada");
        using var answer = await UsedMonth.Submit(ada, "/pi/budget", "/pi/budget", ("amount", typed), ("do", "set"));
        var html = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("id=\"amount-wrong\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.Contains($"value=\"{typed}\"", WebUtility.HtmlDecode(html), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_looked_before_another_set_it_must_look_again()
    {
        await using var serving = await Serving.Start();
        using var ada = await serving.As("ada");
        using var first = await UsedMonth.Submit(ada, "/pi/budget", "/pi/budget", ("amount", "5"), ("do", "set"));
        using var second = await UsedMonth.Submit(
            ada, "/pi/budget", "/pi/budget", ("amount", "6"), ("do", "set"), ("version", "0"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, second.StatusCode);
        Assert.Contains(
            "Someone changed this", await second.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        Assert.Equal(new Money(500), (await serving.Exchange.Journal.State(Budget.Fold, Serving.Ada, Serving.Ct))
            .Amount);
    }
}
