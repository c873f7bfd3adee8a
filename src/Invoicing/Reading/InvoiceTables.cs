using System.Text.Json;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Invoicing.Reading;

/// <summary>The read models of invoices, settlements and the ledger.</summary>
public sealed class InvoiceTables : IProjection
{
    public string Name => "invoicing.invoice";

    public async Task Clear(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "truncate invoicing.invoice, invoicing.line, invoicing.credit, invoicing.settlement, invoicing.posting",
            connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    public async Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct)
    {
        foreach (var recorded in events)
        {
            var id = recorded.Stream[(recorded.Stream.IndexOf('-', StringComparison.Ordinal) + 1)..];
            await (recorded.Category switch
            {
                "invoice" => Apply(connection, id, recorded.Event.As<InvoiceEvent>(Upcasts.None), ct),
                "settlement" => Apply(connection, recorded.Event.As<SettlementEvent>(Upcasts.None), ct),
                "ledger" => Apply(
                    connection, recorded.Position, id, recorded.Event.As<LedgerEvent>(Upcasts.None), ct),
                _ => Task.CompletedTask,
            });
        }
    }

    private static Task Apply(NpgsqlConnection connection, string id, InvoiceEvent happened, CancellationToken ct) =>
        happened switch
        {
            InvoiceEvent.Drafted e => Draft(connection, id, e, ct),
            InvoiceEvent.Issued e => Run(connection, """
                update invoicing.invoice
                set number = $2, due = $3, issued_at = $4, status = case when owed <= 0 then 'paid' else 'issued' end
                where id = $1
                """, ct, id, e.Number, e.Due.ToDateOnly(), e.At.ToDateTimeUtc()),
            InvoiceEvent.Paid e => Run(connection, """
                update invoicing.invoice
                set paid = paid + $2, status = case when paid + $2 + credited >= owed then 'paid' else 'issued' end
                where id = $1
                """, ct, id, e.Amount.Cents),
            InvoiceEvent.Refunded e => Run(connection, """
                update invoicing.invoice
                set paid = paid - $2, status = case when paid - $2 + credited >= owed then 'paid' else 'issued' end
                where id = $1
                """, ct, id, e.Amount.Cents),
            InvoiceEvent.Credited e => Run(connection, """
                with noted as (
                  insert into invoicing.credit (number, invoice, cents, reason, at) values ($3, $1, $2, $4, $5))
                update invoicing.invoice
                set credited = credited + $2, status = case when paid + $2 + credited >= owed then 'paid' else 'issued'
                  end
                where id = $1
                """, ct, id, e.Amount.Cents, e.Number, e.Reason, e.At.ToDateTimeUtc()),
            InvoiceEvent.Drawn e => Run(
                connection, "update invoicing.invoice set document = $2 where id = $1", ct, id, e.Sha256),
            InvoiceEvent.Voided => Void(connection, id, ct),
            _ => throw new InvalidOperationException($"{happened.GetType().Name} is not known of an invoice."),
        };

    private static async Task Draft(
        NpgsqlConnection connection, string id, InvoiceEvent.Drafted draft, CancellationToken ct)
    {
        const string Sql = """
            insert into invoicing.invoice (
              id, month, account, institution, status, lines, total, balance, owed, paid)
            values ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, 0)
            """;

        var account = new Account(draft.Pi);
        await Run(connection, Sql, ct,
            id, draft.Month.ToString(), account.Name, (object?)draft.Institution ?? DBNull.Value, draft.Lines.Length,
            Money.Sum(draft.Lines.Select(line => line.Amount)).Cents,
            Money.Sum(draft.Lines.Select(line => line.Balance)).Cents,
            Money.Sum(draft.Lines.Select(line => line.PiBalance)).Cents);
        await Lines(connection, id, account, draft, ct);
    }

