using System.Globalization;
using Exchange.Journal;
using NodaTime;
using NodaTime.Text;
using Npgsql;

namespace Exchange.Portal.Mail;

/// <summary>
/// One reminder of each stage for each invoice that is overdue and open; of stages that passed at once the last.
/// </summary>
internal static class QueueReminders
{
    /// <returns>How many messages are new.</returns>
    public static async Task<int> Run(Composition exchange, MailSettings settings, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        var now = exchange.Clock.GetCurrentInstant();
        var told = await Recipients.Read(exchange, ct);
        var messages = new List<Message>();
        foreach (var overdue in await Find(exchange.Database, now.InUtc().Date, ct))
        {
            if (StageOf(settings, overdue.DaysPastDue) is { } stage &&
                told.Of(overdue.Kind, overdue.Account) is { } recipient)
            {
                messages.Add(Reminder(overdue, stage, stage + 1 == settings.ReminderDays.Length, recipient));
            }
        }

        return await Outbox.Queue(exchange.Database, messages, settings.From.Host, now, ct);
    }

    /// <summary>An invoice that is past due, and what of it is asked for.</summary>
    /// <param name="Kind">pi, institution, payer or group.</param>
    /// <param name="HasDocument">Whether there is one to attach: an invoice that was taken over has none.</param>
    private sealed record OverdueInvoice(
        string Number, string Kind, string Account, string Month, LocalDate Due, Money Open, int DaysPastDue,
        bool HasDocument);

    /// <summary>
    /// What a credit of the same account covers is not asked for: it ends the oldest first, as an account would.
    /// </summary>
    private static async Task<IReadOnlyList<OverdueInvoice>> Find(
        NpgsqlDataSource database, LocalDate today, CancellationToken ct)
    {
        const string Sql = """
            with document as (
              select number, 'pi' as kind, coalesce(person, account) as account, month, due,
                     open, lines > 0 as has_document
              from invoicing.invoice left join invoicing.alias on alias = account
              where status not in ('void', 'taken', 'draft') and number is not null
              union all
              select number, kind, party, month, due, open, lines > 0
              from invoicing.party_invoice
              where status <> 'void'
              union all
              select null, split_part(account, ':', 2),
                     coalesce(person, regexp_replace(account, '^unapplied:[a-z]+:', '')), null, null,
                     sum(cents)::bigint, false
              from invoicing.posting left join invoicing.alias on account = 'unapplied:pi:' || alias
              where account like 'unapplied:%'
              group by account, person),
            asked as (
              select number, kind, account, month, due, open, has_document,
                     sum(greatest(open, 0)) over (partition by kind, account order by due, number)
                       + sum(least(open, 0)) over (partition by kind, account) as uncovered
              from document)
            select number, kind, account, month, due, least(open, uncovered)::bigint, $1::date - due, has_document
            from asked
            where due < $1 and open > 0 and uncovered > 0
            order by number
            limit 100000
            """;

        await using var command = database.Statement(Sql, [today]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<OverdueInvoice>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.GetString(3),
                rows.GetFieldValue<LocalDate>(4), new(rows.GetInt64(5)), rows.GetInt32(6), rows.GetBoolean(7)));
        }

        return found;
    }

    /// <summary>The last stage of reminders that this many days past due have reached; null before the first.</summary>
    private static int? StageOf(MailSettings settings, int daysPastDue) =>
        settings.ReminderDays.Count(day => day <= daysPastDue) is var reached and > 0 ? reached - 1 : null;

    private static Message Reminder(OverdueInvoice of, int stage, bool isLast, string recipient)
    {
        var attached = of.HasDocument ? " The invoice is attached." : "";
        return new(
            string.Create(CultureInfo.InvariantCulture, $"reminder:{of.Number}:{stage}"), recipient,
            (stage == 0 ? "" : isLast ? "Final reminder: " : "Reminder: ") +
                $"Invoice {of.Number} for {of.Month} is overdue",
            $"""
            {of.Open} of invoice {of.Number} for {of.Month} are open.
            They were due on {LocalDatePattern.Iso.Format(of.Due)}.{attached}

            """, of.HasDocument ? of.Number : null);
    }
}
