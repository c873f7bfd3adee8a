using System.Globalization;
using System.Net;
using System.Text.Json;
using Exchange.Journal;
using Exchange.Portal.Alerts;
using Exchange.Portal.Awards;
using Exchange.Portal.Awards.Reports;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;
using Exchange.Portal.Mail;
using Exchange.Portal.ReadModels;
using Exchange.Portal.Webhooks;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What a sponsor pays for is what the explorer says, to the cent: shares of projects, the forecast at the award's end,
/// alerts on it, and the report of a sponsor's period at every door.
/// </summary>
public class AwardsOfSponsors
{
    private static readonly Instant Now = Instant.FromUtc(2026, 10, 11, 6, 0);
    private static readonly LocalDate Begin = new(2026, 10, 1);

    /// <summary>Two sponsors share a project by halves; one of them will run out before its end.</summary>
    [Fact]
    public async Task Two_halves_come_to_the_whole_and_the_forecast_is_told_once_to_everybody_named()
    {
        await using var serving = await UsedMonth.Start(Now);
        await RateMonths.Run(serving.Exchange, _ => { }, Serving.Ct);
        using var ada = await serving.As("ada");
        using var set = await UsedMonth.Submit(
            ada, "/pi/awards", "/pi/awards", ("number", "NSF-1"), ("sponsor", "National Science Foundation"),
            ("from", "2026-10-01"), ("last", "2026-10-15"), ("budget", "8.00"), ("projects", "stack/p-ada=50"),
            ("basis", "before"), ("thresholds", "80, 100"), ("forecast", "100"), ("recipients", "grants@bu.edu"));
        Assert.Equal("/pi/awards/NSF-1", set.Headers.Location?.ToString());
        await Set(serving, "DOE-2", 50, Begin.PlusMonths(3));

        // 4 vCPU for 240 hours at 0.013 are 12.48, half of it is 6.24: 0.624 a day. At 0.62 a day the five days that
        // are left come to 3.10, and the 1.76 that remain last until the third of them.
        var standings = await AwardStanding.Of(serving.Exchange, Serving.Ada, Now, Serving.Ct);
        Assert.Equal(["6.24 USD", "6.24 USD"], standings.Select(one => $"{one.Burn.Spent}"));
        Assert.Equal(
            await Explored(serving, "2026-10-01", "2026-11-01"), Money.Sum(standings.Select(one => one.Burn.Spent)));
        var burn = standings[0].Burn;
        Assert.Equal(("9.34 USD", 5), ($"{burn.Forecast!.Expected}", burn.DaysLeft));
        Assert.Equal(new LocalDate(2026, 10, 13), burn.UsedUpOn);

        await WatchAwards.Run(serving.Exchange, Serving.Ct);
        await WatchAwards.Run(serving.Exchange, Serving.Ct);
        var told = Assert.Single((await Book(serving)).Find(Serving.Ada, "NSF-1")!.Told);
        Assert.Equal((100, true, "9.34 USD"), (told.Percent, told.IsForecast, $"{told.Reached}"));
        var mail = await OfAwards.Passed(serving.Exchange, Now - Duration.FromDays(1), Serving.Ct);
        Assert.Equal(["ada@bu.edu", "grants@bu.edu"], mail.Select(one => one.Recipient));
        Assert.All(mail, one => Assert.Contains("9.34 USD", one.Body, StringComparison.Ordinal));
        Assert.Single(await Webhooks(serving), hook => hook.Event == "award-passed");

        await SameEverywhere(serving, ada);
    }

    /// <summary>The page, its files, the API and the command line say the same of a sponsor's period.</summary>
    private static async Task SameEverywhere(Serving serving, HttpClient ada)
    {
        var page = await ada.GetStringAsync(
            new Uri("/pi/awards/NSF-1?from=2026-10-04&last=2026-10-06", UriKind.Relative), Serving.Ct);
        Assert.Contains("$9.34", page, StringComparison.Ordinal);
        Assert.Contains("Lasts until Oct 13, 2026", page, StringComparison.Ordinal);
        var csv = await ada.GetStringAsync(
            new Uri("/pi/awards/NSF-1.csv?from=2026-10-04&last=2026-10-06", UriKind.Relative), Serving.Ct);
        var gross = await Explored(serving, "2026-10-04", "2026-10-07");
        var half = (await Report(serving, new(2026, 10, 4), new(2026, 10, 7))).Total;
        Assert.Contains(string.Create(
            CultureInfo.InvariantCulture, $"NSF-1,2026-10,stack/p-ada,{gross.Amount:0.00},"), csv,
            StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $",50,{half.Amount:0.00},USD"), csv,
            StringComparison.Ordinal);
        Assert.InRange(half.Cents * 2, gross.Cents - 2, gross.Cents + 2);
        var pdf = await ada.GetByteArrayAsync(new Uri("/pi/awards/NSF-1.pdf", UriKind.Relative), Serving.Ct);
        Assert.Equal("%PDF"u8.ToArray(), pdf[..4]);

