using System.Text.RegularExpressions;
using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Portal.Budgets;
using Exchange.Portal.Commands;
using Exchange.Portal.Jobs;
using Exchange.Portal.Mail;
using Exchange.Rating;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Invoices and alerts by e-mail, through a real server. Seen to fail when two senders did not lock what they sent, and
/// when the Message-ID was made anew.
/// </summary>
public sealed partial class MailGoesOut
{
    [Fact]
    public async Task Each_PI_gets_their_invoice_once_with_its_PDF()
    {
        await using var server = await TestMailServer.Start();
        await using var serving = await Closed();

        Assert.Equal((2, new SendMail.MailSent(2, 0, 0)), await Send(serving.Exchange, server.Setting));
        Assert.Equal((0, new SendMail.MailSent(0, 0, 0)), await Send(serving.Exchange, server.Setting));
        using var finance = await serving.As("finance");
        var month = await finance.GetStringAsync(new Uri("/finance/month?month=2026-10", UriKind.Relative), Serving.Ct);
        Assert.Contains("2 of 2 invoices", month, StringComparison.Ordinal);
        Assert.DoesNotContain("aria-current=\"step\"", month, StringComparison.Ordinal); // All of them are done.

        var came = server.Came;
        Assert.Equal(2, came.Count);
        var ada = came.Single(mail => mail.Contains("To: ada@bu.edu", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("Subject: Invoice PI-2026-0001 for 2026-10", ada, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("From: billing@example.org", ada, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("PI-2026-0001.pdf", ada, StringComparison.Ordinal);
        Assert.Contains(Convert.ToBase64String("%PDF-1."u8)[..8], ada, StringComparison.Ordinal);
        Assert.DoesNotContain("ben@mit.edu", ada, StringComparison.Ordinal);
        Assert.Equal(2, came.Select(IdOf).Distinct().Count());
    }

    /// <summary>Where mail is sent, the page of a closed month starts the job that sends it.</summary>
    [Fact]
    public async Task Finance_sends_a_closed_month_from_its_page()
    {
        await using var closed = await Closed();
        Job mail = new("mail", "Queues.", null, async (exchange, _, ct) =>
            $"{await QueueMail.Run(exchange, MailSettings.Parse("smtp://127.0.0.1:1?from=a@example.org"), null, ct)}");
        await using var serving = await Serving.Start(
            new StoppedClock(UsedMonth.Now), jobs: [mail], database: closed.Exchange.Place.Database);
        using var finance = await serving.As("finance");
        using var started = await UsedMonth.Submit(finance, "/finance/month?month=2026-10", "/jobs/mail/run");
        Assert.Equal("/jobs/mail", started.Headers.Location?.ToString());
    }

    [Fact]
    public async Task A_group_gets_its_statement_and_whoever_owed_gets_the_credit_note()
    {
        await using var server = await TestMailServer.Start();
        await using var serving = await UsedMonth.Start();
        var (exchange, now) = (serving.Exchange, UsedMonth.Now);
        await exchange.Journal.Execute(
            new ChangePrepaid("prepaid", "", (all, _) => PrepaidGroups.Open(all, "Lab", "lab@mit.edu", "test", now)), now, Serving.Ct);
        await exchange.Journal.Execute(
            new ChangePrepaid("prepaid", "", (all, _) => PrepaidGroups.Pay(all, new("Lab", "wire", new(500), UsedMonth.Month, "test", now))), now, Serving.Ct);
        await exchange.Journal.Execute(
            new ChangePrepaid("prepaid", "", (all, _) => PrepaidGroups.Cover(all, new("Lab", "p-ben", UsedMonth.Month, null, "test", now))), now, Serving.Ct);
        await UsedMonth.UseMuch(serving);
        await UsedMonth.Close(serving);

        // The institution of Ada and the payer of her subsidy have no address for invoices.
        Assert.Equal((3, new SendMail.MailSent(3, 0, 0)), await Send(exchange, server.Setting));
        await exchange.Journal.Execute(
                new CreditInvoice(exchange.Database, "PI-2026-0002", new(100), "an outage"), now, Serving.Ct);
        await exchange.Journal.Execute(
                new CreditInvoice(exchange.Database, "IN-2026-0001", new(1), "an outage"), now, Serving.Ct);
        Assert.Equal((1, new SendMail.MailSent(1, 0, 0)), await Send(exchange, server.Setting));

        Assert.Equal(
            ["ada@bu.edu PI-2026-0001.pdf", "ben@mit.edu CN-2026-0001.pdf", "ben@mit.edu PI-2026-0002.pdf",
             "lab@mit.edu PG-2026-0001.pdf"],
            server.Came.Select(mail => $"{To().Match(mail).Groups[1].Value} {Attached().Match(mail).Value}")
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Institutions_and_payers_get_theirs_where_their_files_say()
    {
        var recipients = new Recipients(
            Institutions.Parse("""
                institutions:
                  - name: Boston University
                    domains: [bu.edu]
                    billing_email: payable@bu.edu
                  - name: MIT
                    domains: [mit.edu]
                """, "institutions.yaml"),
            [ProgrammeFile.Parse("""
                programme: subsidy
                kind: subsidy
                payer: research-it
                payer_email: it@bu.edu
                order: 1
                terms: [{from: 2026-01, amount: "100"}]
                """, "subsidy.yaml")], PrepaidGroups.None);

        Assert.Equal(
            new[] { "payable@bu.edu", null, null, "it@bu.edu", null, null, "ada@bu.edu" },
            new[]
            {
                recipients.Of("institution", "Boston University"), recipients.Of("institution", "MIT"),
                recipients.Of("institution", "Gone"), recipients.Of("payer", "research-it"),
                recipients.Of("payer", "other"), recipients.Of("group", "Gone"), recipients.Of("pi", "ada@bu.edu"),
            });
        Assert.Equal("yaml/bad-value", Assert.Throws<RefusedException>(() => Institutions.Parse(
            "institutions: [{name: A, domains: [a.edu], billing_email: nobody}]", "i.yaml")).Refusal.Code);
    }

    [Fact]
    public async Task A_crash_after_the_server_took_it_sends_it_again_under_the_same_id()
    {
        await using var server = await TestMailServer.Start();
        await using var serving = await Closed();
        await Run(serving, """
            create function exchange.crash() returns trigger language plpgsql as $$ begin raise 'crash'; end $$;
            create trigger crash before update on exchange.outbox for each row execute function exchange.crash()
            """);
        await Assert.ThrowsAsync<PostgresException>(() => Send(serving.Exchange, server.Setting));
        await Run(serving, "drop trigger crash on exchange.outbox");

        Assert.Equal((0, new SendMail.MailSent(2, 0, 0)), await Send(serving.Exchange, server.Setting));

        Assert.Equal([1, 2], server.Came.GroupBy(IdOf).Select(same => same.Count()).Order());
    }

    [Fact]
    public async Task While_the_server_is_away_nothing_is_lost_and_it_is_tried_again_later()
    {
        var port = Ports.Free();
        await using var serving = await Closed();
        var url = $"smtp://127.0.0.1:{port}?from=billing@example.org";
        var (queued, sent) = await Send(serving.Exchange, url);
        Assert.Equal((2, new SendMail.MailSent(0, 0, 2, sent.Why)), (queued, sent));
        Assert.Contains($"The mail server 127.0.0.1:{port}: Connection refused", sent.Why, StringComparison.Ordinal);
        Assert.Equal((0, new SendMail.MailSent(0, 0, 0)), await Send(serving.Exchange, url)); // Not before a minute.
        Assert.All(await Outbox.List(await serving.Connection(), 10, Serving.Ct), row =>
        {
            Assert.Equal(("queued", 1), (row.State, row.Attempts));
            Assert.NotEmpty(row.Why!);
        });

        await using var server = await TestMailServer.Start(port);
        await Run(serving, "update exchange.outbox set next_at = next_at - interval '2 minutes'");
        Assert.Equal((0, new SendMail.MailSent(2, 0, 0)), await Send(serving.Exchange, url));
        Assert.Equal(2, server.Came.Count);
    }

    [Fact]
    public async Task Two_senders_at_once_send_each_message_once()
    {
        await using var server = await TestMailServer.Start();
        await using var serving = await Serving.Start(new StoppedClock(UsedMonth.Now));
        await Outbox.Queue(
            serving.Exchange.Database,
            Enumerable.Range(0, 30).Select(
                i => new Message($"note:{i}", "ada@bu.edu", $"Note {i}", "Здравствуйте", null)),
            "example.org", UsedMonth.Now, Serving.Ct);

        var sent = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => SendMail.Run(
            serving.Exchange, MailSettings.Parse(server.Setting), Serving.Ct)));

        Assert.Equal(30, sent.Sum(outcome => outcome.Sent));
        Assert.Equal(30, server.Came.Select(IdOf).Distinct().Count());
        Assert.Equal(30, server.Came.Count);
    }

    [Fact]
    public async Task A_passed_budget_is_told_once_and_what_is_no_address_is_given_up()
    {
        await using var server = await TestMailServer.Start();
        await using var serving = await Serving.Start(new StoppedClock(UsedMonth.Now));
        await serving.Exchange.Journal.Append(
            [
                .. new[] { "ada@bu.edu", "nobody" }.Select(pi => StreamAppend.Of<BudgetEvent>($"budget-{pi}", 0,
                [
                    new BudgetEvent.Set(new(1_000), pi, UsedMonth.Now),
                    new BudgetEvent.Passed(
                        UsedMonth.Month, 80, new(850), new(1_000), UsedMonth.Now - Duration.FromDays(1)),
                    new BudgetEvent.Passed(
                        UsedMonth.Month, 100, new(1_850), new(1_000), UsedMonth.Now - Duration.FromDays(20)),
                ])),
            ], Serving.Ct);

        Assert.Equal((2, new SendMail.MailSent(1, 1, 0)), await Send(serving.Exchange, server.Setting));
        Assert.Equal((0, new SendMail.MailSent(0, 0, 0)), await Send(serving.Exchange, server.Setting));

        Assert.Contains("80 % of your budget for 2026-10 is spent", server.Came.Single(), StringComparison.Ordinal);
        Assert.Contains("'nobody' is not an address.", (await Outbox.List(await serving.Connection(), 10, Serving.Ct))
            .Single(row => row.State == "failed").Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("smtp://u:p%40ss@mail.example.org?from=a@b.org", "mail.example.org", 587, "u", "p@ss", false)]
    [InlineData("smtp://localhost:2525?from=a@b.org", "localhost", 2525, null, null, true)]
    [InlineData("smtp://u:p@localhost?from=a@b.org", "localhost", 587, "u", "p", false)]
    public void Settings_are_one_URL(
        string setting, string host, int port, string? user, string? password, bool isPlain) => Assert.Equal(
            (host, port, user, password, "a@b.org", isPlain),
            MailSettings.Parse(setting) is var s
                ? (s.Host, s.Port, s.User, s.Password, s.From.Address, s.IsPlain) : default);

    [Theory]
    [InlineData("smtps://u:p@mail.example.org?from=a@b.org", 465, true)]
    [InlineData("smtps://localhost?from=a@b.org", 465, true)]
    [InlineData("smtp://u:p@mail.example.org:465?from=a@b.org", 465, true)]
    [InlineData("smtp://u:p@mail.example.org:2525?from=a@b.org", 2525, false)]
    public void TLS_comes_first_where_the_setting_says_so(string setting, int port, bool isImplicit) => Assert.Equal(
        (port, isImplicit, false),
        MailSettings.Parse(setting) is var s ? (s.Port, s.IsImplicit, s.IsPlain) : default);

    [Theory]
    [InlineData("mail.example.org")]
    [InlineData("http://mail.example.org?from=a@b.org")]
    [InlineData("smtp://mail.example.org")]
    [InlineData("smtp://mail.example.org?from=nobody")]
    public void Settings_that_cannot_be_read_are_refused(string setting) => Assert.Equal(
        "mail/settings", Assert.Throws<RefusedException>(() => MailSettings.Parse(setting)).Refusal.Code);

    private static async Task<Serving> Closed()
    {
        var serving = await UsedMonth.Start();
        await CloseAndWrite.Run(
            serving.Exchange,
            new(UsedMonth.Month, "corrected", new HashSet<string>(), Actors.Local("test")), _ => { }, Serving.Ct);
        return serving;
    }

    private static async Task<(int Queued, SendMail.MailSent Sent)> Send(Composition exchange, string url)
    {
        var settings = MailSettings.Parse(url);
        var queued = await QueueMail.Run(exchange, settings, null, Serving.Ct);
        return (queued, await SendMail.Run(exchange, settings, Serving.Ct));
    }

    private static async Task Run(Serving serving, string sql) =>
        await serving.Exchange.Database.Execute(sql, [], Serving.Ct);

    internal static string IdOf(string mail) => Id().Match(mail).Groups[1].Value is { Length: > 20 } id
        ? id
        : throw new InvalidOperationException($"No Message-ID in: {mail}");

    [GeneratedRegex("^Message-ID:\\s*(<[^>]+>)", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Id();

    [GeneratedRegex("[A-Z]{2}-[0-9]{4}-[0-9]{4}\\.pdf")]
    private static partial Regex Attached();

    [GeneratedRegex("^To: (.*?)\\s*$", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex To();
}
