using System.CommandLine;
using Exchange.Portal.Mail;

namespace Exchange.Portal.Cli;

/// <summary>exchange mail send | remind | list — invoices, reminders and alerts by e-mail, through a server that is
/// named.</summary>
internal static class Mailing
{
    public static Command Command() => new("mail", "Sends invoices, reminders and alerts, and shows what went out.")
    {
        Send(), Remind(), List(),
    };

    private static Command Send()
    {
        var month = Settings.Value<BillingMonth>(
            "--month", "MONTH", "Queue the invoices of a month, whatever their age; otherwise those of two weeks.");
        var server = Server();
        return new Command("send", "Queues what is new and sends what is due.") { month, server }.Does((verb, ct) =>
            Go(verb, server, (exchange, settings) => QueueMail.Run(exchange, settings, verb.Get(month), ct), ct));
    }

    private static Command Remind()
    {
        var server = Server();
        return new Command("remind", "Sends a reminder for each invoice that is past due, by its stage.") { server }
            .Does((verb, ct) => Go(
                verb, server, (exchange, settings) => QueueReminders.Run(exchange, settings, ct), ct));
    }

    private static Option<string> Server() => new("--server")
    {
        Description = $"The mail server, like smtp://…?from=…; {MailSettings.Variable} otherwise.",
        HelpName = "URL",
    };

    /// <summary>Queues something, and sends whatever is due.</summary>
    private static async Task<Answer> Go(
        Verb verb, Option<string> server, Func<Composition, MailSettings, Task<int>> queue, CancellationToken ct)
    {
        var settings = (verb.Get(server) is { } named ? MailSettings.Parse(named) : MailSettings.Here()) ??
            throw new RefusedException(new(
                "mail/off",
                $"No mail server is named. Give '--server' or set {MailSettings.Variable}, like " +
                "'smtp://user:password@mail.example.org:587?from=billing@example.org'."));
        await using var exchange = await verb.Open(ct);
        var queued = await queue(exchange, settings);
        var sent = await verb.Terminal.Progress("Sending …", _ => SendMail.Run(exchange, settings, ct));
        return new(
            new { queued, sent.Sent, sent.Failed, sent.Deferred, sent.Why },
            terminal => terminal.Say(
                $"{queued} queued; {sent.Sent} sent, {sent.Failed} refused for good, {sent.Deferred} tried again " +
                $"later.{(sent.Why is { } why ? $" {why}" : "")}"),
            sent.Failed + sent.Deferred > 0 ? ExitCode.Refused : ExitCode.Done);
    }

    private static Command List() => new Command("list", "Lists what is to go out and what went, newest first.").Does(
        async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            await using var connection = await exchange.Database.OpenConnectionAsync(ct);
            var rows = await Outbox.List(connection, 1_000, ct);
            return new(rows, terminal => terminal.Table(
                ["about", "to", "subject", "state", "attempts", "sent", "why"],
                rows.Select(r => (IReadOnlyList<string>)[
                    r.Id, r.Recipient, r.Subject, r.State, r.Attempts.ToString(provider: null),
                    r.SentAt is { } at ? Exchange.Text.Of(at) : "", r.Why ?? ""])));
        });
}