        // Parts of a time come to the whole, to the cent, though each day's half is no whole cent.
        Assert.Equal((await Report(serving, null, null)).Total, Money.Sum([
            (await Report(serving, null, new(2026, 10, 4))).Total, half,
            (await Report(serving, new(2026, 10, 7), null)).Total]));

        using var key = await serving.WithKey(KeyScope.Read, null);
        using var api = JsonDocument.Parse(await key.GetStringAsync(new Uri(
            "/v1/awards/NSF-1?pi=ada@bu.edu&from=2026-10-04&to=2026-10-07", UriKind.Relative), Serving.Ct));
        Assert.Equal($"{half}", api.RootElement.GetProperty("total").GetString());
        var folder = Directory.CreateTempSubdirectory("exchange-awards-");
        var typed = await Typed.Done(
            $"awards report NSF-1 --pi ada@bu.edu --from 2026-10-04 --to 2026-10-07 --out {folder.FullName} --json",
            serving.Exchange.Database.ConnectionString, clock: new StoppedClock(Now));
        Assert.Equal($"{half}", JsonDocument.Parse(typed.Output).RootElement.GetProperty("total").GetString());
        Assert.Equal(csv, await File.ReadAllTextAsync(
            Path.Combine(folder.FullName, "award-NSF-1-2026-10-04-2026-10-07.csv"), Serving.Ct));
        folder.Delete(recursive: true);

        using var finance = await serving.As("finance");
        var all = await finance.GetStringAsync(
            new Uri("/finance/awards?pi=ada%40bu.edu", UriKind.Relative), Serving.Ct);
        Assert.Contains("stack/p-ada=50", all, StringComparison.Ordinal);
        Assert.Contains("$9.34", all, StringComparison.Ordinal);
        using var ben = await serving.As("ben");
        using var walled = await ben.GetAsync(new Uri("/pi/awards/NSF-1", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, walled.StatusCode);
        Assert.DoesNotContain("NSF-1", await ben.GetStringAsync(
            new Uri("/pi/awards", UriKind.Relative), Serving.Ct), StringComparison.Ordinal);
        await Refusals(serving, ada);
    }

    /// <summary>No two awards pay for more than all of a project, and what is wrong is said beside its field.</summary>
    private static async Task Refusals(Serving serving, HttpClient ada)
    {
        using var third = await UsedMonth.Submit(
            ada, "/pi/awards", "/pi/awards", ("number", "NIH-3"), ("sponsor", "NIH"), ("from", "2026-10-10"),
            ("last", "2027-10-09"), ("budget", "100"), ("projects", "stack/p-ada=0.01"), ("thresholds", ""),
            ("forecast", ""));
        Assert.Equal(HttpStatusCode.BadRequest, third.StatusCode);
        Assert.Contains("together pay for more than 100 % of stack/p-ada",
            await third.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);

        // After both have ended there is room.
        using var later = await UsedMonth.Submit(
            ada, "/pi/awards", "/pi/awards", ("number", "NIH-3"), ("sponsor", "NIH"), ("from", "2027-01-01"),
            ("last", "2027-12-31"), ("budget", "100"), ("projects", "stack/p-ada"), ("thresholds", ""),
            ("forecast", ""));
        Assert.Equal(HttpStatusCode.Redirect, later.StatusCode);
        using var removed = await UsedMonth.Submit(
            ada, "/pi/awards/NIH-3", "/pi/awards/NIH-3", ("do", "remove"), ("reason", "it was not granted"));
        Assert.Equal("/pi/awards", removed.Headers.Location?.ToString());
        Assert.Null((await Book(serving)).Find(Serving.Ada, "NIH-3"));
        var typed = await Typed.Line(
            "awards remove NIH-3 --pi ada@bu.edu --because x", serving.Exchange.Database.ConnectionString);
        Assert.Contains("awards/unknown", typed.Errors, StringComparison.Ordinal);
    }

