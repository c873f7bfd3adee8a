using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// An invoice is drafted from the charges of a PI, issued once under a number, and after that only ever paid or voided.
/// </summary>
public abstract record Invoice
{
    private Invoice() { }

    public sealed record Absent : Invoice;
    public sealed record Draft(InvoiceEvent.Drafted Content) : Invoice;
    public sealed record Issued(
        InvoiceEvent.Drafted Content, InvoiceEvent.Issued Terms, ImmutableDictionary<string, Money> Payments) : Invoice
    {
        /// <summary>What the PI still owes.</summary>
        public Money Open => Terms.Owed - Money.Sum(Payments.Values);
    }

    public sealed record Voided(InvoiceEvent.Drafted Content, InvoiceEvent.Issued Terms, string Reason) : Invoice;

    public static readonly Fold<Invoice, InvoiceEvent> Fold = new("invoice", new Absent(), Evolve);

    private static Invoice Evolve(Invoice invoice, InvoiceEvent happened) => (invoice, happened) switch
    {
        (Absent or Draft, InvoiceEvent.Drafted e) => new Draft(e),
        (Draft draft, InvoiceEvent.Issued e) => new Issued(draft.Content, e, ImmutableDictionary<string, Money>.Empty),
        (Issued issued, InvoiceEvent.Paid e) =>
            issued with { Payments = issued.Payments.Add(e.Reference, e.Amount) },
        (Issued issued, InvoiceEvent.Voided e) => new Voided(issued.Content, issued.Terms, e.Reason),
        _ => throw new CorruptStreamException(invoice, happened),
    };

    /// <summary>Gives a draft its number; the total is what its lines amount to, cent for cent.</summary>
    /// <param name="due">The last day on which payment is in time.</param>
    public static Decision<InvoiceEvent> Issue(Invoice invoice, string number, LocalDate due, Instant now) =>
        invoice switch
        {
            Draft { Content.Lines: [] } => new Refusal("invoice/empty", "An invoice needs at least one line."),
            Draft { Content.Pi: null } => new Refusal(
                "invoice/nobody", "Nobody answers for these projects. Say who does: 'exchange projects import'."),
            Draft { Content: var content } =>
            [
                new InvoiceEvent.Issued(
                    number, Money.Sum(content.Lines.Select(line => line.Amount)),
                    Money.Sum(content.Lines.Select(line => line.PiBalance)), due, now),
            ],
            Issued issued when issued.Terms.Number == number => [],
            _ => new Refusal("invoice/not-a-draft", "Only a draft can be issued; this invoice is past that."),
        };

    /// <summary>Notes a payment. The same reference counts once.</summary>
    public static Decision<InvoiceEvent> Pay(Invoice invoice, string reference, Money amount, Instant now) =>
        invoice switch
        {
            Issued issued when issued.Payments.TryGetValue(reference, out var paid) => paid == amount
                ? []
                : new Refusal(
                    "invoice/payment-differs",
                    $"Payment '{reference}' was noted with {paid}, now it is {amount}. Use another reference."),
            Issued when amount <= Money.Zero => new Refusal(
                "invoice/payment-not-positive", "A payment is more than nothing; for money that goes back, void."),
            Issued issued when amount > issued.Open => new Refusal(
                "invoice/overpaid", $"{amount} is more than the {issued.Open} that is open. Note what belongs to it."),
            Issued => [new InvoiceEvent.Paid(reference, amount, now)],
            _ => new Refusal("invoice/not-issued", "Only an issued invoice can be paid."),
        };

    /// <summary>Takes an issued invoice back. It keeps its number, so that the series has no gap.</summary>
    public static Decision<InvoiceEvent> Void(Invoice invoice, string reason, Instant now) => invoice switch
    {
        Issued { Payments.IsEmpty: false } => new Refusal(
            "invoice/paid",
            "Something was paid on this invoice. Give the money back, then correct it by a credit note."),
        Issued => [new InvoiceEvent.Voided(reason, now)],
        Voided => [],
        _ => new Refusal("invoice/not-issued", "Only an issued invoice can be voided."),
    };
}
