using System.Collections.Immutable;
using Exchange.Journal;
using Exchange.Portal.Alerts;
using Exchange.Portal.Budgets;
using Exchange.Portal.Mail;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Budgets are watched after credits, at thresholds of one's choice, also on the forecast, and for single projects. Seen
/// to fail with budgets that watched what is charged at 80 and 100 %: a PI whose subsidy pays all was told every month.
/// </summary>
public class BudgetsOfChoice
{
    private static readonly Instant Now = Instant.FromUtc(2026, 10, 15, 12, 0);
    private static readonly BillingMonth Month = new(2026, 10);

    [Fact]
    public async Task A_PI_whose_subsidy_pays_most_is_told_of_what_is_left_to_pay_and_only_once()
    {
        await using var serving = await UsedMonth.Start();
        using var ada = await serving.As("ada");
        var spent = await PiSpent.Of(serving.Exchange, Serving.Ada, UsedMonth.Month, UsedMonth.Now, Serving.Ct);
        var (charged, owed) = (spent.Of("", afterCredits: false).Spent, spent.Of("", afterCredits: true).Spent);
        Assert.True(owed < charged, $"Nothing is paid for Ada: {owed} of {charged}.");
        Assert.Equal(charged, spent.Of("stack/p-ada", afterCredits: false).Spent);
        Assert.Equal(Money.Zero, spent.Of("stack/p-ben", afterCredits: false).Spent);
        foreach (var (project, basis) in ((string, string)[])[("", "after"), ("stack/p-ada", "before")])
        {
            var page = $"/pi/budget?project={Uri.EscapeDataString(project)}";
            using var set = await UsedMonth.Submit(ada, page, "/pi/budget",
                ("amount", $"{charged.Amount}"), ("basis", basis), ("thresholds", "50, 100%"), ("forecast", ""),
                ("do", "set"));
            Assert.Equal("/pi", set.Headers.Location?.ToString());
        }

        for (var i = 0; i < 2; i++)
        {
            await WatchBudgets.Run(serving.Exchange, UsedMonth.Month, Serving.Ct);
        }

        Assert.Empty((await Of(serving, "ada@bu.edu")).Told);
        Assert.Equal([50, 100], (await Of(serving, "ada@bu.edu#stack/p-ada")).Told.Select(told => told.Percent));
        Assert.Equal(
            ["", "stack/p-ada"],
            (await BudgetList.All(serving.Exchange.Database, Serving.Ada, Serving.Ct)).Select(one => one.Project));
        using var other = await UsedMonth.Submit(ada, "/pi/budget?project=stack/p-ben", "/pi/budget",
            ("project", "stack/p-ben"), ("amount", "5"), ("do", "set"));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, other.StatusCode);
    }

    /// <summary>Only awards told others; a budget told its PI alone.</summary>
    [Fact]
    public async Task A_budget_of_a_project_tells_whom_it_names_beside_the_PI_once()
    {
        await using var serving = await UsedMonth.Start();
        using var ada = await serving.As("ada");
        const string Page = "/pi/budget?project=stack/p-ada";
        using var wrong = await UsedMonth.Submit(ada, Page, "/pi/budget",
            ("amount", "1"), ("thresholds", "80"), ("also", "lab.example"), ("do", "set"));
        Assert.Contains("id=\"also-wrong\"", await wrong.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        using var set = await UsedMonth.Submit(ada, Page, "/pi/budget", ("amount", "1"), ("basis", "before"),
            ("thresholds", "80"), ("forecast", ""), ("also", "lab@bu.edu, ADA@bu.edu lab@BU.edu"), ("do", "set"));
        Assert.Equal("/pi", set.Headers.Location?.ToString());
        Assert.Contains("value=\"lab@bu.edu ADA@bu.edu\"", await ada.GetStringAsync(
            new Uri(Page, UriKind.Relative), Serving.Ct), StringComparison.Ordinal);
        for (var i = 0; i < 2; i++)
        {
            await WatchBudgets.Run(serving.Exchange, UsedMonth.Month, Serving.Ct);
            await QueueMail.Run(
                serving.Exchange, MailSettings.Parse("smtp://127.0.0.1:1?from=a@b.example"), null, Serving.Ct);
        }

        await using var connection = await serving.Connection();
        await using var command = new Npgsql.NpgsqlCommand(
            "select string_agg(recipient || ': ' || subject, '; ' order by recipient) from exchange.outbox", connection);
        Assert.Equal(
            "ada@bu.edu: 80 % of your budget of stack/p-ada for 2026-10 is spent; " +
            "lab@bu.edu: 80 % of the budget of ada@bu.edu of stack/p-ada for 2026-10 is spent",
            await command.ExecuteScalarAsync(Serving.Ct));
    }

    [Theory]
    [InlineData(7_900, 9_000, "")]
    [InlineData(8_000, 9_000, "80")]
    [InlineData(8_000, 10_000, "80 f100")]
    [InlineData(12_000, 20_000, "80 100 f100")]
    [InlineData(0, null, "")]
    public void Cost_and_forecast_pass_their_own_thresholds(int spent, int? forecast, string told)
    {
        var budget = Set(new(true, [80, 100], [100]));
        var passed = Budget.Watch(budget, Month, new(
            new(spent), forecast is { } some ? new Money(some) : null), Now).Events.OfType<BudgetEvent.Passed>();
        Assert.Equal(told, string.Join(' ', passed.Select(
            one => $"{(one.IsForecast == true ? "f" : "")}{one.Percent}")));
    }

    [Fact]
    public void What_was_set_before_one_could_choose_stays_as_it_was()
    {
        var old = Budget.Fold.Evolve(new(null, [], BudgetRules.Offered), new BudgetEvent.Set(new(100), "ada", Now));
        Assert.Equal((new Money(100), BudgetRules.Before), (old.Amount!.Value, old.Rules));
    }

    [Theory]
    [InlineData("80, 100", "80 100")]
    [InlineData("100 50 50%", "50 100")]
    [InlineData("", "")]
    [InlineData("0", null)]
    [InlineData("1001", null)]
    [InlineData("-5", null)]
    [InlineData("80.5", null)]
    [InlineData("all", null)]
    [InlineData("1,2,3,4,5,6,7,8,9,10,11", null)]
    public void Thresholds_are_whole_percentages(string typed, string? read) => Assert.Equal(
        read, BudgetRules.Read(typed) is ImmutableArray<int> some ? string.Join(' ', some) : null);

    private static Budget Set(BudgetRules rules) => Budget.Fold.Evolve(
        new(null, [], rules), new BudgetEvent.Set(new(10_000), "ada", Now, rules));

    private static Task<Budget> Of(Serving serving, string id) =>
        serving.Exchange.Journal.State(Budget.Fold, id, Serving.Ct);
}
