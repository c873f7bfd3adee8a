using System.Collections.Immutable;
using System.Globalization;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Explaining;

/// <summary>What explains something that was issued under a number.</summary>
public abstract record ExplainedNumber
{
    private ExplainedNumber() { }

    /// <summary>An invoice to a PI as it was issued: what happened to it later is no part of it.</summary>
    public sealed record OfInvoice(InvoiceRow Row, ImmutableArray<InvoiceLine> Lines) : ExplainedNumber;

    /// <summary>Charges down to readings.</summary>
    public sealed record OfCharges(IReadOnlyList<Explanation> Charges) : ExplainedNumber;

    /// <summary>An invoice to an institution, payer or group, or one line of it.</summary>
    public sealed record OfParty(
        string Number, BillTo Party, BillingMonth Month, Money Owed, LocalDate Due, Instant At,
        IReadOnlyList<ExplainedPartyLine> Lines) : ExplainedNumber;

    /// <summary>What the exchange bears of an invoice.</summary>
    public sealed record OfCredit(string Number, string Invoice, Money Amount, string Reason, Instant At)
        : ExplainedNumber;
}

/// <summary>A line that a party pays, and the lines of PIs' invoices that it comes from.</summary>
/// <param name="Place">From 1, as the invoice lists it.</param>
/// <param name="Comes">What they come to: the amount, but for what earlier invoices to the party told.</param>
public sealed record ExplainedPartyLine(
    int Place, PiId Pi, string What, string? Code, BillingMonth Month, Money Amount, Money Comes,
    IReadOnlyList<PartOfPartyLine> From);

/// <summary>What a line of a PI's invoice adds to the line of a party.</summary>
/// <param name="Line">As 'exchange explain' takes it: 'PI-2026-0001#2'.</param>
public sealed record PartOfPartyLine(string Line, string ChargeId, Money Amount);

/// <summary>'exchange explain NUMBER' — whatever was issued, with #LINE or without.</summary>
public static class ExplainNumber
{
    /// <exception cref="RefusedException">Nothing is known under this name.</exception>
    /// <param name="asOf">What was issued before this instant; null for everything.</param>
    public static async Task<ExplainedNumber> Run(
        Sources sources, string asked, CancellationToken ct, Instant? asOf = null)
    {
        var (number, line) = asked.Split('#') is [var before, var after] ? (before, after) : (asked, null);
        if (await sources.Journal.State(PartyInvoice.Fold, number, ct) is var party and not PartyInvoice.Absent)
        {
            return await OfParty(sources, party, line, asOf, ct);
        }

        if (await CreditOf(sources, number, ct) is { } credit && !(credit.At >= asOf))
        {
            return credit;
        }

        if (await FindInvoice.Run(sources.Journal, sources.Database, number, ct) is not var (row, invoice))
        {
            return new ExplainedNumber.OfCharges(await Explain.Run(sources, asked, ct, asOf));
        }

        var (content, terms) = invoice switch
        {
            Invoice.Issued issued when issued.Terms.Number == number => (issued.Content, issued.Terms),
            Invoice.Voided gone when gone.Terms.Number == number => (gone.Content, gone.Terms),
            _ => throw Explain.Unknown(asked),
        };
        if (terms.At >= asOf)
        {
            throw Explain.Unknown(asked);
        }

        if (line is null)
        {
            return new ExplainedNumber.OfInvoice(AsIssued(row, content, terms), content.Lines);
        }

        var place = Place(number, line, content.Lines.Length);
        return new ExplainedNumber.OfCharges(await OfLine(sources, row.Id, place, content, ct));
    }

    private static async Task<IReadOnlyList<Explanation>> OfLine(
        Sources sources, string id, int place, InvoiceEvent.Drafted content, CancellationToken ct)
    {
        var months = await sources.Journal.State(Months.Fold, Months.Id, ct);
        var kept = new KeptCharges(sources.Database, months);
        var line = content.Lines[place - 1];
        var found = (await kept.OfCharge(line.ServiceMonth(content.Month), line.ChargeId, ct))
            .FirstOrDefault(one => one.Invoice == id && one.Place == place);
        return found is not null ? [await Explain.Of(sources, kept, found, ct)]
            : months.Closed.GetValueOrDefault(content.Month)?.Kept is null
                ? await Explain.Run(sources, line.ChargeId, ct) // An older version closed it, and kept nothing.
                : throw new InvalidOperationException($"{id}, line {place}, is not among what its close kept.");
    }

    private static InvoiceRow AsIssued(InvoiceRow row, InvoiceEvent.Drafted content, InvoiceEvent.Issued terms) =>
        row with
        {
            Status = "issued",
            Total = terms.Total,
            Owed = terms.Owed,
            Paid = Money.Zero,
            Balance = Money.Sum(content.Lines.Select(line => line.Balance)),
            Lines = content.Lines.Length,
        };