    private static async Task Lines(
        NpgsqlConnection connection, string id, Account account, InvoiceEvent.Drafted draft, CancellationToken ct)
    {
        const string Copy = """
            copy invoicing.line (
              invoice, place, account, service_month, charge_id, landlord, service, cluster, project, project_name,
              sku, quantity, unit, rate, cents, funds, sheet, adjusts, avoided, from_at, to_at)
            from stdin (format binary)
            """;

        await using var rows = await connection.BeginBinaryImportAsync(Copy, ct);
        foreach (var (line, place) in draft.Lines.Select((line, i) => (line, i + 1)))
        {
            await rows.StartRowAsync(ct);
            await rows.WriteAsync(id, NpgsqlDbType.Text, ct);
            await rows.WriteAsync(place, NpgsqlDbType.Integer, ct);
            foreach (var text in (string[])[
                account.Name, line.ServiceMonth(draft.Month).ToString(), line.ChargeId, line.Landlord.Value,
                line.Service, line.Cluster.Value, line.Project.Value, line.ProjectName, line.Sku.Value])
            {
                await rows.WriteAsync(text, NpgsqlDbType.Text, ct);
            }

            await rows.WriteAsync(line.Quantity.Amount, NpgsqlDbType.Numeric, ct);
            await rows.WriteAsync(line.Quantity.Unit.Name, NpgsqlDbType.Text, ct);
            await rows.WriteAsync(line.Rate.Amount, NpgsqlDbType.Numeric, ct);
            await rows.WriteAsync(line.Amount.Cents, NpgsqlDbType.Bigint, ct);
            await rows.WriteAsync(JsonSerializer.Serialize(line.Funds, Text.Json), NpgsqlDbType.Jsonb, ct);
            await rows.WriteAsync(line.Sheet, NpgsqlDbType.Text, ct);
            await Nullable(rows, line.Adjusts?.ToString(), NpgsqlDbType.Text, ct);
            await Nullable(rows, line.Avoided?.Cents, NpgsqlDbType.Bigint, ct);
            await rows.WriteAsync(line.ServicePeriod.Start.ToDateTimeUtc(), NpgsqlDbType.TimestampTz, ct);
            await rows.WriteAsync(line.ServicePeriod.End.ToDateTimeUtc(), NpgsqlDbType.TimestampTz, ct);
        }

        await rows.CompleteAsync(ct);
    }

    /// <summary>What a void invoice billed counts as not billed.</summary>
    private static async Task Void(NpgsqlConnection connection, string id, CancellationToken ct)
    {
        await Run(connection, "update invoicing.invoice set status = 'void', document = null where id = $1", ct, id);
        await Run(connection, "delete from invoicing.line where invoice = $1", ct, id);
    }

    private static Task Apply(NpgsqlConnection connection, SettlementEvent happened, CancellationToken ct) =>
        happened switch
        {
            SettlementEvent.Drawn e => Run(connection, """
                insert into invoicing.settlement (landlord, month, gross, share, lines, drawn_at)
                values ($1, $2, $3, $4, $5, $6)
                """, ct, e.Landlord.Value, e.Month.ToString(), e.Gross.Cents, e.Share.Cents, e.Lines.Length,
                e.At.ToDateTimeUtc()),
            SettlementEvent.Corrected e => Run(connection, """
                update invoicing.settlement
                set gross = gross + $3, share = share + $4, lines = lines + $5
                where landlord = $1 and month = $2
                """, ct, e.Landlord.Value, e.Month.ToString(), e.Gross.Cents, e.Share.Cents, e.Lines.Length),
            _ => throw new InvalidOperationException($"{happened.GetType().Name} is not known of a settlement."),
        };

    private static async Task Apply(
        NpgsqlConnection connection, long position, string id, LedgerEvent happened, CancellationToken ct)
    {
        if (happened is not LedgerEvent.Posted entry)
        {
            throw new InvalidOperationException($"{happened.GetType().Name} is not known of the ledger.");
        }

        await Run(connection, """
            insert into invoicing.posting (position, account, cents, reference, what, at, month)
            select $1, posted.account, posted.cents, $4, $5, $6, $7
            from unnest($2::text[], $3::bigint[]) as posted (account, cents)
            """, ct, position, entry.Postings.Select(p => p.Account).ToArray(),
            entry.Postings.Select(p => p.Amount.Cents).ToArray(), entry.Reference, entry.What,
            entry.At.ToDateTimeUtc(), MonthOf(id, entry).ToString());
    }

    /// <summary>A close posts for its month, everything else in the month in which it happened.</summary>
    private static BillingMonth MonthOf(string id, LedgerEvent.Posted entry) =>
        BillingMonth.TryParse(id, null, out var closed) ? closed : BillingMonth.Of(entry.At);

    private static async Task Nullable<T>(
        NpgsqlBinaryImporter rows, T? value, NpgsqlDbType type, CancellationToken ct)
    {
        if (value is null)
        {
            await rows.WriteNullAsync(ct);
        }
        else
        {
            await rows.WriteAsync<object>(value, type, ct);
        }
    }

    private static async Task Run(
        NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        await command.ExecuteNonQueryAsync(ct);
    }
}
