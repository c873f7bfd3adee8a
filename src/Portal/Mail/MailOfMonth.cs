using Exchange.Journal;
using Npgsql;

namespace Exchange.Portal.Mail;

/// <summary>How many invoices of a month were mailed, wait to be, were refused for good, or are not queued.</summary>
public sealed record MailOfMonth(long Sent, long Waiting, long Failed, long NotQueued)
{
    public long Issued => Sent + Waiting + Failed + NotQueued;

    internal static async Task<MailOfMonth> Read(NpgsqlConnection connection, BillingMonth month, CancellationToken ct)
    {
        const string Sql = """
            select count(*) filter (where o.sent_at is not null),
                   count(*) filter (where o.id is not null and o.sent_at is null and o.failed_at is null),
                   count(*) filter (where o.sent_at is null and o.failed_at is not null),
                   count(*) filter (where o.id is null)
            from (select number
                  from invoicing.invoice
                  where month = $1 and number is not null and status <> 'void' and lines > 0
                  union all
                  select number
                  from invoicing.party_invoice
                  where month = $1 and status <> 'void' and lines > 0) issued
            left join exchange.outbox o on o.id = 'invoice:' || issued.number
            """;

        await using var command = connection.Statement(Sql, [month.ToString()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        await rows.ReadAsync(ct);
        return new(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3));
    }
}