    /// <summary>
    /// Drawn awards and days: awards that together pay for all of a project come to all of it on every day, an award
    /// pays nothing outside its time, and its rounding never drifts by more than a cent.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_cent_is_lost_or_paid_twice(int seed)
    {
        var random = new Random(seed);
        for (var drawn = 0; drawn < 200; drawn++)
        {
            var cuts = Enumerable.Range(0, random.Next(1, 4)).Select(_ => (decimal)random.Next(1, 3_300) / 100)
                .ToList();
            cuts.Add(100 - cuts.Sum());
            var awards = cuts.Select((percent, i) => Terms($"A-{i}", percent, Begin, Begin.PlusDays(40))).ToList();
            awards[0] = awards[0] with { To = Begin.PlusDays(random.Next(5, 40)) };
            var days = Enumerable.Range(0, 60).Select(i => new ProjectDay(
                "stack/p-ada", Begin.PlusDays(i), new(random.Next(-50, 400)), Money.Zero)).ToList();
            var shared = ShareDays.Run(awards, days);
            foreach (var day in days)
            {
                var paid = Money.Sum(shared.Where(one => one.Of.Day == day.Day).Select(one => one.Amount));
                if (day.Day < awards[0].To)
                {
                    Assert.Equal(day.Cost, paid);
                }
            }

            Assert.All(shared, one => Assert.True(one.Award.Covers(one.Of.Day)));
            foreach (var award in awards)
            {
                var mine = shared.Where(one => one.Award == award).ToList();
                var exact = days.Where(one => award.Covers(one.Day)).Sum(one => one.Cost.Amount) *
                    award.PercentOf("stack/p-ada") / 100;
                Assert.InRange(Money.Sum(mine.Select(one => one.Amount)).Amount - exact, -0.02m, 0.02m);
            }
        }
    }

    /// <summary>Before its begin nothing is forecast; after its end the forecast is what was spent.</summary>
    [Theory]
    [InlineData(-1, null, null)]
    [InlineData(1, null, null)]
    [InlineData(3, "30.00 USD", 10)]
    [InlineData(30, "10.00 USD", null)]
    public void An_award_lasts_or_is_used_up_on_a_day(int today, string? forecast, int? usedUp)
    {
        var terms = Terms("A", 100, Begin, Begin.PlusDays(30)) with { Budget = new(1_000) };
        var spent = Enumerable.Range(0, 10).Where(i => i < today || today == 30)
            .Select(i => (Begin.PlusDays(i), new Money(100)));
        var burn = AwardBurn.Of(terms, spent, Begin.PlusDays(today));
        Assert.Equal(forecast, burn.Forecast is { } of ? $"{of.Expected}" : null);
        Assert.Equal(
            usedUp is { } day ? Begin.PlusDays(day - 1) : today == 30 ? Begin.PlusDays(9) : null, burn.UsedUpOn);
    }

    /// <summary>An award of Ada's, for tests that ask every route.</summary>
    internal static Task Enter(Serving serving) => Set(serving, "NSF-2412345", 50, new(2027, 10, 1));

    private static Task<bool> Set(Serving serving, string number, decimal percent, LocalDate to) =>
        serving.Exchange.Commands.Execute(
            new SetAward(Terms(number, percent, Begin, to), "test"), Actors.Local("test"), Serving.Ct);

    private static AwardTerms Terms(string number, decimal percent, LocalDate from, LocalDate to) => new(
        Serving.Ada, number, "Department of Energy", from, to, new(100_000),
        [new(new("stack"), new("p-ada"), percent)])
    {
        Rules = new(AfterCredits: false, [80], [100]),
    };

    private static Task<AwardBook> Book(Serving serving) =>
        serving.Exchange.Journal.State(AwardBook.Fold, AwardBook.Id, Serving.Ct);

    private static async Task<AwardReport> Report(Serving serving, LocalDate? from, LocalDate? to) => AwardReport.Of(
        (await AwardStanding.Of(serving.Exchange, Serving.Ada, Now, Serving.Ct))[0], from, to);

    private static async Task<Money> Explored(Serving serving, string from, string to)
    {
        using var key = await serving.WithKey(KeyScope.Read, null);
        using var costs = JsonDocument.Parse(await key.GetStringAsync(new Uri(
            $"/v1/costs?from={from}&to={to}&project=p-ada&pi=ada@bu.edu", UriKind.Relative), Serving.Ct));
        return Money.Parse(costs.RootElement.GetProperty("total").GetProperty("cost").GetString()!, null);
    }

    private static async Task<IReadOnlyList<WebhookPayload>> Webhooks(Serving serving) =>
    [
        .. (await serving.Exchange.Journal.ReadAll(0, 10_000, Serving.Ct)).Select(
            recorded => WebhookPayload.For(recorded, null)).OfType<WebhookPayload>(),
    ];
}
