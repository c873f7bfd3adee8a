using Exchange.Journal;
using NodaTime;
using Npgsql;
using StripeInvoice = Stripe.Invoice;
using StripeInvoicePayment = Stripe.InvoicePayment;

namespace Exchange.Portal.Stripe;

/// <summary>An invoice of ours beside what Stripe has of it.</summary>
/// <param name="Status">issued, paid, taken or void, as the exchange has it.</param>
/// <param name="StripeId">Null while it is not known whether Stripe has it.</param>
/// <param name="State">begun, open, paid, elsewhere or void at Stripe; null when it was never put there.</param>
internal sealed record StripeRow(
    string Number, string Id, string Account, string Status, LocalDate Due, Money Owed, Money Paid, Money Credited,
    int Attempt, string? StripeId, string? State, Money Known, string? PayAt)
{
    public Money Open => Owed - Credited - Paid;
}

/// <summary>An event of Stripe that was taken in.</summary>
/// <param name="Outcome">done, ignored or refused.</param>
/// <param name="IsNew">Whether it was taken in just now.</param>
internal sealed record ReceivedEvent(
    string Id, string Type, Instant Created, string Outcome, string Why, bool IsNew = false);

/// <summary>What the database remembers of Stripe.</summary>
internal static class StripeBook
{
    /// <summary>The invoices of which Stripe does not know what the exchange does.</summary>
    public static Task<IReadOnlyList<StripeRow>> Waiting(NpgsqlDataSource database, CancellationToken ct)
    {
        const string Sql = """
            select i.number, i.id, i.account, i.status, i.due, i.owed, i.paid, i.credited,
                   coalesce(s.attempt, 0), s.id, s.state, coalesce(s.credited, 0), s.pay_at
            from invoicing.invoice i left join exchange.stripe_invoice s on s.number = i.number
            where (i.status = 'issued' and i.owed - i.credited - i.paid > 0
                   and (s.number is null or s.state = 'begun' or (s.state = 'open' and i.credited > s.credited)))
               or (s.state in ('begun', 'open') and i.status in ('void', 'taken', 'paid'))
            order by i.number
            limit 100000
            """;

        return Rows(database, Sql, [], ct);
    }

    public static async Task<StripeRow?> Find(NpgsqlDataSource database, string number, CancellationToken ct)
    {
        const string Sql = """
            select i.number, i.id, i.account, i.status, i.due, i.owed, i.paid, i.credited,
                   s.attempt, s.id, s.state, s.credited, s.pay_at
            from invoicing.invoice i join exchange.stripe_invoice s on s.number = i.number
            where i.number = $1
            """;

        return await Rows(database, Sql, [number], ct) is [var row] ? row : null;
    }

    /// <summary>
    /// The page on which an open invoice is paid; null where there is none, or it is not the viewer's.
    /// </summary>
    public static async Task<string?> PayAt(NpgsqlConnection connection, string number, CancellationToken ct)
    {
        const string Sql = """
            select s.pay_at
            from exchange.stripe_invoice s join invoicing.invoice i on i.number = s.number
            where s.number = $1 and s.state = 'open' and i.status = 'issued'
            """;

        await using var command = connection.Statement(Sql, [number]);
        return await command.ExecuteScalarAsync(ct) as string;
    }

    /// <summary>Every invoice that was put to Stripe, newest first.</summary>
    public static Task<IReadOnlyList<StripeRow>> All(NpgsqlDataSource database, CancellationToken ct)
    {
        const string Sql = """
            select i.number, i.id, i.account, i.status, i.due, i.owed, i.paid, i.credited,
                   s.attempt, s.id, s.state, s.credited, s.pay_at
            from invoicing.invoice i join exchange.stripe_invoice s on s.number = i.number
            order by i.number desc
            limit 1000
            """;

        return Rows(database, Sql, [], ct);
    }

    public static Task Begin(NpgsqlDataSource database, string number, int attempt, CancellationToken ct) =>
        database.Execute("""
            insert into exchange.stripe_invoice (number, attempt) values ($1, $2)
            on conflict (number) do update set attempt = excluded.attempt, id = null
            """, [number, attempt], ct);

    public static Task Note(
        NpgsqlDataSource database, string number, StripeInvoice at, string state, Money credited, CancellationToken ct)
    {
        const string Sql = """
            update exchange.stripe_invoice
            set id = $2, state = $3, credited = $4, pay_at = coalesce(nullif($5, ''), pay_at)
            where number = $1
            """;

        return database.Execute(Sql, [number, at.Id, state, credited.Cents, at.HostedInvoiceUrl ?? ""], ct);
    }

    public static Task Settle(NpgsqlDataSource database, string number, string state, CancellationToken ct) =>
        database.Execute(
            "update exchange.stripe_invoice set state = $2 where number = $1", [number, state], ct);

    public static Task<string?> Customer(NpgsqlDataSource database, string account, CancellationToken ct) =>
        Text(database, "select id from exchange.stripe_customer where account = $1", account, ct);

    public static Task KeepCustomer(
        NpgsqlDataSource database, string account, string id, CancellationToken ct) => database.Execute("""
            insert into exchange.stripe_customer (account, id) values ($1, $2) on conflict (account) do nothing
            """, [account, id], ct);

    public static Task KeepPayment(
        NpgsqlDataSource database, string number, StripeInvoicePayment payment, CancellationToken ct)
    {
        const string Sql = """
            insert into exchange.stripe_payment (id, number, payment_intent, cents)
            values ($1, $2, nullif($3, ''), $4)
            on conflict (id) do nothing
            """;

        return database.Execute(
            Sql, [payment.Id, number, payment.Payment?.PaymentIntentId ?? "", payment.AmountPaid ?? 0], ct);
    }

    /// <summary>The invoice that Stripe knows by this id, or that was paid by this intent.</summary>
    public static Task<string?> NumberOf(NpgsqlDataSource database, string id, CancellationToken ct) => Text(
        database, """
            select number from exchange.stripe_invoice where id = $1
            union all
            select number from exchange.stripe_payment where payment_intent = $1
            limit 1
            """, id, ct);

    /// <summary>How an invoice was paid, the largest payment first.</summary>
    public static async Task<IReadOnlyList<(string Intent, Money Amount)>> Payments(
        NpgsqlDataSource database, string number, CancellationToken ct)
    {
        const string Sql = """
            select payment_intent, cents
            from exchange.stripe_payment
            where number = $1 and payment_intent is not null
            order by cents desc, id
            """;

        await using var command = database.Statement(Sql, [number]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<(string, Money)>();
        while (await rows.ReadAsync(ct))
        {
            found.Add((rows.GetString(0), new(rows.GetInt64(1))));
        }

        return found;
    }

    private static async Task<string?> Text(NpgsqlDataSource database, string sql, string of, CancellationToken ct)
    {
        await using var command = database.Statement(sql, [of]);
        return (string?)await command.ExecuteScalarAsync(ct);
    }

    private static async Task<IReadOnlyList<StripeRow>> Rows(
        NpgsqlDataSource database, string sql, object[] values, CancellationToken ct)
    {
        await using var command = database.Statement(sql, values);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<StripeRow>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.GetString(3),
                rows.GetFieldValue<LocalDate>(4), new(rows.GetInt64(5)), new(rows.GetInt64(6)),
                new(rows.GetInt64(7)), rows.GetInt32(8), rows.IsDBNull(9) ? null : rows.GetString(9),
                rows.IsDBNull(10) ? null : rows.GetString(10), new(rows.GetInt64(11)),
                rows.IsDBNull(12) ? null : rows.GetString(12)));
        }

        return found;
    }
}
