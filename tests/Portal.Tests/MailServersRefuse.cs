using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Exchange.Portal.Jobs;
using Exchange.Portal.Mail;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A mail server that is not trusted, that refuses the login, or that says nothing: the run ends at once, everything
/// stays queued, and the reason is told without the password.
/// </summary>
public sealed class MailServersRefuse
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "exchange");

    [Fact]
    public async Task A_certificate_of_nobody_and_a_wrong_password_end_the_run_and_give_no_message_up()
    {
        await using var server = await MailServerWithLogin.Start();
        await using var serving = await Serving.Start();
        await Queue(serving, 5);
        var (right, wrong) = (server.Setting(MailServerWithLogin.Right), server.Setting("wr0ng:p@ss"));

        var met = server.Met;
        await Refused(serving, right, null, "is not trusted", attempts: 1);
        await Refused(serving, wrong, server.Certificate, "it refused the login: 535", attempts: 2);
        Assert.Equal(met + 2, server.Met); // Once in each run, and not once for each message.
        Assert.Equal(0, server.Taken);

        await Due(serving);
        var (exit, said) = await Mail(serving, right, server.Certificate);
        Assert.Equal((0, 5), (exit, server.Taken));
        Assert.Contains("5 sent, 0 refused for good, 0 tried again later.", said, StringComparison.Ordinal);
        Assert.All(await Rows(serving), row => Assert.Equal(("sent", null), (row.State, row.Why)));
    }

    [Theory]
    [InlineData(true, "", 0, 1)]
    [InlineData(true, "PLAIN", 0, 1)]
    [InlineData(false, "PLAIN", 0, 1)]
    [InlineData(false, "LOGIN", 0, 1)]
    [InlineData(true, "", 4, 4)]
    public async Task Servers_of_each_kind_take_many_messages_over_one_connection(
        bool implicitTls, string only, int most, int connections)
    {
        await using var server = await MailServerWithLogin.Start(implicitTls, only, most);
        await using var serving = await Serving.Start();
        await Queue(serving, 15);

        var (exit, said) = await Mail(serving, server.Setting(MailServerWithLogin.Right), server.Certificate);

        Assert.Contains("15 sent, 0 refused for good, 0 tried again later.", said, StringComparison.Ordinal);
        Assert.Equal((0, 15, connections), (exit, server.Taken, server.Connections));
    }

    [Fact]
    public async Task A_server_that_is_away_for_days_costs_no_message()
    {
        await using var serving = await Serving.Start();
        await Queue(serving, 2);
        var settings = MailSettings.Parse($"smtp://127.0.0.1:{Ports.Free()}?from=a@b.org");
        for (var attempt = 1; attempt <= 14; attempt++)
        {
            Assert.Equal(2, (await SendMail.Run(serving.Exchange, settings, Serving.Ct)).Deferred);
            Assert.All(await Rows(serving), row =>
                Assert.Equal(("queued", int.Min(attempt, 6)), (row.State, row.Attempts)));
            Assert.Equal(new(0, 0, 0), await SendMail.Run(serving.Exchange, settings, Serving.Ct));
            await Due(serving);
        }
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_not_waited_for()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var settings = MailSettings.Parse($"smtp://u:s3cret@{silent.LocalEndpoint}?from=a@b.org");
        Assert.Equal(
            $"The mail server {silent.LocalEndpoint} does not answer within 0.3 s.",
            await MailServer.Fault(settings, TimeSpan.FromSeconds(0.3), Serving.Ct));
        using var gone = new CancellationTokenSource(TimeSpan.FromSeconds(0.1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            MailServer.Fault(settings, MailServer.Patience, gone.Token));
    }

    [Theory]
    [InlineData("220-hello\r\n220 there\r\n|250 you\r\n|221 bye\r\n", null)]
    [InlineData("554 go away\r\n", "it refused the greeting: 554 go away")]
    [InlineData("220 hello\r\n|421 too busy\r\n", "it refused EHLO: 421 too busy")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", "it refused the greeting: HTTP/1.1 400 Bad Request")]
    [InlineData("220 hello\r\n|", "it hung up.")]
    public async Task What_a_server_answers_is_told(string answers, string? why)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serves = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync(Serving.Ct);
            foreach (var (answer, n) in answers.Split('|').Select((answer, n) => (answer, n)))
            {
                _ = n > 0 ? await client.GetStream().ReadAsync(new byte[1_000], Serving.Ct) : 0;
                await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer), Serving.Ct);
            }
        }, Serving.Ct);
        var settings = MailSettings.Parse($"smtp://{listener.LocalEndpoint}?from=a@b.org");
        var fault = await MailServer.Fault(settings, MailServer.Patience, Serving.Ct);
        await serves;
        Assert.Equal(why is null ? null : $"The mail server {listener.LocalEndpoint}: {why}", fault);
    }

    private static async Task Refused(
        Serving serving, string setting, string? certificate, string why, int attempts)
    {
        await Due(serving);
        var (exit, said) = await Mail(serving, setting, certificate);
        Assert.NotEqual(0, exit);
        Assert.All(await Rows(serving), row =>
        {
            Assert.Equal(("queued", attempts), (row.State, row.Attempts));
            Assert.Contains(why, row.Why, StringComparison.Ordinal);
        });

        var job = (await JobList.Run(
            await serving.Connection(), AllJobs.Of(new(null, null, MailSettings.Parse(setting))),
            Serving.Ct)).Single(job => job.Name == "mail");
        Assert.Equal("failed", job.State);
        Assert.Contains("0 sent, 0 refused for good, 5 tried again later.", job.Said, StringComparison.Ordinal);
        Assert.Contains(why, job.Said, StringComparison.Ordinal);
        using var operators = await serving.As("operator");
        var page = await operators.GetStringAsync(new Uri("/mail", UriKind.Relative), Serving.Ct);
        Assert.Contains(why, page, StringComparison.Ordinal);
        Assert.All((string[])[said, job.Said, page], told =>
            Assert.DoesNotMatch("p@ss|cjFnaHQ6|d3IwbmC|d3IwbmM6", told));
    }

    private static async Task<(int Exit, string Said)> Mail(Serving serving, string setting, string? certificate)
    {
        var start = new ProcessStartInfo(
            Program,
            [
                "--data", serving.Exchange.Place.Data, "--database", serving.Exchange.Place.Database!, "jobs", "run",
                "mail",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[MailSettings.Variable] = setting;
        if (certificate is not null)
        {
            start.Environment["SSL_CERT_FILE"] = certificate;
        }

        using var process = Process.Start(start)!;
        var said = await Task.WhenAll(
            process.StandardOutput.ReadToEndAsync(Serving.Ct), process.StandardError.ReadToEndAsync(Serving.Ct));
        await process.WaitForExitAsync(Serving.Ct);
        return (process.ExitCode, string.Concat(said));
    }

    private static Task<int> Queue(Serving serving, int messages) => Outbox.Queue(
        serving.Exchange.Database,
        Enumerable.Range(0, messages).Select(i => new Message($"note:{i}", "ada@bu.edu", "Note", "Text", null)),
        "example.org", SystemClock.Instance.GetCurrentInstant() - Duration.FromMinutes(1), Serving.Ct);

    private static async Task Due(Serving serving) => await Exchange.Journal.Statements.Execute(
        serving.Exchange.Database, "update exchange.outbox set next_at = queued_at", [], Serving.Ct);

    private static async Task<IReadOnlyList<MailRow>> Rows(Serving serving)
    {
        await using var connection = await serving.Exchange.Database.OpenConnectionAsync(Serving.Ct);
        return await Outbox.List(connection, 10, Serving.Ct);
    }
}
