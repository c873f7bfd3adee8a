using Exchange.Invoicing;
using Exchange.Journal;
using Exchange.Portal.Budgets;
using Exchange.Portal.Stripe;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Mail;

/// <summary>
/// A job: queues what people are to be told – their invoices, and that a budget was passed. It looks at what there is,
/// so a crash between an invoice and its message loses neither.
/// </summary>
internal static class QueueMail
{
    /// <summary>What is older is no news: switching mail on does not send last year's invoices.</summary>
    internal static readonly Duration News = Duration.FromDays(14);

    /// <param name="month">Queues the invoices of a month whatever their age; null for what is news.</param>
    /// <returns>How many messages are new.</returns>
    public static async Task<int> Run(
        Composition exchange, MailSettings settings, BillingMonth? month, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        var now = exchange.Clock.GetCurrentInstant();
        var messages = new List<Message>();
        var told = await Recipients.Read(exchange, ct);
        await using var connection = await exchange.Database.OpenConnectionAsync(ct);
        foreach (var document in await Issued(exchange, month, now, ct))
        {
            if (told.Of(document.Kind, document.To) is { } recipient)
            {
                messages.Add(await Of(exchange, connection, document, recipient, ct));
            }
        }

        messages.AddRange(await OfBudgets(exchange, now, ct));
        messages.AddRange(await OfAwards.Passed(exchange, now - News, ct));
        messages.AddRange(await OfSources.Silent(exchange, settings, now - News, ct));
        return await Outbox.Queue(exchange.Database, messages, settings.From.Host, now, ct);
    }

    /// <summary>An invoice or a credit note that somebody is to get.</summary>
    /// <param name="Id">What the message is called in the outbox.</param>
    /// <param name="Kind">pi, institution, payer or group.</param>
    private sealed record Document(string Id, string Number, string Month, string Kind, string To);

    private static async Task<IReadOnlyList<Document>> Issued(
        Composition exchange, BillingMonth? month, Instant now, CancellationToken ct)
    {
        const string Sql = """
            select id, number, month, kind, account
            from (select 'invoice:' || number as id, number, month, 'pi' as kind, account, issued_at as at
                  from invoicing.invoice where number is not null and status <> 'void' and lines > 0
                  union all
                  select 'invoice:' || number, number, month, kind, party, issued_at
                  from invoicing.party_invoice where status <> 'void' and lines > 0
                  union all
                  select 'credit:' || c.number, c.number, i.month, 'pi', i.account, c.at
                  from invoicing.credit c join invoicing.invoice i on i.id = c.invoice
                  union all
                  select 'credit:' || c.number, c.number, i.month, i.kind, i.party, c.at
                  from invoicing.party_credit c join invoicing.party_invoice i on i.number = c.invoice) news
            where (month = $1 or ($1 = '' and at >= $2))
              and not exists (select from exchange.outbox o where o.id = news.id)
            order by number
            limit 100000
            """;

        var found = new List<Document>();
        await using var command = exchange.Database.Statement(
            Sql, [month?.ToString() ?? "", now - News]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetString(4)));
        }

        return found;
    }

    private static async Task<Message> Of(
        Composition exchange, NpgsqlConnection connection, Document issued, string recipient, CancellationToken ct)
    {
        var document = await FindInvoice.DocumentOf(exchange.Journal, exchange.Database, issued.Number, ct);
        var use = issued.Kind == "pi" ? "for your group's use of the shared clouds in" : "for the shared clouds in";
        var totals = document.Totals.Select(total => $"{total.Label}: {total.Amount}");
        var online = await StripeBook.PayAt(connection, issued.Number, ct) is { } at ? $"\n\nPay online: {at}" : "";
        return new(
            issued.Id, recipient, $"{document.Title} for {issued.Month}",
            $"""
            {document.Title} {use} {issued.Month} is attached.

            {string.Join('\n', totals)}{Pay(document)}{online}

            {string.Join("\n\n", document.Notes)}
            {Signature(document)}
            """, issued.Number);
    }

    /// <summary>When, under which PO number and where to pay, of a document that says so.</summary>
    private static string Pay(InvoiceDocument document)
    {
        var facts = document.Facts.Where(fact => fact.Label is "PO number" or "Terms")
            .Concat(document.Facts.Where(fact => fact.Label == "Due" && document.Remittance.Length > 0))
            .Select(fact => $"\n{fact.Label}: {fact.Value}");
        var pay = document.Remittance.Length > 0
            ? $"\n\nPayment instructions:\n{string.Join('\n', document.Remittance)}" : "";
        return string.Concat(facts) + pay;
    }

    /// <summary>Who issued it, where that was ever published.</summary>
    private static string Signature(InvoiceDocument document) =>
        document.From.SequenceEqual(Issuer.Lines) ? "" : $"\n{string.Join('\n', document.From)}\n";

    private static async Task<IReadOnlyList<Message>> OfBudgets(
        Composition exchange, Instant now, CancellationToken ct)
    {
        var messages = new List<Message>();
        foreach (var owner in await BudgetList.All(exchange.Database, null, ct))
        {
            var budget = await exchange.Journal.State(Budget.Fold, owner.Id, ct);
            messages.AddRange(budget.Told.Where(passed => passed.At >= now - News)
                .SelectMany(passed => OfBudget(owner, budget, passed)));
        }

        return messages;
    }

    /// <summary>For the PI, and for whom the budget names beside them.</summary>
    private static IEnumerable<Message> OfBudget(BudgetOwner owner, Budget budget, BudgetEvent.Passed passed)
    {
        var own = OfBudget(owner, budget, passed, "your budget", "you set");
        var theirs = OfBudget(owner, budget, passed, $"the budget of {owner.Pi}", $"{owner.Pi} set");
        return (budget.Rules.Also ?? [])
            .Where(one => !string.Equals(one, owner.Pi.Value, StringComparison.OrdinalIgnoreCase))
            .Select(one => theirs with { Id = $"{own.Id}:{one}", Recipient = one }).Prepend(own);
    }

    private static Message OfBudget(
        BudgetOwner owner, Budget budget, BudgetEvent.Passed passed, string whose, string set)
    {
        var of = owner.Project.Length == 0 ? whose : $"{whose} of {owner.Project}";
        var basis = budget.Rules.AfterCredits ? "after credits" : "before credits";
        var (kind, group) = (passed.IsForecast == true ? ":forecast" : "", set == "you set" ? "Your" : "The");
        return new(
            $"budget:{owner.Id}:{passed.Month}:{passed.Percent}:{passed.Amount.Cents}{kind}", owner.Pi.Value,
            passed.IsForecast == true
                ? $"{passed.Month} is going to pass {passed.Percent} % of {of}"
                : $"{passed.Percent} % of {of} for {passed.Month} is spent",
            passed.IsForecast == true
                ? $"""
                    If {passed.Month} goes on as its last days, it comes to {passed.Spent} {basis}: {passed.Percent} %
                    or more of the {passed.Amount} that {set} as its budget. Nothing was stopped.

                    """
                : $"""
                    {group} group has spent {passed.Spent} in {passed.Month}, {basis}: {passed.Percent} % or more of the
                    {passed.Amount} that {set} as its budget. Nothing was stopped.

                    """, null);
    }
}
