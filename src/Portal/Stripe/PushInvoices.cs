using Exchange.Invoicing;
using Exchange.Journal;
using NodaTime;
using StripeInvoice = Stripe.Invoice;

namespace Exchange.Portal.Stripe;

/// <summary>
/// 'exchange stripe push' — puts to Stripe what PIs owe, and what became of it since. It can be run again at any
/// point: a draft that was cut short is deleted and made again, and what is finished is left alone.
/// </summary>
internal static class PushInvoices
{
    private const int MaxItems = 200; // Stripe takes 250 on an invoice.

    /// <summary>How many were opened for payment, credited, taken back, and paid in another way.</summary>
    public sealed record InvoicesPushed(int Opened, int Credited, int Voided, int Elsewhere)
    {
        /// <summary>Which invoices Stripe refused, and why; the others were put there all the same.</summary>
        public IReadOnlyList<Refusal> Refused { get; init; } = [];

        public override string ToString() =>
            $"{Opened} opened for payment, {Credited} credited, {Voided} taken back, {Elsewhere} paid in another way" +
            (Refused.Count == 0 ? "."
                : $", {Refused.Count} refused: " +
                    string.Join(" ", Refused.Select(one => $"{one.Where}: {one.Message}")));
    }

    /// <exception cref="RefusedException">Stripe refuses the key, or is away.</exception>
    public static async Task<InvoicesPushed> Run(
        Composition exchange, StripeClient stripe, Action<string> step, CancellationToken ct)
    {
        await using var alone = await exchange.Database.OpenConnectionAsync(ct);
        await using var transaction = await alone.BeginTransactionAsync(ct);
        await alone.Execute(
            "select pg_advisory_xact_lock(hashtextextended('exchange stripe push', 0))", [], ct);
        await exchange.Projections.CatchUp(ct);
        var outcome = new InvoicesPushed(0, 0, 0, 0);
        foreach (var row in await StripeBook.Waiting(exchange.Database, ct))
        {
            step($"Putting {row.Number} to Stripe …");
            try
            {
                outcome = await Put(exchange, stripe, row, outcome, ct);
            }
            catch (RefusedException e) when (e.Refusal.Code is "stripe/refused" or "stripe/total")
            {
                outcome = outcome with
                {
                    Refused = [.. outcome.Refused, e.Refusal with { Where = row.Number }],
                };
            }
        }

        return outcome;
    }

    private static async Task<InvoicesPushed> Put(
        Composition exchange, StripeClient stripe, StripeRow row, InvoicesPushed outcome, CancellationToken ct) =>
        (row.Status, row.State) switch
        {
            ("issued", "open") => await Credit(exchange, stripe, row, ct)
                ? outcome with { Credited = outcome.Credited + 1 } : outcome,
            ("issued", _) => await Open(exchange, stripe, row, ct)
                ? outcome with { Opened = outcome.Opened + 1 } : outcome,
            ("paid", "open") => await PaidElsewhere(exchange, stripe, row, ct)
                ? outcome with { Elsewhere = outcome.Elsewhere + 1 } : outcome,
            _ => await TakeBack(exchange, stripe, row, ct)
                ? outcome with { Voided = outcome.Voided + 1 } : outcome,
        };

    private static async Task<bool> Open(
        Composition exchange, StripeClient stripe, StripeRow row, CancellationToken ct)
    {
        var customer = await CustomerOf(exchange, stripe, row.Account, ct);
        var at = row.State is null ? null : await Found(stripe, row, customer, ct);
        if (at is { Status: "draft" } && at.Total != row.Open.Cents)
        {
            await stripe.DeleteDraft(at.Id, ct);
            at = null;
        }

        if (at is null)
        {
            var attempt = row.Attempt + 1;
            await StripeBook.Begin(exchange.Database, row.Number, attempt, ct);
            at = await Draft(exchange, stripe, row with { Attempt = attempt }, customer, ct);
        }

        if (at.Status == "draft")
        {
            at = await stripe.Finalise(Key(row, "finalise", at.Id), at.Id, ct);
        }

        await StripeBook.Note(exchange.Database, row.Number, at, "open", row.Credited, ct);
        return true;
    }

