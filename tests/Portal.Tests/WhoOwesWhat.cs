using System.Net;
using Exchange.Invoicing.Reading;
using Exchange.Portal.Keys;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Finance sees how old what is owed is, as of any day, and notes what institutions and payers paid.
/// </summary>
public class WhoOwesWhat
{
    private static readonly LocalDate Day = new(2026, 11, 5);

    [Fact]
    public void A_payment_ends_what_it_was_for_and_the_rest_the_oldest()
    {
        var aged = Assert.Single(Ageing.Of(
            [
                Moved("a", "old", -100, 500), Moved("a", "middle", -45, 300), Moved("a", "new", -1, 200),
                Moved("a", "middle", -10, -300), Moved("a", "taken", -5, -550), Moved("b", "x", 0, 10),
                Moved("b", "x", 0, -10),
            ], Day));
        Assert.Equal(
            ("a", 150L, 0L, 0L, 0L, 0L), (aged.Account, aged.UpTo30.Cents, aged.UpTo60.Cents, aged.UpTo90.Cents,
                aged.Older.Cents, aged.Credit.Cents));
        var much = Assert.Single(Ageing.Of([Moved("a", "i", -90, 100), Moved("a", "i", -1, -130)], Day));
        Assert.Equal((0L, -30L, -30L), (much.UpTo90.Cents, much.Credit.Cents, much.Open.Cents));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(30, 0)]
    [InlineData(31, 1)]
    [InlineData(60, 1)]
    [InlineData(61, 2)]
    [InlineData(90, 2)]
    [InlineData(91, 3)]
    public void Ages_meet_without_gap(int days, int column)
    {
        var aged = Assert.Single(Ageing.Of([Moved("a", "i", -days, 7)], Day));
        Assert.Equal(column, ((Money[])[aged.UpTo30, aged.UpTo60, aged.UpTo90, aged.Older]).ToList()
            .FindIndex(part => !part.IsZero));
    }

    [Fact]
    public async Task Ageing_comes_to_the_receivables_of_the_trial_balance_and_payers_pay_on_a_page()
    {
        await using var serving = await UsedMonth.Start();
        using (var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc))
        {
            using var sent = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
                UsedMonth.Event("vm-much", "p-ada", 340), "application/x-ndjson"), Serving.Ct);
        }

        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        var connection = await serving.Connection();
        async Task<Money> Receivables() => Money.Sum(
            (await TrialBalance.Run(connection, Instant.FromUtc(2026, 11, 6, 0, 0), Serving.Ct))
                .Where(account => account.Account.StartsWith("receivable:", StringComparison.Ordinal))
                .Select(account => account.Balance));
        Assert.Equal(await Receivables(),
            Money.Sum((await Ageing.Run(connection, Day, Serving.Ct)).Select(a => a.Open)));
        Assert.Empty(await Ageing.Run(connection, Day.PlusDays(-1), Serving.Ct));

        var list = await finance.GetStringAsync(new Uri("/finance/parties", UriKind.Relative), Serving.Ct);
        var number = list.Split("/finance/parties/PY-")[1].Split('"')[0];
        var page = $"/finance/parties/PY-{number}";
        using var wrong = await UsedMonth.Submit(
            finance, page, $"{page}/payments", ("reference", "wire 1"), ("amount", "99,99"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var early = await UsedMonth.Submit(finance, page, $"{page}/void", ("because", "x"), ("confirm", "no"));
        Assert.Equal(HttpStatusCode.BadRequest, early.StatusCode);
        using var paid = await UsedMonth.Submit(
            finance, page, $"{page}/payments", ("reference", "wire 1"), ("amount", "13.28"));
        Assert.Equal(page, paid.Headers.Location?.ToString());
        Assert.Contains(
            "wire 1", await finance.GetStringAsync(new Uri(page, UriKind.Relative), Serving.Ct),
            StringComparison.Ordinal);
        using var pdf = await finance.GetAsync(new Uri($"{page}.pdf", UriKind.Relative), Serving.Ct);
        Assert.Equal("%PDF"u8.ToArray(), (await pdf.Content.ReadAsByteArrayAsync(Serving.Ct))[..4]);
        var ageing = await finance.GetStringAsync(
            new Uri("/finance/ageing?csv=ageing", UriKind.Relative), Serving.Ct);
        Assert.Contains("receivable:payer:bu-research-it,60,0,0,0,0,60", ageing, StringComparison.Ordinal);
        var aged = await finance.GetStringAsync(new Uri("/finance/ageing", UriKind.Relative), Serving.Ct);
        Assert.DoesNotContain("receivable:", aged, StringComparison.Ordinal); // Who owes, not how the ledger calls it.
        Assert.Contains(">bu-research-it</a> (payer)", aged, StringComparison.Ordinal);
        Assert.Contains("\"/finance/customers/pi%3Aben%40mit.edu\">ben@mit.edu</a>", aged, StringComparison.Ordinal);
        Assert.Equal(await Receivables(),
            Money.Sum((await Ageing.Run(connection, Day, Serving.Ct)).Select(a => a.Open)));
        using var none = await finance.GetAsync(new Uri("/finance/parties/PY-0000", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Reports_of_a_closed_month_are_taken_as_files_and_were_not_there_the_day_before()
    {
        await using var serving = await UsedMonth.Start();
        using var finance = await serving.As("finance");
        const string Charges = "/finance/reports/charges.zip?month=2026-10";
        using var open = await finance.GetAsync(new Uri(Charges, UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, open.StatusCode);
        await UsedMonth.Close(serving);
        var page = await finance.GetStringAsync(new Uri("/finance/reports", UriKind.Relative), Serving.Ct);
        Assert.Contains(Charges, page, StringComparison.Ordinal);
        var before = await finance.GetStringAsync(
            new Uri("/finance/reports?asOf=2026-11-04", UriKind.Relative), Serving.Ct);
        Assert.DoesNotContain(Charges, before, StringComparison.Ordinal);
        using var zip = new System.IO.Compression.ZipArchive(
            await finance.GetStreamAsync(new Uri(Charges, UriKind.Relative), Serving.Ct));
        using var text = new StreamReader(Assert.Single(zip.Entries).Open());
        Assert.Contains("ada@bu.edu", await text.ReadToEndAsync(Serving.Ct), StringComparison.Ordinal);
        using var none = await finance.GetAsync(
            new Uri("/finance/reports/..%2F.zip?month=2026-10", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    private static Ageing.Moved Moved(string account, string reference, int days, long cents) =>
        new(account, reference, Day.PlusDays(days), new(cents));
}
