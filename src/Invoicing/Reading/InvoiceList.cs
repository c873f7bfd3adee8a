using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Reading;

/// <summary>An invoice as a list shows it.</summary>
/// <param name="Id">'2026-10:ada@bu.edu': its stream is 'invoice-' and this.</param>
/// <param name="Balance">What the exchange is owed by the PI and by subsidies.</param>
public sealed record InvoiceRow(
    string Id, BillingMonth Month, Account Account, string? Institution, string? Number, string Status, int Lines,
    Money Total, Money Balance, Money Owed, Money Paid, LocalDate? Due, Instant? IssuedAt)
{
    /// <summary>What of it credit notes, other credit and write-offs cover.</summary>
    public Money Credited { get; init; }

    /// <summary>What is still to be paid of it: nothing where an institution was billed instead.</summary>
    public Money BalanceDue => Status == "issued" && Owed - Credited - Paid > Money.Zero
        ? Owed - Credited - Paid
        : Money.Zero;

    public PaymentStatus StatusOn(LocalDate today) => PaymentStatuses.Of(Status, BalanceDue, Due, today);
}

/// <summary>Which invoices are asked for; whatever is not null narrows.</summary>
/// <param name="After">The id after which the page begins.</param>
public sealed record InvoiceQuery(
    BillingMonth? Month = null, PiId? Pi = null, string? Number = null, string After = "", int Limit = 1000);

/// <summary>Lists invoices by month and account.</summary>
public static class InvoiceList
{
    public static async Task<IReadOnlyList<InvoiceRow>> Run(
        NpgsqlDataSource database, InvoiceQuery query, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        return await Run(connection, query, ct);
    }

    /// <param name="connection">Whoever may see only some of the invoices gets those alone.</param>
    public static async Task<IReadOnlyList<InvoiceRow>> Run(
        NpgsqlConnection connection, InvoiceQuery query, CancellationToken ct)
    {
        const string Sql = """
            select id, month, account, institution, number, status, lines, total, balance, owed, paid, due, issued_at,
                   credited + offsets + written_off
            from invoicing.invoice
            where ($1::text is null or month = $1)
              and ($2::text is null or account = $2)
              and ($3::text is null or number = $3)
              and id > $4
            order by id
            limit $5
            """;

        await using var command = connection.Statement(Sql, []);
        foreach (var narrow in (string?[])[query.Month?.ToString(), query.Pi?.Value, query.Number])
        {
            command.Parameters.Add(new() { Value = (object?)narrow ?? DBNull.Value, DataTypeName = "text" });
        }

        command.Parameters.Add(new() { Value = query.After });
        command.Parameters.Add(new() { Value = query.Limit });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<InvoiceRow>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                rows.GetString(0), BillingMonth.Parse(rows.GetString(1)), Account.Named(rows.GetString(2)),
                rows.IsDBNull(3) ? null : rows.GetString(3), rows.IsDBNull(4) ? null : rows.GetString(4),
                rows.GetString(5), rows.GetInt32(6), new(rows.GetInt64(7)), new(rows.GetInt64(8)),
                new(rows.GetInt64(9)), new(rows.GetInt64(10)),
                rows.IsDBNull(11) ? null : rows.GetFieldValue<LocalDate>(11),
                rows.IsDBNull(12) ? null : rows.GetFieldValue<Instant>(12))
            {
                Credited = new(rows.GetInt64(13)),
            });
        }

        return found;
    }
}