    private static async Task<StripeInvoice> Draft(
        Composition exchange, StripeClient stripe, StripeRow row, string customer, CancellationToken ct)
    {
        // Stripe takes no day that is over.
        var tomorrow = exchange.Clock.GetCurrentInstant() + Duration.FromDays(1);
        var due = Instant.Max(tomorrow, row.Due.PlusDays(1).AtMidnight().InUtc().ToInstant() - Duration.FromSeconds(1));
        var made = await stripe.AddInvoice(
            Key(row, "invoice"), customer, row.Number, $"Use of shared clouds, invoice {row.Number}", due, ct);
        await StripeBook.Note(exchange.Database, row.Number, made, "begun", row.Credited, ct);
        var place = 0;
        foreach (var (what, amount) in await Items(exchange, row, ct))
        {
            await stripe.AddItem(Key(row, $"item-{++place}"), made, customer, amount, what, ct);
        }

        var drawn = await stripe.Invoice(made.Id, ct);
        return drawn.Total == row.Open.Cents && drawn.Currency == "usd"
            ? drawn
            : throw new RefusedException(new(
                "stripe/total",
                $"Stripe adds {row.Number} up to {new Money(drawn.Total)}, but {row.Open} are open. It was not made " +
                "final. Push again; if this stays, look for what else changes invoices in that account.", row.Number));
    }

    /// <summary>What is owed by landlord and project; what was paid or credited before is a line of its own.</summary>
    private static async Task<IReadOnlyList<(string What, Money Amount)>> Items(
        Composition exchange, StripeRow row, CancellationToken ct)
    {
        var invoice = (Invoice.Issued)await exchange.Journal.State(Invoice.Fold, row.Id, ct);
        var lines = invoice.Content.Lines;
        var isShort = lines.Select(line => (line.Landlord, line.Project)).Distinct().Count() > MaxItems;
        return
        [
            .. lines.GroupBy(line => isShort ? $"{line.Landlord}" : $"{line.Landlord} · {line.ProjectName}")
                .OrderBy(of => of.Key, StringComparer.Ordinal)
                .Select(of => (of.Key, Money.Sum(of.Select(line => line.PiBalance))))
                .Append(("Paid or credited before", row.Open - row.Owed)).Where(item => !item.Item2.IsZero),
        ];
    }

    private static async Task<bool> Credit(
        Composition exchange, StripeClient stripe, StripeRow row, CancellationToken ct)
    {
        var at = await stripe.Invoice(row.StripeId!, ct);
        if (at.Status == "open")
        {
            await stripe.Credit(
                Key(row, $"credit-{row.Credited.Cents}"), at.Id, row.Credited - row.Known,
                $"Credit on invoice {row.Number}", ct);
        }

        await StripeBook.Note(exchange.Database, row.Number, at, "open", row.Credited, ct);
        return at.Status == "open";
    }

    private static async Task<bool> PaidElsewhere(
        Composition exchange, StripeClient stripe, StripeRow row, CancellationToken ct)
    {
        var at = await stripe.Invoice(row.StripeId!, ct);
        var isOpen = at.Status == "open";
        if (isOpen)
        {
            await stripe.PaidElsewhere(Key(row, "elsewhere"), at.Id, ct);
        }

        await StripeBook.Settle(exchange.Database, row.Number, isOpen ? "elsewhere" : "paid", ct);
        return isOpen;
    }

    private static async Task<bool> TakeBack(
        Composition exchange, StripeClient stripe, StripeRow row, CancellationToken ct)
    {
        var at = await Found(stripe, row, await CustomerOf(exchange, stripe, row.Account, ct), ct);
        if (at is { Status: "draft" })
        {
            await stripe.DeleteDraft(at.Id, ct);
        }
        else if (at is { Status: "open" or "uncollectible" })
        {
            await stripe.Void(Key(row, "void"), at.Id, ct);
        }

        await StripeBook.Settle(exchange.Database, row.Number, "void", ct);
        return at is not null;
    }

    /// <summary>What Stripe has of an invoice that was begun, whether or not its answer ever came.</summary>
    private static async Task<StripeInvoice?> Found(
        StripeClient stripe, StripeRow row, string customer, CancellationToken ct)
    {
        await foreach (var one in stripe.Invoices(customer, ct))
        {
            if (StripeClient.NumberOf(one) == row.Number && one.Status != "void")
            {
                return one;
            }
        }

        return null;
    }

    private static async Task<string> CustomerOf(
        Composition exchange, StripeClient stripe, string account, CancellationToken ct)
    {
        if (await StripeBook.Customer(exchange.Database, account, ct) is { } known)
        {
            return known;
        }

        string? id = null;
        await foreach (var one in stripe.Customers(account, ct))
        {
            id ??= one.Metadata?.GetValueOrDefault(StripeClient.AccountMark) == account ? one.Id : null;
        }

        id ??= (await stripe.AddCustomer($"exchange-customer-{account}", account, ct)).Id;
        await StripeBook.KeepCustomer(exchange.Database, account, id, ct);
        return id;
    }

    private static string Key(StripeRow row, string what, string of = "") =>
        $"exchange-{row.Number}-{row.Attempt}-{what}{of}";
}
