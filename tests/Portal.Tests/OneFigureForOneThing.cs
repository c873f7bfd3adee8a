using System.Globalization;
using Exchange.Invoicing.Charging;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Exports;
using Exchange.Portal.Keys;
using Exchange.Portal.ReadModels;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// The same open month at every door comes to the same cents, and each says until when.
/// </summary>
public class OneFigureForOneThing
{
    private static readonly Instant Now = Instant.FromUtc(2026, 10, 20, 12, 0);

    /// <summary>
    /// Ada has 4 SU for 240 h and, from the 12th on, 2 SU that run: 204 h until the 20th at noon. (960 + 408) × 0.013 =
    /// 17.784; Ben has 800 SU for 240 h: 2,496.00.
    /// </summary>
    [Fact]
    public async Task An_open_month_is_the_same_at_every_door()
    {
        await using var serving = await UsedMonth.Start(Now);
        var exchange = serving.Exchange;
        await Runs(serving);
        await RateMonths.Run(exchange, _ => { }, Serving.Ct);

        var plan = (await CloseMonth.Plan(
            exchange.Sources, UsedMonth.Month, Policies.Corrected, Now, Serving.Ct)).Plan!;
        var lines = plan.Drafts.Single(draft => draft.Pi == Serving.Ada).Lines;
        var owed = Money.Sum(lines.Select(line => line.PiBalance));
        Assert.Equal((251_378L, 1_778L, Now), (
            plan.Total.Cents, Money.Sum(lines.Select(line => line.Amount)).Cents, plan.AsOf));

        var sum = await (await RatingNow.Read(exchange.Sources, Serving.Ct)).Sum(
            UsedMonth.Month, Policies.Corrected, Now, Serving.Ct);
        Assert.Equal((plan.Total, Now), (sum.Rated.Total, sum.AsOf));
        var exported = new List<BilledLine>();
        await foreach (var line in MonthLines.Of(exchange.Sources, new(UsedMonth.Month) { Now = Now }, Serving.Ct))
        {
            exported.Add(line);
        }

        Assert.Equal(plan.Total, Money.Sum(exported.Select(line => line.Line.Amount)));
        foreach (var programme in exchange.Programmes)
        {
            var standing = await ProgrammeStanding.Of(
                exchange.Sources, programme.Id, UsedMonth.Month, Now, Serving.Ct);
            Assert.Equal(
                Money.Sum(lines.SelectMany(line => line.Funds).Where(share => share.Fund == programme.Id)
                    .Select(share => share.Amount)),
                Money.Sum(standing.Pis.Where(pi => pi.Pi == Serving.Ada).Select(pi => pi.Used)));
        }

        using var finance = await serving.As("finance");
        Assert.Contains("2,513.78", await Page(finance, "/finance"), StringComparison.Ordinal);
        Assert.Contains("2,513.78", await Page(finance, "/finance/close?month=2026-10"), StringComparison.Ordinal);
        using var ada = await serving.As("ada");
        var own = await Page(ada, "/pi?month=2026-10");
        Assert.Contains("17.78", own, StringComparison.Ordinal);
        Assert.Contains($"{Web.Show.Of(owed)}", own, StringComparison.Ordinal);
        using var key = await serving.WithKey(KeyScope.Read, null);
        Assert.Equal(plan.Total.Amount, Amounts(await Page(key, "/v1/exports/charges?month=2026-10")));
        Assert.Contains("17.78", await Page(key, "/v1/charges?month=2026-10"), StringComparison.Ordinal);
    }

    private static async Task Runs(Serving serving)
    {
        const string State = """
            {"specversion":"1.0","id":"on","source":"urn:test","type":"exchange.usage.state.v1","subject":"vm-runs",
            "time":"2026-10-12T00:00:00Z","data":{"landlord":"nerc","cluster":"stack","project":"p-ada","kind":"vm",
            "state":"running","shape":{"vcpu":2,"ram_mib":8192} } }
            """;
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        using var answer = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
            State.ReplaceLineEndings("") + "\n", "application/x-ndjson"), Serving.Ct);
        Assert.Equal(202, (int)answer.StatusCode);
    }

    private static decimal Amounts(string csv)
    {
        var rows = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var column = rows[0].TrimEnd('\r').Split(',').ToList().IndexOf("amount");
        return rows.Skip(1).Sum(row => decimal.Parse(row.Split(',')[column], CultureInfo.InvariantCulture));
    }

    private static Task<string> Page(HttpClient client, string address) =>
        client.GetStringAsync(new Uri(address, UriKind.Relative), Serving.Ct);
}
