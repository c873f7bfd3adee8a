using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing.Reading;

/// <summary>The read models of invoices to parties.</summary>
public sealed class PartyTables : IProjection
{
    public string Name => "invoicing.party_invoice";

    public async Task Clear(NpgsqlConnection connection, CancellationToken ct) =>
        await connection.Execute("truncate invoicing.party_invoice, invoicing.party_line, " +
            "invoicing.party_credit", [], ct);

    public async Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct)
    {
        foreach (var recorded in events.Where(one => one.Category == PartyInvoice.Fold.Category))
        {
            await Apply(connection, recorded, ct);
        }
    }

    private static async Task Apply(NpgsqlConnection connection, Recorded recorded, CancellationToken ct)
    {
        var number = recorded.Stream[(PartyInvoice.Fold.Category.Length + 1)..];
        switch (recorded.Event.As<PartyEvent>(Upcasts.None))
        {
            case PartyEvent.Issued e:
                await Issue(connection, e, ct);
                break;
            case PartyEvent.Paid e:
                await Change(connection, number, new(Paid: e.Amount.Cents), ct);
                break;
            case PartyEvent.Unapplied e:
                await Change(connection, number, new(Paid: -e.Amount.Cents), ct);
                break;
            case PartyEvent.Refunded e:
                await Change(connection, number, new(Paid: -e.Amount.Cents), ct);
                break;
            case PartyEvent.Credited e:
                await Credit(connection, number, e, ct);
                break;
            case PartyEvent.Offset e:
                await Change(connection, number, new(Offsets: e.Amount.Cents), ct);
                break;
            case PartyEvent.WrittenOff e:
                await Change(connection, number, new(WrittenOff: e.Amount.Cents), ct);
                break;
            case PartyEvent.Voided e:
                await Void(connection, number, e, ct);
                break;
            case PartyEvent.Replaced: // The new invoice has a row of its own.
                break;
            case PartyEvent.Drawn e:
                await connection.Execute(
                    "update invoicing.party_invoice set document = $2 where number = $1", [number, e.Sha256], ct);
                break;
            default:
                throw new InvalidOperationException($"{recorded.Stream} holds what is not known of it.");
        }
    }

    /// <summary>What an event adds to the sums of an invoice, in cents.</summary>
    private readonly record struct Added(long Paid = 0, long Credited = 0, long Offsets = 0, long WrittenOff = 0);

    private static async Task Change(NpgsqlConnection connection, string number, Added added, CancellationToken ct) =>
        await connection.Execute("""
            update invoicing.party_invoice
            set paid = paid + $2, credited = credited + $3, offsets = offsets + $4, written_off = written_off + $5,
                status = case
                  when paid + $2 + credited + $3 + offsets + $4 + written_off + $5 >= owed then 'paid' else 'issued' end
            where number = $1
            """, [number, added.Paid, added.Credited, added.Offsets, added.WrittenOff], ct);

    private static async Task Credit(
        NpgsqlConnection connection, string number, PartyEvent.Credited e, CancellationToken ct)
    {
        await Change(connection, number, new(Credited: e.Amount.Cents), ct);
        await connection.Execute("""
            insert into invoicing.party_credit (number, invoice, cents, reason, at)
            values ($1, $2, $3, $4, $5)
            """, [e.Number, number, e.Amount.Cents, e.Reason, e.At], ct);
    }

    private static async Task Void(
        NpgsqlConnection connection, string number, PartyEvent.Voided e, CancellationToken ct)
    {
        await connection.Execute("""
            update invoicing.party_invoice set status = 'void', document = null, voided_in = $2
            where number = $1
            """, [number, BillingMonth.Of(e.At).ToString()], ct);
        await connection.Execute("delete from invoicing.party_line where invoice = $1", [number], ct);
    }

    private static async Task Issue(NpgsqlConnection connection, PartyEvent.Issued e, CancellationToken ct)
    {
        await connection.Execute("""
            insert into invoicing.party_invoice (
              number, month, kind, party, status, lines, total, owed, paid, due, issued_at)
            values ($1, $2, $3, $4, case when $7 <= 0 then 'paid' else 'issued' end, $5, $6, $7, 0, $8, $9)
            """,
            [
                e.Number, e.Month.ToString(), e.Party.Kind.ToString().ToLowerInvariant(), e.Party.Name, e.Lines.Length,
                Money.Sum(e.Lines.Select(line => line.Amount)).Cents, e.Owed.Cents, e.Due,
                e.At,
            ], ct);
        await connection.Execute("""
            insert into invoicing.party_line (invoice, place, pi, what, code, service_month, cents)
            select $1, line.place, line.pi, line.what, nullif(line.code, ''), line.month, line.cents
            from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
              with ordinality as line (pi, what, code, month, cents, place)
            """,
            [
                e.Number, e.Lines.Select(line => line.Pi.Value).ToArray(), e.Lines.Select(line => line.What).ToArray(),
                e.Lines.Select(line => line.Code ?? "").ToArray(),
                e.Lines.Select(line => line.Month.ToString()).ToArray(),
                e.Lines.Select(line => line.Amount.Cents).ToArray(),
            ], ct);
    }
}
