using System.Net;
using System.Text.Json;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Keys;
using Exchange.Portal.Mail;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A quarter as finance lives it, on pages, at the command line and by key: say who issues, accrue, close, send,
/// receive the bank's file, apply credit, chase, write off, pay landlords, and hand the journal to an ERP. The books
/// balance after each step.
/// </summary>
public sealed class FinancesQuarter : IDisposable
{
    internal const string Chart = """
        chart:
          company: OCX01
          source: OCX
          accounts:
            - {match: "receivable:*", account: "12100"}
            - {match: "payable:*", account: "21100"}
            - {match: "accrued:*", account: "12190"}
            - {match: "revenue:*", account: "41000"}
            - {match: "promotion:*", account: "61000"}
            - {match: "credits:*", account: "62000"}
            - {match: "written-off:*", account: "63000"}
            - {match: "unapplied:*", account: "21900"}
            - {match: cash, account: "10100"}
        """;

    private static readonly string[] Quarter = ["2026-10", "2026-11", "2026-12", "2027-01"];

    private readonly string _folder = Directory.CreateTempSubdirectory("exchange-quarter-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Is_walked_from_the_first_close_to_the_journal()
    {
        await using var server = await TestMailServer.Start();
        var clock = new SetClock { Now = UsedMonth.Now };
        await using var serving = await UsedMonth.Start(clock: clock);
        using var finance = await serving.As("finance");
        var database = serving.Exchange.Place.Database!;

        // Who issues, and the accrual of October, which nobody closed yet.
        await Typed.Done(
            "settings set --name \"Massachusetts Open Cloud\" --remittance \"Account 42\" --terms-days 20", database,
            clock: clock);
        await Redirects(UsedMonth.Submit(
            finance, "/finance/accounts", "/finance/accounts/accrue", ("month", "2026-10")));
        Assert.Equal(0, await Balance(database, clock, "posted"));
        Assert.Contains("accrued:receivable:pi:ben@mit.edu", await Get(
            finance, "/finance/accounts?month=2026-10&by=posted"), StringComparison.Ordinal);

        // Close and send.
        await UsedMonth.Close(serving);
        var ben = await Row(serving, "PI-2026-0002");
        Assert.Equal(("ben@mit.edu", new LocalDate(2026, 11, 25)), (ben.Account.Name, ben.Due!.Value));
        Assert.DoesNotContain("accrued:receivable:pi:ben@mit.edu", await Open(database, clock, "period"));
        var settings = MailSettings.Parse(server.Setting);
        Assert.Equal(2, await QueueMail.Run(serving.Exchange, settings, null, Serving.Ct));
        Assert.Equal(2, (await SendMail.Run(serving.Exchange, settings, Serving.Ct)).Sent);
        Assert.Contains(server.Came, mail => mail.Contains("PI-2026-0002.pdf", StringComparison.Ordinal));

        // The bank's file pays a part; a credit note takes 100.00 off; a transfer too much is kept and applied.
        clock.Now = Instant.FromUtc(2026, 11, 11, 9, 0);
        using var receiving = await serving.As("finance"); // Who signed in a week ago signs in again.
        var list = "date,amount,reference,text\n2026-11-10,1000.00,B-1,for PI-2026-0002\n";
        using (var done = await UsedMonth.RecordList(receiving, list, ("take", "1")))
        {
            Assert.Contains("Payments recorded", await done.Content.ReadAsStringAsync(Serving.Ct),
                StringComparison.Ordinal);
        }

        await Redirects(UsedMonth.Submit(receiving, "/invoices/PI-2026-0002", "/invoices/PI-2026-0002/corrections",
            ("do", "credit"), ("credit", "100.00"), ("because", "an outage")));
        Assert.Equal(ben.Owed - new Money(110_000), (await Row(serving, "PI-2026-0002")).BalanceDue);
        await Balanced(database, clock);

        // Past due on November 26: one reminder, for what is still open, with where to pay to.
        clock.Now = Instant.FromUtc(2026, 11, 26, 9, 0);
        using var chasing = await serving.As("finance");
        Assert.Equal(1, await QueueReminders.Run(serving.Exchange, settings, Serving.Ct));
        var open = (await Row(serving, "PI-2026-0002")).BalanceDue;
        Assert.Contains($"{open} of invoice PI-2026-0002", await Body(serving, "reminder:PI-2026-0002:0"),
            StringComparison.Ordinal);

        // A program of finance records what came; the rest is written off.
        using var key = await serving.WithKey(KeyScope.Finance, null);
        using (var paid = await key.PostAsync(new Uri("/v1/payments", UriKind.Relative), Serving.Json(
            """{"account":"pi:ben@mit.edu","reference":"B-2","amount":"300.00 USD","date":"2026-11-25"}""",
            "application/json"), Serving.Ct))
        {
            Assert.Equal(HttpStatusCode.OK, paid.StatusCode);
        }

        // So does a credit note that it gives; a part of a cent is refused.
        await Asked(key, "/v1/credit-notes", """{"number":"PI-2026-0002","amount":"0.505 USD","reason":"-"}""", 400);
        var note = await Asked(
            key, "/v1/credit-notes", """{"number":"PI-2026-0002","amount":"0.50 USD","reason":"an outage"}""");
        Assert.Equal("0.50 USD", note.GetProperty("amount").GetString());
        var account = await TheApi.Json(key, "/v1/accounts/pi%3Aben%40mit.edu");
        Assert.Equal($"{open - new Money(30_050)}", account.GetProperty("closing").GetString());
        await Redirects(UsedMonth.Submit(chasing, "/invoices/PI-2026-0002", "/invoices/PI-2026-0002/corrections",
            ("do", "write-off"), ("because", "the group has left")));
        Assert.True((await Row(serving, "PI-2026-0002")).BalanceDue.IsZero);
        Assert.Equal(0, await QueueReminders.Run(serving.Exchange, settings, Serving.Ct));
        await Balanced(database, clock);

        // The landlord accepts and is paid, and nothing is open any more.
        using var nerc = await serving.As("nerc");
        await Redirects(UsedMonth.Submit(nerc, "/landlord/statements/landlord/2026-10",
            "/landlord/statements/landlord/2026-10", ("do", "accept")));
        var owed = JsonDocument.Parse((await Typed.Done("payouts list --json", database, clock: clock)).Output)
            .RootElement.EnumerateArray().Single(row => row.GetProperty("payee").GetString() == "landlord:nerc")
            .GetProperty("open").GetString();
        await Typed.Done(
            $"payouts record nerc --reference out-10 --amount \"{owed}\" --month 2026-10", database, clock: clock);
        Assert.Equal("0.00 USD", (await TheApi.Json(key, "/v1/payouts")).GetProperty("items").EnumerateArray()
            .Single(row => row.GetProperty("payee").GetString() == "landlord:nerc").GetProperty("open").GetString());

        // What went to the wrong person is taken back by key and issued again at once; asked twice, it is done once.
        const string Void = """{"number":"PI-2026-0001","reason":"to the wrong person","reissue":true}""";
        var gone = await Asked(key, "/v1/voids", Void);
        var again = gone.GetProperty("reissued").EnumerateArray().Single().GetString()!;
        Assert.Equal((await Row(serving, "PI-2026-0001")).Total, (await Row(serving, again)).Total);
        Assert.False((await Asked(key, "/v1/voids", Void)).GetProperty("isNew").GetBoolean());

        await RestOfQuarter(serving, clock);

        // The journal of the quarter goes to the ERP, and comes to nothing in all.
        await File.WriteAllTextAsync(Path.Combine(_folder, "chart.yaml"), Chart, Serving.Ct);
        await Typed.Done($"settings publish {_folder}/chart.yaml", database, clock: clock);
        foreach (var month in Quarter)
        {
            await Typed.Done(
                $"export journal --month {month} --out {_folder} --as workday --by posted", database, clock: clock);
            Assert.Equal(0, Sum(await File.ReadAllLinesAsync(
                Path.Combine(_folder, $"journal-{month}.workday.csv"), Serving.Ct)));
        }

        await Balanced(database, clock);
        Assert.Contains("everything is as it was written", (await Typed.Done(
            "verify", database, clock: clock)).Output, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// November and December on pages: closed, paid by the bank's camt.053 with 50.00 too much, which are kept until
    /// finance applies them to December's invoice, and the landlord is paid both months.
    /// </summary>
    private static async Task RestOfQuarter(Serving serving, SetClock clock)
    {
        const string Ben = "/finance/customers/pi%3Aben%40mit.edu";
        const string Payee = "/finance/payouts/landlord%3Anerc";
        foreach (var (month, day) in (((string, Instant)[])[
            ("2026-11", Instant.FromUtc(2026, 12, 5, 9, 0)), ("2026-12", Instant.FromUtc(2027, 1, 5, 9, 0))]))
        {
            clock.Now = day;
            await UsedMonth.Use(serving, month, ("p-ben", 40));
            using var finance = await serving.As("finance");
            await Redirects(UsedMonth.Submit(finance, $"/finance/close?month={month}", "/finance/close",
                ("policies", "corrected"), ("confirm", month)));
            var invoice = (await InvoiceList.Run(serving.Exchange.Database, new(BillingMonth.Parse(month, null)),
                Serving.Ct)).Single(row => row.Account.Name == "ben@mit.edu");
            if (month == "2026-11")
            {
                await Redirects(UsedMonth.Submit(finance, Ben, $"{Ben}/credit", ("do", "keep")));
                using var done = await UsedMonth.RecordList(
                    finance, Camt(invoice.BalanceDue + new Money(5_000), invoice.Number!), ("take", "1"));
                Assert.Contains("Payments recorded", await done.Content.ReadAsStringAsync(Serving.Ct),
                    StringComparison.Ordinal);
                Assert.True((await Row(serving, invoice.Number!)).BalanceDue.IsZero);
            }
            else
            {
                Assert.Equal(invoice.Owed, invoice.BalanceDue);
                await Redirects(UsedMonth.Submit(finance, Ben, $"{Ben}/credit", ("do", "apply")));
                Assert.Equal(invoice.Owed - new Money(5_000), (await Row(serving, invoice.Number!)).BalanceDue);
            }

            using var nerc = await serving.As("nerc");
            var statement = $"/landlord/statements/landlord/{month}";
            await Redirects(UsedMonth.Submit(nerc, statement, statement, ("do", "accept")));
            var open = (await Exchange.Invoicing.Payouts.PayeeList.Run(serving.Exchange.Database, Serving.Ct))
                .Single(row => row.Payee.ToString() == "landlord:nerc").Open;
            await Redirects(UsedMonth.Submit(finance, Payee, Payee,
                ("reference", $"out-{month}"), ("amount", $"{open.Amount}"), ("month", month)));
            await Balanced(serving.Exchange.Place.Database!, clock);
        }
    }

    /// <summary>A bank's camt.053 with one payment.</summary>
    internal static string Camt(Money amount, string about) => $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S1</Id>
        <Ntry><NtryRef>1</NtryRef><Amt Ccy="USD">{amount.Plain}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
        <Sts><Cd>BOOK</Cd></Sts><ValDt><Dt>2026-12-04</Dt></ValDt><AcctSvcrRef>C-1</AcctSvcrRef><NtryDtls><TxDtls>
        <RmtInf><Ustrd>Invoice {about}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>
        """;

    /// <summary>Debits less credits, of a file with the columns of Workday; it has both.</summary>
    internal static decimal Sum(string[] lines)
    {
        var heading = lines[0].Split(',').ToList();
        decimal Of(string column) => lines.Skip(1)
            .Select(line => line.Split(',')[heading.IndexOf(column)]).Where(cell => cell.Length > 0)
            .Sum(cell => decimal.Parse(cell, System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(Of("L_DebitAmount") > 0);
        return Of("L_DebitAmount") - Of("L_CreditAmount");
    }

    private static async Task Balanced(string database, IClock clock)
    {
        Assert.Equal(0, await Balance(database, clock, "period"));
        Assert.Equal(0, await Balance(database, clock, "posted"));
    }

    private static async Task<long> Balance(string database, IClock clock, string by)
    {
        var sum = Money.Zero;
        foreach (var month in Quarter)
        {
            foreach (var row in JsonDocument.Parse((await Typed.Done(
                $"ledger balance --month {month} --by {by} --json", database, clock: clock)).Output).RootElement
                .EnumerateArray())
            {
                sum += Money.Parse(row.GetProperty("balance").GetString()!, null);
            }
        }

        return sum.Cents;
    }

    private static async Task<IReadOnlyList<string>> Open(string database, IClock clock, string by) =>
    [
        .. JsonDocument.Parse((await Typed.Done(
                $"ledger balance --month 2026-10 --by {by} --json", database, clock: clock)).Output).RootElement
            .EnumerateArray().Where(row => row.GetProperty("balance").GetString() != "0.00 USD")
            .Select(row => row.GetProperty("account").GetString()!),
    ];

    private static async Task<JsonElement> Asked(HttpClient key, string route, string body, int status = 200)
    {
        using var answer = await key.PostAsync(
            new Uri(route, UriKind.Relative), Serving.Json(body, "application/json"), Serving.Ct);
        var told = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.True((int)answer.StatusCode == status, told);
        return JsonDocument.Parse(told).RootElement;
    }

    private static async Task Redirects(Task<HttpResponseMessage> submitted)
    {
        using var answer = await submitted;
        Assert.True(
            answer.StatusCode == HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync(Serving.Ct));
    }

    private static async Task<InvoiceRow> Row(Serving serving, string number) =>
        (await InvoiceList.Run(serving.Exchange.Database, new(Number: number), Serving.Ct)).Single();

    private static Task<string> Get(HttpClient client, string page) =>
        client.GetStringAsync(new Uri(page, UriKind.Relative), Serving.Ct);

    private static async Task<string> Body(Serving serving, string id)
    {
        await using var command = serving.Exchange.Database.Statement(
            "select body from exchange.outbox where id = $1", [id]);
        return (string)(await command.ExecuteScalarAsync(Serving.Ct))!;
    }
}
