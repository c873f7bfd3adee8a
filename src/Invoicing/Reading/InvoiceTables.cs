using System.Text.Json;
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
        await connection.Execute(
            "truncate invoicing.invoice, invoicing.line, invoicing.voided_line, invoicing.credit, " +
            "invoicing.settlement, invoicing.posting, invoicing.taken", [], ct);
    }

    /// <summary>
    /// Drafts first and together, for whatever else happens to an invoice follows its draft; the rest in order. Each
    /// kind travels to the database at once: a close writes thousands.
    /// </summary>
    public async Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct)
    {
        var invoices = events.Where(recorded => recorded.Category == "invoice")
            .ToDictionary(recorded => recorded.Position, recorded => recorded.Event.As<InvoiceEvent>(Upcasts.None));
        var drafts = events.Where(recorded => invoices.GetValueOrDefault(recorded.Position) is InvoiceEvent.Drafted)
            .Select(recorded => (Id: IdOf(recorded), Draft: (InvoiceEvent.Drafted)invoices[recorded.Position]))
            .ToList();
        await using (var batch = new NpgsqlBatch(connection))
        {
            drafts.ForEach(of => Draft(batch, of.Id, of.Draft));
            await Send(batch, ct);
        }

        await Lines(connection, drafts, ct);
        await using var rest = new NpgsqlBatch(connection);
        foreach (var recorded in events)
        {
            switch (recorded.Category)
            {
                case "invoice":
                    Apply(rest, IdOf(recorded), invoices[recorded.Position]);
                    break;
                case "settlement":
                    SettlementTable.Apply(rest, recorded.Event.As<SettlementEvent>(Upcasts.None));
                    break;
                case "ledger":
                    Apply(rest, recorded.Position, IdOf(recorded), recorded.Event.As<LedgerEvent>(Upcasts.None));
                    break;
                default:
                    break;
            }
        }

        await Send(rest, ct);
    }

    private static string IdOf(Recorded recorded) =>
        recorded.Stream[(recorded.Stream.IndexOf('-', StringComparison.Ordinal) + 1)..];

    private static async Task Send(NpgsqlBatch batch, CancellationToken ct)
    {
        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(ct);
        }
    }

    /// <summary>Adds to what was paid, credited, offset and written off.</summary>
    private const string Settle = """
        update invoicing.invoice
        set paid = paid + $2, credited = credited + $3, offsets = offsets + $4, written_off = written_off + $5,
            status = case
              when paid + $2 + credited + $3 + offsets + $4 + written_off + $5 >= owed then 'paid' else 'issued' end
        where id = $1
        """;

    private static void Apply(NpgsqlBatch batch, string id, InvoiceEvent happened)
    {
        switch (happened)
        {
            case InvoiceEvent.Drafted: break;
            case InvoiceEvent.Issued { IsTakenOver: true } e: // Its lines are another system's.
                Run(batch, """
                    update invoicing.invoice
                    set number = $2, due = $3, issued_at = $4, total = $5, balance = $5, owed = $5,
                        status = case when $5 <= 0 then 'paid' else 'issued' end
                    where id = $1
                    """, id, e.Number, e.Due, e.At, e.Owed.Cents);
                break;
            case InvoiceEvent.Issued e:
                Run(batch, """
                    update invoicing.invoice
                    set number = $2, due = $3, issued_at = $4,
                        status = case when owed <= 0 then 'paid' else 'issued' end
                    where id = $1
                    """, id, e.Number, e.Due, e.At);
                break;
            case InvoiceEvent.Paid e:
                Run(batch, Settle, id, e.Amount.Cents, 0L, 0L, 0L);
                break;
            case InvoiceEvent.Unapplied e:
                Run(batch, Settle, id, -e.Amount.Cents, 0L, 0L, 0L);
                break;
            case InvoiceEvent.Refunded e:
                Run(batch, Settle, id, -e.Amount.Cents, 0L, 0L, 0L);
                break;
            case InvoiceEvent.Credited e:
                Run(batch, "insert into invoicing.credit (invoice, cents, number, reason, at) values ($1,$2,$3,$4,$5)",
                    id, e.Amount.Cents, e.Number, e.Reason, e.At);
                Run(batch, Settle, id, 0L, e.Amount.Cents, 0L, 0L);
                break;
            case InvoiceEvent.Offset e:
                Run(batch, Settle, id, 0L, 0L, e.Amount.Cents, 0L);
                break;
            case InvoiceEvent.WrittenOff e:
                Run(batch, Settle, id, 0L, 0L, 0L, e.Amount.Cents);
                break;
            case InvoiceEvent.Drawn e:
                Run(batch, "update invoicing.invoice set document = $2 where id = $1", id, e.Sha256);
                break;
            case InvoiceEvent.BilledToInstitution e:
                Run(batch, "insert into invoicing.taken (number, invoice) values ($1, $2) on conflict do nothing",
                    e.Number, id);
                Run(batch, "update invoicing.invoice set status = 'taken' where id = $1", id);
                break;
            case InvoiceEvent.Released:
                Run(batch, "update invoicing.invoice set status = 'issued' where id = $1", id);
                break;
            case InvoiceEvent.Voided e: // What it billed counts as not billed; its month still told it.
                Run(batch,
                    "insert into invoicing.voided_line select l.*, $2 from invoicing.line l where l.invoice = $1",
                    id, BillingMonth.Of(e.At).ToString());
                Run(batch, "update invoicing.invoice set status = 'void', document = null where id = $1", id);
                Run(batch, "delete from invoicing.line where invoice = $1", id);
                break;
            case InvoiceEvent.Replaced: break; // What it was replaced by has rows of its own.
            default:
                throw new InvalidOperationException($"{happened.GetType().Name} is not known of an invoice.");
        }
    }

    private static void Draft(NpgsqlBatch batch, string id, InvoiceEvent.Drafted draft)
    {
        const string Sql = """
            insert into invoicing.invoice (
              id, month, account, institution, status, lines, total, balance, owed, paid)
            values ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, 0)
            """;

        var account = new Account(draft.Pi);
        Run(batch, Sql,
            id, draft.Month.ToString(), account.Name, (object?)draft.Institution ?? DBNull.Value, draft.Lines.Length,
            Money.Sum(draft.Lines.Select(line => line.Amount)).Cents,
            Money.Sum(draft.Lines.Select(line => line.Balance)).Cents,
            Money.Sum(draft.Lines.Select(line => line.PiBalance)).Cents);
    }

    private static async Task Lines(
        NpgsqlConnection connection, List<(string Id, InvoiceEvent.Drafted Draft)> drafts,
        CancellationToken ct)
    {
        if (drafts.Count == 0)
        {
            return;
        }

        const string Copy = """
            copy invoicing.line (
              invoice, place, account, service_month, charge_id, landlord, service, cluster, project, project_name,
              sku, quantity, unit, rate, cents, funds, sheet, adjusts, avoided, from_at, to_at)
            from stdin (format binary)
            """;

        await using var rows = await connection.BeginBinaryImportAsync(Copy, ct);
        foreach (var (id, draft, line, place) in drafts.SelectMany(
            of => of.Draft.Lines.Select((line, i) => (of.Id, of.Draft, line, i + 1))))
        {
            await rows.StartRowAsync(ct);
            await rows.WriteAsync(id, NpgsqlDbType.Text, ct);
            await rows.WriteAsync(place, NpgsqlDbType.Integer, ct);
            foreach (var text in (string[])[
                new Account(draft.Pi).Name, line.ServiceMonth(draft.Month).ToString(), line.ChargeId,
                line.Landlord.Value,
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
            await rows.WriteAsync(line.ServicePeriod.Start, NpgsqlDbType.TimestampTz, ct);
            await rows.WriteAsync(line.ServicePeriod.End, NpgsqlDbType.TimestampTz, ct);
        }

        await rows.CompleteAsync(ct);
    }

    private static void Apply(NpgsqlBatch batch, long position, string id, LedgerEvent happened)
    {
        if (happened is not LedgerEvent.Posted entry)
        {
            throw new InvalidOperationException($"{happened.GetType().Name} is not known of the ledger.");
        }

        Run(batch, """
            insert into invoicing.posting (position, account, cents, reference, what, at, month, posted)
            select $1, posted.account, posted.cents, $4, $5, $6, $7, $8
            from unnest($2::text[], $3::bigint[]) as posted (account, cents)
            """, position, entry.Postings.Select(p => p.Account).ToArray(),
            entry.Postings.Select(p => p.Amount.Cents).ToArray(), entry.Reference, entry.What,
            entry.At, MonthOf(id, entry).ToString(),
            entry.On is { } day ? day : DBNull.Value);
    }

    /// <summary>A close posts for its month, everything else in the month in which it happened.</summary>
    private static BillingMonth MonthOf(string id, LedgerEvent.Posted entry) =>
        entry.Period ?? (BillingMonth.TryParse(id, null, out var closed) ? closed : BillingMonth.Of(entry.At));

    private static Task Nullable<T>(NpgsqlBinaryImporter rows, T? value, NpgsqlDbType type, CancellationToken ct) =>
        value is null ? rows.WriteNullAsync(ct) : rows.WriteAsync<object>(value, type, ct);

    internal static void Run(NpgsqlBatch batch, string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        batch.BatchCommands.Add(command);
    }
}
