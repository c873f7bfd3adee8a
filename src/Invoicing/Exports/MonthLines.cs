using System.Runtime.CompilerServices;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Explaining;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Reading;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Exports;

/// <summary>A line as it was billed, or as it would be; then it has no invoice.</summary>
public sealed record BilledLine(Account Account, string? Institution, string? Invoice, InvoiceLine Line)
{
    /// <summary>Whether an institution took it with an invoice that was issued with this one.</summary>
    public bool IsTaken { get; init; }
}

/// <summary>
/// The lines of a month, one at a time: of a closed month what its invoices billed, of an open one what closing it
/// now would bill.
/// </summary>
public static class MonthLines
{
    public static async Task<bool> IsClosed(Sources sources, BillingMonth month, CancellationToken ct) =>
        (await sources.Journal.State(Months.Fold, Months.Id, ct)).IsClosed(month);

    /// <summary>The lines; a landlord that may not know its customers gets them under other names.</summary>
    public static async IAsyncEnumerable<BilledLine> Of(
        Sources sources, Wanted wanted, [EnumeratorCancellation] CancellationToken ct)
    {
        var names = wanted.Landlord is { } landlord && sources.Landlords.HidesCustomers(landlord)
            ? await Pseudonyms.Of(sources.Journal, landlord, ct)
            : null;
        await foreach (var billed in Named(sources, wanted, ct))
        {
            yield return names is null
                ? billed
                : billed with
                {
                    Account = new(new PiId(names.Of(billed.Account))),
                    Institution = null,
                    Invoice = null,
                    Line = billed.Line with { ProjectName = billed.Line.Project.Value, Funds = [] },
                };
        }
    }

    private static async IAsyncEnumerable<BilledLine> Named(
        Sources sources, Wanted wanted, [EnumeratorCancellation] CancellationToken ct)
    {
        if (wanted.AsOf is { } before)
        {
            await foreach (var line in KnownBefore(sources, wanted, before, ct))
            {
                yield return line;
            }

            yield break;
        }

        if (await IsClosed(sources, wanted.Month, ct))
        {
            await foreach (var line in Stated(sources.Database, wanted, ct))
            {
                yield return line;
            }

            yield break;
        }

        await foreach (var line in Stated(sources.Database, wanted, ct))
        {
            yield return line; // What was taken back and issued again since the last close.
        }

        var plan = await Draft(sources, wanted, ct);
        foreach (var draft in plan.Drafts)
        {
            var taker = PlanParties.Taking(sources.Institutions, draft);
            var isTaken = plan.Parties.Any(party => party.Party == taker);
            foreach (var line in draft.Lines.Where(wanted.Has))
            {
                yield return new(new(draft.Pi), draft.Institution, null, line) { IsTaken = isTaken };
            }
        }
    }

    private static async IAsyncEnumerable<BilledLine> KnownBefore(
        Sources sources, Wanted wanted, Instant before, [EnumeratorCancellation] CancellationToken ct)
    {
        var lines = (await (await KnownThen.Read(sources, before, ct)).Lines(wanted.Month, ct))
            .Where(kept => wanted.Has(kept.Line)).ToList();
        var invoices = await Invoices(sources.Database, lines, ct);
        var taken = await TakenInvoices.IssuedWith(sources.Database, wanted.Month, ct);
        foreach (var kept in lines)
        {
            var row = invoices.GetValueOrDefault(kept.Invoice);
            yield return new(kept.Account, row?.Institution, row?.Number, kept.Line)
            {
                IsTaken = row?.Month == wanted.Month && taken.Contains(row.Id),
            };
        }
    }

    /// <summary>The invoices of lines; what was taken back is of an earlier month than the one that tells it.</summary>
    private static async Task<IReadOnlyDictionary<string, InvoiceRow>> Invoices(
        NpgsqlDataSource database, IEnumerable<KeptLine> lines, CancellationToken ct)
    {
        var invoices = new Dictionary<string, InvoiceRow>(StringComparer.Ordinal);
        foreach (var month in lines.Select(kept => kept.Invoice[..kept.Invoice.IndexOf(':', StringComparison.Ordinal)])
            .Distinct())
        {
            foreach (var row in await InvoiceList.Run(
                database, new(BillingMonth.Parse(month), Limit: int.MaxValue), ct))
            {
                invoices[row.Id] = row;
            }
        }

        return invoices;
    }

    /// <summary>What closing an open month would write.</summary>
    /// <exception cref="RefusedException">A later month is closed, so this one has no invoices of its own.</exception>
    public static async Task<ClosePlan> Draft(Sources sources, Wanted wanted, CancellationToken ct) =>
        (await CloseMonth.Plan(sources, wanted.Month, wanted.Policies, wanted.Now ?? wanted.Month.End, ct)).Plan!;

    /// <summary>What was said of a month that is still open.</summary>
    public static async Task<IReadOnlyList<string>> Notes(
        Sources sources, BillingMonth month, CancellationToken ct) => await IsClosed(sources, month, ct)
            ? []
            : [$"{month} is open: this is what closing it now would bill, and it can still change."];

    /// <summary>What the invoices of a month billed, void ones too, and less what was taken back in it.</summary>
    private static async IAsyncEnumerable<BilledLine> Stated(
        NpgsqlDataSource database, Wanted wanted, [EnumeratorCancellation] CancellationToken ct)
    {
        const string Sql = """
            select l.charge_id, l.from_at, l.to_at, l.landlord, l.service, l.cluster, l.project, l.project_name, l.sku,
              l.quantity, l.unit, l.rate, l.cents, l.funds::text, l.sheet, l.adjusts, l.avoided, l.account,
              i.institution, i.number, l.sign, l.sign > 0 and took.invoice is not null
            from invoicing.told_line l
            join invoicing.invoice i on i.id = l.invoice
            left join (select t.invoice, p.issued_at from invoicing.taken t join invoicing.party_invoice p
              on p.number = t.number) took on took.invoice = i.id and took.issued_at = i.issued_at
            where l.told_in = $1
              and ($2::text is null or l.landlord = $2)
              and ($3::text is null or l.cluster = $3)
            order by l.invoice, l.sign desc, l.place
            """;

        await using var command = database.Statement(Sql, []);
        foreach (var value in (string?[])[
            wanted.Month.ToString(), wanted.Landlord?.Value, wanted.Cluster?.Value])
        {
            command.Parameters.Add(new() { Value = (object?)value ?? DBNull.Value, DataTypeName = "text" });
        }

        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var line = BilledLines.Line(rows);
            yield return new(
                Account.Named(rows.GetString(17)), rows.IsDBNull(18) ? null : rows.GetString(18),
                rows.IsDBNull(19) ? null : rows.GetString(19),
                rows.GetInt32(20) > 0 ? line : CorrectSettlements.Opposite(line) with
                {
                    Adjusts = line.Adjusts ?? BillingMonth.Of(line.ServicePeriod.Start),
                })
            {
                IsTaken = rows.GetBoolean(21),
            };
        }
    }
}
