using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Budgets;
using NodaTime;

namespace Exchange.Portal.Mail;

/// <summary>
/// A job: queues what people are to be told – their invoices, and that a budget was passed. It looks at what there is,
/// so a crash between an invoice and its message loses neither.
/// </summary>
internal static class QueueMail
{
    /// <summary>What is older is no news: switching mail on does not send last year's invoices.</summary>
    private static readonly Duration News = Duration.FromDays(14);

    /// <param name="month">Queues the invoices of a month whatever their age; null for what is news.</param>
    /// <returns>How many messages are new.</returns>
    public static async Task<int> Run(
        Composition exchange, MailSettings settings, BillingMonth? month, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        var now = exchange.Clock.GetCurrentInstant();
        var messages = new List<Message>();
        foreach (var row in await Issued(exchange, month, now, ct))
        {
            messages.Add(await OfInvoice(exchange, row, ct));
        }

        messages.AddRange(await OfBudgets(exchange, now, ct));
        return await Outbox.Queue(exchange.Database, messages, settings.From.Host, now, ct);
    }

    /// <summary>One reminder a week for each invoice that is overdue and open.</summary>
    public static async Task<int> Reminders(Composition exchange, MailSettings settings, CancellationToken ct)
    {
        const string Sql = """
            select number, account, month, due, owed - paid - credited, ($1::date - due - 1) / 7
            from invoicing.invoice
            where status = 'issued' and due < $1 and owed - paid - credited > 0
            order by number
            limit 100000
            """;

        await exchange.Projections.CatchUp(ct);
        var now = exchange.Clock.GetCurrentInstant();
        var messages = new List<Message>();
        await using (var command = exchange.Database.Statement(Sql, [now.InUtc().Date.ToDateOnly()]))
        {
            await using var rows = await command.ExecuteReaderAsync(ct);
            while (await rows.ReadAsync(ct))
            {
                messages.Add(new(
                    $"reminder:{rows.GetString(0)}:{rows.GetInt32(5)}", rows.GetString(1),
                    $"Invoice {rows.GetString(0)} for {rows.GetString(2)} is overdue",
                    $"""
                    {new Money(rows.GetInt64(4))} of invoice {rows.GetString(0)} for {rows.GetString(2)} are open.
                    They were due on {rows.GetFieldValue<DateOnly>(3):yyyy-MM-dd}. The invoice is attached.

                    """, rows.GetString(0)));
            }
        }

        return await Outbox.Queue(exchange.Database, messages, settings.From.Host, now, ct);
    }

    private static async Task<IReadOnlyList<InvoiceRow>> Issued(
        Composition exchange, BillingMonth? month, Instant now, CancellationToken ct)
    {
        const string Sql = """
            select i.number
            from invoicing.invoice i
            where i.number is not null and i.status <> 'void'
              and (i.month = $1 or ($1 = '' and i.issued_at >= $2))
              and not exists (select from exchange.outbox o where o.id = 'invoice:' || i.number)
            order by i.number
            limit 100000
            """;

        var numbers = new List<string>();
        await using (var command = exchange.Database.Statement(
            Sql, [month?.ToString() ?? "", (now - News).ToDateTimeUtc()]))
        {
            await using var rows = await command.ExecuteReaderAsync(ct);
            while (await rows.ReadAsync(ct))
            {
                numbers.Add(rows.GetString(0));
            }
        }

        var found = new List<InvoiceRow>();
        foreach (var number in numbers)
        {
            found.AddRange(await InvoiceList.Run(exchange.Database, new(Number: number, Limit: 1), ct));
        }

        return found;
    }

    private static async Task<Message> OfInvoice(Composition exchange, InvoiceRow row, CancellationToken ct)
    {
        var document = await FindInvoice.DocumentOf(exchange.Journal, exchange.Database, row.Number!, ct);
        return new(
            $"invoice:{row.Number}", row.Account.Name, $"{document.Title} for {row.Month}",
            $"""
            {document.Title} for your group's use of the shared clouds in {row.Month} is attached.

            {string.Join('\n', document.Totals.Select(total => $"{total.Label}: {total.Amount}"))}

            {string.Join("\n\n", document.Notes)}

            """, row.Number);
    }

    private static async Task<IReadOnlyList<Message>> OfBudgets(
        Composition exchange, Instant now, CancellationToken ct)
    {
        const string Sql = "select pi from exchange.budget order by pi";
        var pis = new List<string>();
        await using (var command = exchange.Database.Statement(Sql, []))
        {
            await using var rows = await command.ExecuteReaderAsync(ct);
            while (await rows.ReadAsync(ct))
            {
                pis.Add(rows.GetString(0));
            }
        }

        var messages = new List<Message>();
        foreach (var pi in pis)
        {
            var budget = await exchange.Journal.State(Budget.Fold, pi, ct);
            messages.AddRange(budget.Told.Where(passed => passed.At >= now - News).Select(passed => new Message(
                $"budget:{pi}:{passed.Month}:{passed.Percent}:{passed.Amount.Cents}", pi,
                $"{passed.Percent} % of your budget for {passed.Month} is spent",
                $"""
                Your group has spent {passed.Spent} in {passed.Month}: {passed.Percent} % or more of the
                {passed.Amount} that you set as its budget. Nothing was stopped.

                """, null)));
        }

        return messages;
    }
}