    private static async Task<ExplainedNumber.OfCredit?> CreditOf(
        Sources sources, string number, CancellationToken ct)
    {
        const string Sql = """
            select invoice, false from invoicing.credit where number = $1
            union all
            select invoice, true from invoicing.party_credit where number = $1
            """;

        await using var command = sources.Database.Statement(Sql, [number]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        if (!await rows.ReadAsync(ct))
        {
            return null;
        }

        var (id, isToParty) = (rows.GetString(0), rows.GetBoolean(1));
        return isToParty
            ? await sources.Journal.State(PartyInvoice.Fold, id, ct) is PartyInvoice.Issued party &&
                party.Credits.GetValueOrDefault(number) is { } ofParty
                ? new(number, id, ofParty.Amount, ofParty.Reason, ofParty.At)
                : null
            : await sources.Journal.State(Invoice.Fold, id, ct) is Invoice.Issued invoice &&
                invoice.Credits.GetValueOrDefault(number) is { } ofPi
                ? new(number, invoice.Terms.Number, ofPi.Amount, ofPi.Reason, ofPi.At)
                : null;
    }

    private static async Task<ExplainedNumber> OfParty(
        Sources sources, PartyInvoice invoice, string? line, Instant? asOf, CancellationToken ct)
    {
        var issued = invoice switch
        {
            PartyInvoice.Issued open => open.Content,
            PartyInvoice.Voided gone => gone.Content,
            _ => throw new InvalidOperationException("It is neither issued nor void."),
        };
        if (issued.At >= asOf)
        {
            throw Explain.Unknown(issued.Number);
        }

        var lines = new List<ExplainedPartyLine>();
        foreach (var (one, place) in issued.Lines.Select((one, i) => (one, i + 1)))
        {
            if (line is null || place == Place(issued.Number, line, issued.Lines.Length))
            {
                var from = await From(sources, issued, one, ct);
                lines.Add(new(
                    place, one.Pi, one.What, one.Code, one.Month, one.Amount,
                    Money.Sum(from.Select(part => part.Amount)), from));
            }
        }

        return new ExplainedNumber.OfParty(
            issued.Number, issued.Party, issued.Month, issued.Owed, issued.Due, issued.At, lines);
    }

    /// <summary>
    /// The lines of the PI's invoices that it was issued with; and, less than nothing, those of earlier ones that were
    /// taken back before it.
    /// </summary>
    private static async Task<IReadOnlyList<PartOfPartyLine>> From(
        Sources sources, PartyEvent.Issued issued, PartyLine line, CancellationToken ct)
    {
        var parts = new List<PartOfPartyLine>();
        foreach (var row in (await InvoiceList.Run(sources.Database, new(Pi: line.Pi), ct))
            .Where(row => row.Number is not null && row.Month >= line.Month && row.Month <= issued.Month))
        {
            var history = await sources.Journal.Read<InvoiceEvent>(Invoice.Fold.StreamOf(row.Id), ct);
            if (history.OfType<InvoiceEvent.Drafted>().LastOrDefault() is { } draft &&
                SignOf(issued, draft, history) is var sign and not 0)
            {
                parts.AddRange(draft.Lines.Select((one, i) => (One: one, Place: i + 1))
                    .Where(of => of.One.ServiceMonth(draft.Month) == line.Month)
                    .Select(of => new PartOfPartyLine(
                        string.Create(CultureInfo.InvariantCulture, $"{row.Number}#{of.Place}"), of.One.ChargeId,
                        new(sign * Paid(issued.Party, line, of.One).Cents)))
                    .Where(part => !part.Amount.IsZero));
            }
        }

        return parts;
    }

    /// <summary>Whether an invoice of a PI adds to what a party was told, takes away from it, or neither.</summary>
    private static int SignOf(
        PartyEvent.Issued issued, InvoiceEvent.Drafted draft, IReadOnlyList<InvoiceEvent> history)
    {
        if (issued.Party.Kind == PartyKind.Institution)
        {
            return history.OfType<InvoiceEvent.BilledToInstitution>().Any(taken => taken.Number == issued.Number)
                ? 1
                : 0;
        }

        var wasVoid = history.OfType<InvoiceEvent.Voided>().Any(gone => gone.At <= issued.At);
        return issued.Replaces is not null || draft.Replaces is not null
            ? !wasVoid && history.OfType<InvoiceEvent.Issued>().First().At <= issued.At ? 1 : 0
            : draft.Month == issued.Month ? 1 : wasVoid ? -1 : 0;
    }

    private static Money Paid(BillTo party, PartyLine line, InvoiceLine of) => party.Kind switch
    {
        PartyKind.Institution => of.ProjectName == line.What ? of.PiBalance : Money.Zero,
        PartyKind.Payer => Money.Sum(of.Funds.Where(share => share.Fund == line.What).Select(share => share.Amount)),
        PartyKind.Group => Money.Sum(of.Funds.Where(share => share.Group == party.Name).Select(share => share.Amount)),
    };

    private static int Place(string number, string line, int lines) =>
        int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place >= 1 &&
        place <= lines
            ? place
            : throw new RefusedException(new(
                "explain/unknown", $"{number} has lines 1 to {lines}, no line '{line}'."));
}
