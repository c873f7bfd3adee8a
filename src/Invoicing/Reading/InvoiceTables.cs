using System.Text.Json;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Rating;
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
            "invoicing.settlement, invoicing.posting, invoicing.taken, invoicing.billed_month, invoicing.alias", [],
            ct);
    }

    public async Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct)
    {
        string[] touched = [.. events.Where(recorded => recorded.Category == "invoice").Select(IdOf).Distinct()];
        if (touched.Length > 0)
        {
            await BilledMonths.Count(connection, touched, -1, ct);
        }

        await Change(connection, events, ct);
        if (touched.Length > 0)
        {
            await BilledMonths.Count(connection, touched, 1, ct);
        }
    }

    /// <summary>
    /// Drafts first and together, for whatever else happens to an invoice follows its draft; the rest in order. Each
    /// kind travels to the database at once: a close writes thousands.
    /// </summary>
    private static async Task Change(
        NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct)
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
                case "directory":
                    AliasTable.Apply(rest, recorded.Event.As<DirectoryEvent>(Upcasts.None));
                    break;
                case "settlement":
                    SettlementTable.Apply(rest, recorded.Event.As<SettlementEvent>(Upcasts.None));
                    break;
                case "ledger":
                    PostingTable.Apply(
                        rest, recorded.Position, IdOf(recorded), recorded.Event.As<LedgerEvent>(Upcasts.None));
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
            case InvoiceEvent.Issued e:
                Issue(batch, id, e);
                break;
            case InvoiceEvent.Credited e:
                Run(batch, "insert into invoicing.credit (invoice, cents, number, reason, at) values ($1,$2,$3,$4,$5)",
                    id, e.Amount.Cents, e.Number, e.Reason, e.At);
                Run(batch, Settle, id, 0L, e.Amount.Cents, 0L, 0L);
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
                var (paid, offsets, writtenOff) = Settled(happened);
                Run(batch, Settle, id, paid, 0L, offsets, writtenOff);
                break;
        }
    }

    /// <summary>What an event adds to what was paid, offset and written off, in cents.</summary>
    private static (long Paid, long Offsets, long WrittenOff) Settled(InvoiceEvent happened) => happened switch
    {
        InvoiceEvent.Paid e => (e.Amount.Cents, 0, 0),
        InvoiceEvent.Unapplied e => (-e.Amount.Cents, 0, 0),
        InvoiceEvent.Refunded e => (-e.Amount.Cents, 0, 0),
        InvoiceEvent.Offset e => (0, e.Amount.Cents, 0),
        InvoiceEvent.WrittenOff e => (0, 0, e.Amount.Cents),
        _ => throw new InvalidOperationException($"{happened.GetType().Name} is not known of an invoice."),
    };

    private static void Issue(NpgsqlBatch batch, string id, InvoiceEvent.Issued issued)
    {
        if (issued.IsTakenOver) // Its lines are another system's.
        {
            Run(batch, """
                update invoicing.invoice
                set number = $2, due = $3, issued_at = $4, total = $5, balance = $5, owed = $5,
                    status = case when $5 <= 0 then 'paid' else 'issued' end
                where id = $1
                """, id, issued.Number, issued.Due, issued.At, issued.Owed.Cents);
            return;
        }

        Run(batch, """
            update invoicing.invoice
            set number = $2, due = $3, issued_at = $4,
                status = case when owed <= 0 then 'paid' else 'issued' end
            where id = $1
            """, id, issued.Number, issued.Due, issued.At);
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
