using System.Globalization;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Portal.Alerts;
using Exchange.Portal.Collecting;
using Exchange.Portal.Exports;
using Exchange.Portal.Mail;
using Exchange.Portal.Peers;
using Exchange.Portal.ReadModels;
using Exchange.Portal.Stripe;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Jobs;

/// <summary>Every job of an installation.</summary>
internal static class AllJobs
{
    private const string Exports =
        $"Writes the reports of closed months to the directory in {JobSettings.ExportsVariable}.";
    private const string Reminders = "Queues a reminder for each invoice that is overdue, once a week.";
    private const string Savings = "Queues a message to each PI of what could be saved, on Mondays.";
    private const string Mail = "Queues what is new and sends what is due, every five minutes.";
    private const string Stripes =
        "Puts open invoices to Stripe and notes what no webhook said, every ten minutes.";
    private static readonly string[] Reports = ["charges", "focus", "settlement", "journal", "invoices"];

    public static IReadOnlyList<Job> Of(JobSettings settings) =>
    [
        new("rating", "Rates every open month again, in the night.", "0 15 2 * * ?", Rate),
        new(
            "close", $"Closes the months that are over, on the day of the month in {JobSettings.CloseOnVariable}.",
            settings.CloseOn is { } day ? string.Create(CultureInfo.InvariantCulture, $"0 0 6 {day} * ?") : null,
            CloseWhatIsOver.Run) { Act = Permissions.CloseMonths },
        (settings.Exports is { } directory
            ? new("exports", Exports, "0 0 8 * * ?", (exchange, run, ct) => Export(exchange, directory, run, ct))
            : Off("exports", Exports, JobSettings.ExportsVariable)) with { Act = Permissions.SeeFinance },
        new("sources", "Notes which sources fell silent, every five minutes.", "0 1/5 * * * ?",
            (exchange, _, ct) => WatchSources.Run(exchange, ct)) { Act = Permissions.KeepMachine },
        new("budgets", "Notes which budgets were passed, every five minutes.", "0 2/5 * * * ?", Budgets),
        (settings.Mail is { } remind
            ? new("reminders", Reminders, "0 30 7 * * ?", (exchange, _, ct) => Remind(exchange, remind, ct))
            : Off("reminders", Reminders, MailSettings.Variable)) with { Act = Permissions.NotePayments },
        (settings.Mail is { } mail
            ? new("mail", Mail, "0 0/5 * * * ?", (exchange, _, ct) => Send(exchange, mail, ct))
            : Off("mail", Mail, MailSettings.Variable)) with { Act = Permissions.SendMail },
        (settings.Mail is { } weekly
            ? new("savings", Savings, "0 45 7 ? * MON", (exchange, _, ct) => Save(exchange, weekly, ct))
            : Off("savings", Savings, MailSettings.Variable)) with { Act = Permissions.SendMail },
        (settings.Stripe is { } stripe
            ? new("stripe", Stripes, "0 4/10 * * * ?", (exchange, run, ct) => AtStripe(exchange, stripe, run, ct))
            : Off("stripe", Stripes, StripeSettings.Variable)) with { Act = Permissions.NotePayments },
        new("peers", "Draws statements to other exchanges and sends what waits, every ten minutes.", "0 6/10 * * * ?",
            (exchange, _, ct) => SendStatements.Run(exchange, ct)) { Act = Permissions.KeepPeers },
        new(
            "verify", "Links every event and block to the one before it, adds up every invoice again and folds the " +
            "blocks again. It changes nothing.", null, Verify) { IsByHand = true, Act = Permissions.KeepMachine },
        new(
            "replay", "Drops every read model and builds it again from the journal and the blocks. Pages show less " +
            "until it is done.", null, Replay) { IsByHand = true, Act = Permissions.KeepMachine },
    ];

    /// <exception cref="RefusedException">There is no such job.</exception>
    public static Job Named(IReadOnlyList<Job> jobs, string name) =>
        jobs.FirstOrDefault(job => job.Name == name) ?? throw new RefusedException(new(
            "jobs/unknown", $"There is no job '{name}'. 'exchange jobs list' shows those that there are."));

