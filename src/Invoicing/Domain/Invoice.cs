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
        public ImmutableDictionary<string, Money> Refunds { get; init; } = ImmutableDictionary<string, Money>.Empty;
        public ImmutableSortedDictionary<string, InvoiceEvent.Credited> Credits { get; init; } =
            ImmutableSortedDictionary<string, InvoiceEvent.Credited>.Empty;

        /// <summary>The hash of its PDF, once that is drawn.</summary>
        public string? Document { get; init; }

        /// <summary>Who took upon itself what the PI owes; null where the PI pays.</summary>
        public InvoiceEvent.BilledToInstitution? BilledToInstitution { get; init; }

        /// <summary>What was paid and did not go back.</summary>
        public Money Paid => Money.Sum(Payments.Values) - Money.Sum(Refunds.Values);
        public Money Credited => Money.Sum(Credits.Values.Select(credit => credit.Amount));

        /// <summary>What credit of other invoices paid; below zero where its own credit was used for others.</summary>
        public Money Offsets { get; init; }
        public Money WrittenOff { get; init; }

        /// <summary>What the PI still owes; less than nothing where it is a credit, or too much was paid.</summary>
        public Money Open => BilledToInstitution is null
            ? Terms.Owed - Credited - Paid - Offsets - WrittenOff
            : Money.Zero;
    }

    public sealed record Voided(InvoiceEvent.Drafted Content, InvoiceEvent.Issued Terms, string Reason) : Invoice
    {
        public string? Document { get; init; }

        /// <summary>What was issued instead of it; null where nothing was.</summary>
        public InvoiceEvent.Replaced? Replaced { get; init; }
    }

    public static readonly Fold<Invoice, InvoiceEvent> Fold = new("invoice", new Absent(), Evolve);

    private static Invoice Evolve(Invoice invoice, InvoiceEvent happened) => (invoice, happened) switch
    {
        (Absent or Draft, InvoiceEvent.Drafted e) => new Draft(e),
        (Draft draft, InvoiceEvent.Issued e) => new Issued(draft.Content, e, ImmutableDictionary<string, Money>.Empty),
        (Issued issued, InvoiceEvent.Paid e) =>
            issued with { Payments = issued.Payments.Add(e.Reference, e.Amount) },
        (Issued issued, InvoiceEvent.Unapplied e) when issued.Payments.GetValueOrDefault(e.Reference) >= e.Amount =>
            issued with { Payments = issued.Payments.SetItem(e.Reference, issued.Payments[e.Reference] - e.Amount) },
        (Issued issued, InvoiceEvent.Refunded e) =>
            issued with { Refunds = issued.Refunds.Add(e.Reference, e.Amount) },
        (Issued issued, InvoiceEvent.Credited e) => issued with { Credits = issued.Credits.Add(e.Number, e) },
        (Issued issued, InvoiceEvent.Offset e) => issued with { Offsets = issued.Offsets + e.Amount },
        (Issued issued, InvoiceEvent.WrittenOff e) => issued with { WrittenOff = issued.WrittenOff + e.Amount },
        (Issued issued, InvoiceEvent.Drawn e) => issued with { Document = e.Sha256 },
        (Voided gone, InvoiceEvent.Drawn e) => gone with { Document = e.Sha256 },
        (Issued { BilledToInstitution: null } issued, InvoiceEvent.BilledToInstitution e) =>
            issued with { BilledToInstitution = e },
        (Issued { BilledToInstitution: { } taken } issued, InvoiceEvent.Released e) when taken.Number == e.Number =>
            issued with { BilledToInstitution = null },
        (Voided { Replaced: null } gone, InvoiceEvent.Replaced e) => gone with { Replaced = e },
        (Issued issued, InvoiceEvent.Voided e) => new Voided(issued.Content, issued.Terms, e.Reason),
        _ => throw new CorruptStreamException(invoice, happened),
    };

    /// <summary>Gives a draft its number; the total is what its lines amount to, cent for cent.</summary>
    /// <param name="due">The last day on which payment is in time.</param>
    /// <param name="letterhead">What it says of issuer and customer; null where nothing was published.</param>
    public static Decision<InvoiceEvent> Issue(
        Invoice invoice, string number, LocalDate due, Instant now, Letterhead? letterhead = null) =>
        invoice switch
        {
            Draft { Content.Lines: [] } => new Refusal("invoice/empty", "An invoice needs at least one line."),
            Draft { Content.Pi: null } => new Refusal(
                "invoice/nobody", "Nobody answers for these projects. Say who does: 'exchange projects import'."),
            Draft { Content: var content } =>
            [
                new InvoiceEvent.Issued(
                    number, Money.Sum(content.Lines.Select(line => line.Amount)),
                    Money.Sum(content.Lines.Select(line => line.PiBalance)), due, now)
                {
                    Letterhead = letterhead,
                },
            ],
            Issued issued when issued.Terms.Number == number => [],
            _ => new Refusal("invoice/not-a-draft", "Only a draft can be issued; this invoice is past that."),
        };

    /// <summary>Notes a payment. The same reference counts once.</summary>
    public static Decision<InvoiceEvent> Pay(Invoice invoice, string reference, Money amount, Instant now) =>
        invoice switch
        {
            Issued { BilledToInstitution: { } taken } issued when !issued.Payments.ContainsKey(reference) =>
                TakenBy(taken),
            Issued issued => Payment.Note<InvoiceEvent>(
                issued.Payments, issued.Open, reference, amount, new InvoiceEvent.Paid(reference, amount, now)),
            _ => Payment.NotIssued,
        };

    /// <summary>Notes that paid money went back. The same reference counts once.</summary>
    public static Decision<InvoiceEvent> Refund(Invoice invoice, string reference, Money amount, Instant now) =>
        invoice switch
        {
            Issued issued => Payment.Back<InvoiceEvent>(
                issued.Refunds, Payment.Refundable(issued.Paid, issued.Open), reference, amount,
                new InvoiceEvent.Refunded(reference, amount, now)),
            _ => new Refusal("invoice/not-issued", "Only an issued invoice was paid; this one was not."),
        };

    /// <summary>Lets what a payment paid of it be the account's again.</summary>
    public static Decision<InvoiceEvent> Unapply(Invoice invoice, string reference, Money amount, Instant now) =>
        invoice is Issued issued
            ? Payment.Unapply<InvoiceEvent>(
                issued.Payments, issued.Paid, reference, amount, new InvoiceEvent.Unapplied(reference, amount, now))
            : Payment.NotIssued;

    /// <summary>Takes a part of what the PI owes upon the exchange; the usage stays billed.</summary>
    /// <param name="note">The credit note.</param>
    public static Decision<InvoiceEvent> Credit(Invoice invoice, InvoiceEvent.Credited note) => invoice switch
    {
        Issued issued when issued.Credits.ContainsKey(note.Number) => [],
        Issued { BilledToInstitution: { } taken } => TakenBy(taken),
        Issued issued => Payment.Credit<InvoiceEvent>(
            issued.Terms.Owed - issued.Credited - issued.WrittenOff, note.Amount, note.Reason, note),
        _ => new Refusal("invoice/not-issued", "Only an issued invoice can be credited."),
    };

    /// <summary>Uses credit of one invoice for another.</summary>
    /// <param name="amount">Above zero on the invoice that it pays, below on the one that it comes from.</param>
    public static Decision<InvoiceEvent> Offset(Invoice invoice, string with, Money amount, Instant now) =>
        invoice switch
        {
            Issued { BilledToInstitution: { } taken } => TakenBy(taken),
            Issued issued => Payment.Offset<InvoiceEvent>(
                issued.Open, amount, new InvoiceEvent.Offset(with, amount, now)),
            _ => new Refusal("invoice/not-issued", "Only an issued invoice has credit or can be paid by it."),
        };

    /// <summary>The exchange bears what will not be paid.</summary>
    public static Decision<InvoiceEvent> WriteOff(Invoice invoice, Money amount, string reason, Instant now) =>
        invoice switch
        {
            Issued { BilledToInstitution: { } taken } => TakenBy(taken),
            Issued issued => Payment.WriteOff<InvoiceEvent>(
                issued.Open, amount, reason, new InvoiceEvent.WrittenOff(amount, reason, now)),
            _ => new Refusal("invoice/not-issued", "Only an issued invoice can be written off."),
        };

    /// <summary>
    /// Takes an issued invoice back, and with it what funds paid and landlords were to get; the next close bills its
    /// usage again. It keeps its number, so that the series has no gap.
    /// </summary>
    public static Decision<InvoiceEvent> Void(Invoice invoice, string reason, Instant now) => invoice switch
    {
        Issued issued when !issued.Paid.IsZero => new Refusal(
            "invoice/paid",
            $"{issued.Paid} were paid on this invoice by Stripe, or before accounts held cash. Give that back " +
            "('exchange stripe refund', 'exchange invoices refund'), or write a credit note ('exchange invoices " +
            "credit')."),
        Issued { BilledToInstitution: { } taken } => TakenBy(taken),
        Issued issued when !issued.Offsets.IsZero || !issued.WrittenOff.IsZero => Payment.Settled,
        Issued { Credits.IsEmpty: false } => new Refusal(
            "invoice/credited", "A credit note refers to this invoice, so it stays. Credit the rest of it."),
        Issued when Text.IsBlank(reason) => new Refusal(
            "invoice/no-reason", "Whoever reads a void invoice asks why. Add '--because \"…\"'."),
        Issued { Terms.IsTakenOver: true } => Payment.TakenOver,
        Issued => [new InvoiceEvent.Voided(reason, now)],
        Voided => [],
        _ => new Refusal("invoice/not-issued", "Only an issued invoice can be voided."),
    };

    internal static Refusal TakenBy(InvoiceEvent.BilledToInstitution taken) => new(
        "invoice/taken",
        $"{taken.Institution} pays this with {taken.Number}. Act on that one, or void it first: then the PI owes " +
        "again.");
}
