using System.Globalization;
using Exchange.Invoicing;
using Exchange.Journal;
using NodaTime;
using Stripe;
using Invoice = Exchange.Invoicing.Invoice;
using StripeEvent = Stripe.Event;

namespace Exchange.Portal.Stripe;

/// <summary>
/// Notes what Stripe says: a payment or a refund is the same act as by hand, under Stripe's own id, so it counts once
/// however often, late or out of order it is said.
/// </summary>
internal static class StripeEvents
{
    /// <summary>Stripe keeps events for so long.</summary>
    private static readonly Duration Kept = Duration.FromDays(30);

    /// <summary>Events of one second do not come in order; the last hour is listed again.</summary>
    private static readonly Duration Overlap = Duration.FromHours(1);
    private const int Tries = 3;

    /// <param name="Missed">From when events may be gone, because nothing was listed for longer than Stripe keeps
    /// them.</param>
    public sealed record Replayed(int Listed, int Done, int Refused, Instant? Missed);

    /// <summary>Takes in every event since the last time that they were listed, oldest first.</summary>
    public static async Task<Replayed> Replay(
        Composition exchange, StripeClient stripe, StripeSettings settings, CancellationToken ct)
    {
        const string Until = "select until from exchange.stripe_listed";
        const string Keep = """
            insert into exchange.stripe_listed (until) values ($1)
            on conflict (only_one) do update set until = greatest(exchange.stripe_listed.until, excluded.until)
            """;

        var now = exchange.Clock.GetCurrentInstant();
        await using var command = exchange.Database.Statement(Until, []);
        var last = await command.ExecuteScalarAsync(ct) is Instant until ? until : (Instant?)null;
        var from = Instant.Max(now - Kept, (last ?? Instant.MinValue + Overlap) - Overlap);
        var listed = new List<StripeEvent>();
        await foreach (var one in stripe.Events(from, ct))
        {
            listed.Add(one);
        }

        var taken = new List<ReceivedEvent>();
        foreach (var one in listed.OrderBy(e => e.Created).ThenBy(
            e => e.Type == EventTypes.InvoicePaymentPaid ? 0 : 1))
        {
            taken.Add(await Take(exchange, settings, one, ct));
        }

        await exchange.Database.Execute(Keep, [now], ct);
        return new(
            listed.Count, taken.Count(t => t is { IsNew: true, Outcome: "done" }),
                taken.Count(t => t.Outcome == "refused"),
            last < now - Kept ? last : null);
    }

    /// <summary>Takes in one event; one that was taken before is done nothing about.</summary>
    public static async Task<ReceivedEvent> Take(
        Composition exchange, StripeSettings settings, StripeEvent happened, CancellationToken ct)
    {
        if (await Before(exchange, happened.Id, ct) is { } before)
        {
            return before;
        }

        var (outcome, why) = await Try(exchange, settings, happened, ct);
        const string Sql = """
            insert into exchange.stripe_event (id, type, created, taken, outcome, why)
            values ($1, $2, $3, $4, $5, $6)
            on conflict (id) do update
            set taken = excluded.taken, outcome = excluded.outcome, why = excluded.why
            """;
        var created = Instant.FromDateTimeUtc(happened.Created);
        await exchange.Database.Execute(
            Sql, [happened.Id, happened.Type, created,
                exchange.Clock.GetCurrentInstant(), outcome, why], ct);
        if (outcome != "ignored")
        {
            await exchange.Audit.Note(
                "stripe", happened.Type, why, outcome == "done" ? "done" : "stripe/event", "stripe", ct);
        }

        return new(happened.Id, happened.Type, created, outcome, why, IsNew: true);
    }

    public static async Task<IReadOnlyList<ReceivedEvent>> Refused(Composition exchange, CancellationToken ct)
    {
        const string Sql = """
            select id, type, created, outcome, why
            from exchange.stripe_event
            where outcome = 'refused'
            order by created, id
            limit 1000
            """;

        await using var command = exchange.Database.Statement(Sql, []);
        return await Read(command, ct);
    }