    private static async Task<string> Rate(Composition exchange, JobRun run, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        await RateMonths.Run(exchange, run.Step, ct);
        return "Every open month is rated.";
    }

    /// <summary>A month's reports appear whole, under its name; what is there stays.</summary>
    private static async Task<string> Export(
        Composition exchange, string directory, JobRun run, CancellationToken ct)
    {
        var months = await exchange.Journal.State(Months.Fold, Months.Id, ct);
        var written = new List<string>();
        foreach (var month in months.Closed.Keys.Where(
            month => !Directory.Exists(Path.Combine(directory, month.ToString()))))
        {
            var unfinished = Path.Combine(directory, $".{month}.part");
            foreach (var report in Report.All.Where(report => Reports.Contains(report.Name)))
            {
                run.Step($"Writing {report.Name} of {month} …");
                await report.Write(new(exchange, month, unfinished, null, null, Policies.Corrected), ct);
            }

            Directory.Move(unfinished, Path.Combine(directory, month.ToString()));
            written.Add(month.ToString());
        }

        return written.Count == 0 ? "Every closed month is written." : $"Wrote {string.Join(", ", written)}.";
    }

    private static async Task<string> Budgets(Composition exchange, JobRun run, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        await WatchBudgets.Open(exchange, ct);
        await WatchAwards.Run(exchange, ct);
        return "Budgets were looked at.";
    }

    private static async Task<string> Remind(Composition exchange, MailSettings settings, CancellationToken ct)
    {
        var queued = await QueueReminders.Run(exchange, settings, ct);
        return $"{queued} reminders queued.";
    }

    private static async Task<string> Save(Composition exchange, MailSettings settings, CancellationToken ct)
    {
        var queued = await OfSavings.Run(exchange, settings, ct);
        return $"{queued} messages of savings queued.";
    }

    private static async Task<string> Send(Composition exchange, MailSettings settings, CancellationToken ct)
    {
        var queued = await QueueMail.Run(exchange, settings, null, ct);
        var sent = await SendMail.Run(exchange, settings, ct);
        var said = $"{queued} queued; {sent.Sent} sent, {sent.Failed} refused for good, {sent.Deferred} tried again " +
            "later.";
        return sent.Why is { } why ? throw new RefusedException(new("mail/server", $"{said} {why}")) : said;
    }

    private static async Task<string> Verify(Composition exchange, JobRun run, CancellationToken ct)
    {
        var (events, invoices, wrong) = await Operating.Verify(exchange, run.Step, ct);
        var counted = $"{events} events linked, {invoices} invoices added up, every block folded";
        return wrong.Count == 0
            ? $"Everything is as it was written: {counted}."
            : throw new RefusedException(new(
                "verify/differs",
                $"{counted}. Something differs: {string.Join("; ", wrong)}. Restore what was stored from a backup."));
    }

    private static async Task<string> Replay(Composition exchange, JobRun run, CancellationToken ct)
    {
        await Operating.Replay(exchange, run.Step, ct);
        return "Every read model was built again.";
    }

    private static async Task<string> AtStripe(
        Composition exchange, StripeSettings settings, JobRun run, CancellationToken ct)
    {
        using var http = StripeClient.Connect();
        var stripe = new StripeClient(http, settings);
        var came = await StripeEvents.Replay(exchange, stripe, settings, ct); // What was paid is not asked for.
        var put = await PushInvoices.Run(exchange, stripe, run.Step, ct);
        var said = $"{came.Done} noted, {came.Refused} refused; {put}";
        return put.Refused.Count == 0 ? said : throw new RefusedException(new("stripe/refused", said));
    }

    /// <summary>A job that lacks a setting: it is listed, and neither scheduled nor run by hand.</summary>
    private static Job Off(string name, string what, string variable)
    {
        var refusal = new Refusal(
            "jobs/off", $"Job '{name}' is off here, because {variable} is not set. Set it and repeat.", name);
        return new(name, what, null, (_, _, _) => throw new RefusedException(refusal), refusal);
    }
}
