using System.Collections.Immutable;
using System.Globalization;
using NodaTime.Text;

namespace Exchange.Invoicing;

/// <summary>
/// What the reader of an invoice to a party sees: PI by PI, what the party pays and under which code.
/// </summary>
public static class PartyDocument
{
    /// <exception cref="RefusedException">There is no such invoice.</exception>
    public static InvoiceDocument Of(PartyInvoice invoice, ImmutableArray<string> issuer) => invoice switch
    {
        PartyInvoice.Issued issued => Of(issued.Content, issuer),
        PartyInvoice.Voided gone => Of(gone.Content, issuer) is var document
            ? document with
            {
                Title = $"{document.Title} — VOID: {gone.Reason}",
                Notes = gone.ReplacedBy is { } by ? document.Notes.Insert(0, $"Issued again as {by}.") : document.Notes,
            }
            : throw new InvalidOperationException("There is always a document."),
        _ => throw new RefusedException(new(
            "invoice/unknown", "There is no such invoice. 'exchange invoices parties' shows those that there are.")),
    };

    /// <summary>A credit note on an invoice to a party: what the exchange bears of what it owed.</summary>
    public static InvoiceDocument Of(
        PartyInvoice.Issued invoice, PartyEvent.Credited credit, ImmutableArray<string> issuer) =>
        Of(invoice.Content, issuer).CreditedBy(
            invoice.Content.Number, credit.Number, credit.Amount, credit.Reason, credit.At)
        .Under(credit.Letterhead, [credit.Letterhead?.Customer is null ? invoice.Content.Party.Name : null]);

    private static InvoiceDocument Of(PartyEvent.Issued issued, ImmutableArray<string> issuer)
    {
        var total = Money.Sum(issued.Lines.Select(line => line.Amount));
        var head = issued.Letterhead;
        return new(
            issued.Owed < Money.Zero ? $"Credit note {issued.Number}"
                : issued.Party.Kind == PartyKind.Group ? $"Statement {issued.Number}" : $"Invoice {issued.Number}",
            head?.From ?? issuer, [head?.Customer ?? issued.Party.Name, .. head?.CustomerLines ?? []],
            [
                ("Number", issued.Number), ("Billing month", $"{issued.Month} (UTC)"),
                ("Issued", LocalDatePattern.Iso.Format(issued.At.InUtc().Date)),
                .. InvoiceDocument.DueBy(issued.Owed, issued.Due, head),
                .. issued.Replaces is { } gone ? new[] { ("Replaces", gone) } : [],
            ],
            [.. issued.Lines.GroupBy(line => line.Pi).Select(of => Section(of.Key, [.. of], issued))],
            [
                .. issued.Party.Kind == PartyKind.Group
                    ? new[] { ("Used", Dollars(total)), ("Paid from prepaid money", Dollars(-total)) } : [],
                issued.Owed < Money.Zero
                    ? ("In your favor", Dollars(-issued.Owed))
                    : ("Amount due", Dollars(issued.Owed)),
            ],
            [
                .. head?.Texts ?? [],
                issued.IsTakenOver ? InvoiceDocument.TakenOver : issued.Party.Kind switch
                {
                    PartyKind.Institution => "By agreement the institution pays what these PIs owe for this month; " +
                        "each of them has the details.",
                    PartyKind.Payer => "What your subsidy paid for each PI; corrections of earlier months are lines " +
                        "of their own.",
                    PartyKind.Group => "What the group's prepaid money paid for each PI; nothing is due.",
                },
            ], issued.At)
        {
            Remittance = issued.Owed > Money.Zero ? head?.Remittance ?? [] : [],
            Logo = head?.Logo,
            Header = new(
                issued.Party.Kind == PartyKind.Institution ? "Project" : "Paid for by", "Used in", "", "Amount", "",
                issued.Party.Kind == PartyKind.Group ? "" : "Amount due"),
        };
    }

    private static DocumentSection Section(PiId pi, ImmutableArray<PartyLine> lines, PartyEvent.Issued issued)
    {
        var sum = Dollars(Money.Sum(lines.Select(line => line.Amount)));
        return new(
            pi.Value,
            [
                .. lines.Select(line => new DocumentRow(
                    line.Code is { Length: > 0 } code ? $"{line.What}, code {code}" : line.What,
                    line.Month == issued.Month ? $"{line.Month}" : $"{line.Month}, adjusted", "",
                    Dollars(line.Amount), "", issued.Party.Kind == PartyKind.Group ? "" : Dollars(line.Amount))),
            ],
            new("Sum", "", "", sum, "", issued.Party.Kind == PartyKind.Group ? "" : sum));
    }

    private static string Dollars(Money money) => string.Create(
        CultureInfo.InvariantCulture, $"{(money.Cents < 0 ? "−" : "")}${decimal.Abs(money.Amount):#,##0.00}");
}