    /// <summary>One that was refused is tried again: what stood in its way may be gone.</summary>
    private static async Task<ReceivedEvent?> Before(Composition exchange, string id, CancellationToken ct)
    {
        const string Sql = """
            select id, type, created, outcome, why
            from exchange.stripe_event
            where id = $1 and outcome <> 'refused'
            """;

        await using var command = exchange.Database.Statement(Sql, [id]);
        return (await Read(command, ct)).SingleOrDefault();
    }

    private static async Task<List<ReceivedEvent>> Read(Npgsql.NpgsqlCommand command, CancellationToken ct)
    {
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<ReceivedEvent>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                rows.GetString(0), rows.GetString(1), rows.GetFieldValue<Instant>(2), rows.GetString(3),
                rows.GetString(4)));
        }

        return found;
    }

    private static async Task<(string Outcome, string Why)> Try(
        Composition exchange, StripeSettings settings, StripeEvent happened, CancellationToken ct)
    {
        if (happened.Livemode != settings.IsLive)
        {
            return ("ignored", "It is of the other mode than our key.");
        }

        for (var tried = 1; ; tried++)
        {
            try
            {
                await exchange.Projections.CatchUp(ct);
                var done = (happened.Type, happened.Data?.Object) switch
                {
                    (EventTypes.InvoicePaymentPaid, InvoicePayment paid) => await Pay(exchange, paid, ct),
                    (EventTypes.RefundCreated or EventTypes.RefundUpdated, Refund refund) =>
                        await Refunded(exchange, refund, ct),
                    _ => null,
                };
                await exchange.Projections.CatchUp(ct);
                return done is null ? ("ignored", "It is about nothing of ours.") : ("done", done);
            }
            catch (ConflictException) when (tried < Tries)
            {
                // Someone else changed the invoice; what they wrote is read with the next try.
            }
            catch (RefusedException e)
            {
                return ("refused", e.Refusal.ToString());
            }
        }
    }

    /// <returns>What was noted; null when it is no invoice of ours.</returns>
    private static async Task<string?> Pay(Composition exchange, InvoicePayment paid, CancellationToken ct)
    {
        if (paid is not { Status: "paid", AmountPaid: > 0, Id.Length: > 0, InvoiceId: { } invoice } ||
            await StripeBook.NumberOf(exchange.Database, invoice, ct) is not { } number ||
            await StripeBook.Find(exchange.Database, number, ct) is not { State: not "elsewhere" } row)
        {
            return null;
        }

        var amount = Dollars(paid.AmountPaid.Value, paid.Currency);
        await StripeBook.KeepPayment(exchange.Database, number, paid, ct);
        await exchange.Journal.Execute(
            new PayInvoice(exchange.Database, number, $"stripe:{paid.Id}", amount),
            exchange.Clock.GetCurrentInstant(), ct);
        if (await exchange.Journal.State(Invoice.Fold, row.Id, ct) is Invoice.Issued { Open.Cents: <= 0 })
        {
            await StripeBook.Settle(exchange.Database, number, "paid", ct);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{amount} paid on {number}");
    }

    private static async Task<string?> Refunded(Composition exchange, Refund refund, CancellationToken ct)
    {
        if (refund is not { Status: "succeeded", Amount: > 0, Id.Length: > 0, PaymentIntentId: { } intent } ||
            await StripeBook.NumberOf(exchange.Database, intent, ct) is not { } number)
        {
            return null;
        }

        var amount = Dollars(refund.Amount, refund.Currency);
        await exchange.Journal.Execute(
            new RefundInvoice(exchange.Database, number, $"stripe:{refund.Id}", amount),
            exchange.Clock.GetCurrentInstant(), ct);
        return string.Create(CultureInfo.InvariantCulture, $"{amount} of {number} given back");
    }

    private static Money Dollars(long cents, string? currency) => currency == "usd" ? new(cents)
        : throw new RefusedException(new(
            "stripe/currency", $"Stripe speaks of '{currency}'; invoices are in US dollars. Note it by hand."));
}
