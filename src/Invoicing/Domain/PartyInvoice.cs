using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>Who gets an invoice besides PIs. The names are stored for ever.</summary>
public enum PartyKind
{
    /// <summary>An institution with an agreement: it takes upon itself what its PIs owe.</summary>
    Institution,

    /// <summary>Whoever pays a subsidy.</summary>
    Payer,

    /// <summary>A prepaid group: it is told what its money paid, and owes nothing.</summary>
    Group,
}

/// <summary>A party: an institution, a payer or a group, by its name.</summary>
public readonly record struct BillTo(PartyKind Kind, string Name)
{
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()}:{Name}";
}

/// <summary>What a party pays for one PI: of a project, or by a fund.</summary>
/// <param name="What">The project's name, or the fund that pays.</param>
/// <param name="Code">The institution's own customer code; null for none.</param>
/// <param name="Month">The month of the usage.</param>
public sealed record PartyLine(PiId Pi, string What, string? Code, BillingMonth Month, Money Amount);

/// <summary>What an invoice to a party would say.</summary>
public sealed record PartyDraft(BillTo Party, ImmutableArray<PartyLine> Lines)
{
    public Money Total => Money.Sum(Lines.Select(line => line.Amount));

    /// <summary>A group paid before.</summary>
    public Money Owed => Party.Kind == PartyKind.Group ? Money.Zero : Total;
}

/// <summary>Everything that can happen to an invoice to a party. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Issued), "party-invoice-issued/1")]
[JsonDerivedType(typeof(Paid), "party-invoice-paid/1")]
[JsonDerivedType(typeof(Refunded), "party-invoice-refunded/1")]
[JsonDerivedType(typeof(Credited), "party-invoice-credited/1")]
[JsonDerivedType(typeof(Voided), "party-invoice-voided/1")]
[JsonDerivedType(typeof(Drawn), "party-invoice-drawn/1")]
[JsonDerivedType(typeof(Offset), "party-invoice-offset/1")]
[JsonDerivedType(typeof(WrittenOff), "party-invoice-written-off/1")]
[JsonDerivedType(typeof(Replaced), "party-invoice-replaced/1")]
[JsonDerivedType(typeof(Unapplied), "party-invoice-unapplied/1")]
public abstract record PartyEvent
{
    private PartyEvent() { }

    public sealed record Issued(
        string Number, BillingMonth Month, BillTo Party, ImmutableArray<PartyLine> Lines, Money Owed, LocalDate Due,
        Instant At) : PartyEvent
    {
        /// <summary>Whether another system issued it: what of it was open stands here, and no line.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool IsTakenOver { get; init; }

        /// <summary>The void invoice that it replaces, where it was issued between two closes.</summary>
        public string? Replaces { get; init; }

        /// <summary>What it says of issuer and customer; null where nothing was published of them.</summary>
        public Letterhead? Letterhead { get; init; }
    }

    public sealed record Paid(string Reference, Money Amount, Instant At) : PartyEvent;

    /// <summary>Money that had been paid went back.</summary>
    public sealed record Refunded(string Reference, Money Amount, Instant At) : PartyEvent;

    /// <summary>A part of a payment pays this invoice no more: it is the account's again.</summary>
    /// <param name="Reference">The payment, as it was noted here.</param>
    public sealed record Unapplied(string Reference, Money Amount, Instant At) : PartyEvent;

    /// <summary>The exchange bears a part of what the party owed, by a credit note of this number.</summary>
    public sealed record Credited(string Number, Money Amount, string Reason, Instant At) : PartyEvent
    {
        /// <summary>What the note says of issuer and customer; null for what its invoice says.</summary>
        public Letterhead? Letterhead { get; init; }
    }

    public sealed record Voided(string Reason, Instant At) : PartyEvent;

    /// <summary>Credit of one invoice was used for another: both hear of it, with opposite signs.</summary>
    public sealed record Offset(string With, Money Amount, Instant At) : PartyEvent;

    /// <summary>What is owed will not come: the exchange bears it.</summary>
    public sealed record WrittenOff(Money Amount, string Reason, Instant At) : PartyEvent;

    /// <summary>A void invoice was issued again at once, by what is known now.</summary>
    public sealed record Replaced(string Number, Instant At) : PartyEvent;

    /// <summary>It was drawn as a PDF; its bytes are kept under their hash.</summary>
    public sealed record Drawn(string Sha256, Instant At) : PartyEvent;
}

/// <summary>An invoice to a party: issued by a close, then paid or taken back. Its stream is 'party-NUMBER'.</summary>
public abstract record PartyInvoice
{
    private PartyInvoice() { }

    public sealed record Absent : PartyInvoice;
    public sealed record Issued(PartyEvent.Issued Content, ImmutableDictionary<string, Money> Payments) : PartyInvoice
    {
        public ImmutableDictionary<string, Money> Refunds { get; init; } = ImmutableDictionary<string, Money>.Empty;
        public ImmutableSortedDictionary<string, PartyEvent.Credited> Credits { get; init; } =
            ImmutableSortedDictionary<string, PartyEvent.Credited>.Empty;

        /// <summary>The hash of its PDF, once that is drawn.</summary>
        public string? Document { get; init; }

        /// <summary>What was paid and did not go back.</summary>
        public Money Paid => Money.Sum(Payments.Values) - Money.Sum(Refunds.Values);
        public Money Credited => Money.Sum(Credits.Values.Select(credit => credit.Amount));

        /// <summary>What credit of other invoices paid; below zero where its own credit was used for others.</summary>
        public Money Offsets { get; init; }
        public Money WrittenOff { get; init; }

        /// <summary>What is still owed; less than nothing when too much was paid before a credit.</summary>
        public Money Open => Content.Owed - Credited - Paid - Offsets - WrittenOff;

        /// <summary>What was neither credited nor written off.</summary>
        public Money NotCredited => Content.Owed - Credited - WrittenOff;

        /// <summary>What a credit note may be of at most: a group owes nothing, and is not credited.</summary>
        public Money Creditable => Content.Party.Kind == PartyKind.Group ? Money.Zero : NotCredited;

        /// <summary>What can go back to whoever paid.</summary>
        public Money Refundable => Payment.Refundable(Paid, Open);

        /// <summary>Whether nothing came of it that keeps it from being void.</summary>
        public bool IsVoidable => Paid.IsZero && Offsets.IsZero && WrittenOff.IsZero && Credits.IsEmpty &&
            !Content.IsTakenOver;
    }

    public sealed record Voided(PartyEvent.Issued Content, string Reason) : PartyInvoice
    {
        public string? Document { get; init; }

        /// <summary>What was issued instead of it; null where nothing was.</summary>
        public string? ReplacedBy { get; init; }
    }

    public static readonly Fold<PartyInvoice, PartyEvent> Fold = new("party", new Absent(), Evolve);

    /// <summary>Notes a payment. The same reference counts once.</summary>
    public static Decision<PartyEvent> Pay(PartyInvoice invoice, string reference, Money amount, Instant now) =>
        invoice switch
        {
            Issued issued => Payment.Note<PartyEvent>(
                issued.Payments, issued.Open, reference, amount, new PartyEvent.Paid(reference, amount, now)),
            _ => Payment.NotIssued,
        };

    /// <summary>Notes that paid money went back. The same reference counts once.</summary>
    public static Decision<PartyEvent> Refund(PartyInvoice invoice, string reference, Money amount, Instant now) =>
        invoice switch
        {
            Issued issued => Payment.Back<PartyEvent>(
                issued.Refunds, issued.Refundable, reference, amount,
                new PartyEvent.Refunded(reference, amount, now)),
            _ => new Refusal("invoice/not-issued", "Only an issued invoice was paid; this one was not."),
        };

    /// <summary>Lets what a payment paid of it be the account's again.</summary>
    public static Decision<PartyEvent> Unapply(PartyInvoice invoice, string reference, Money amount, Instant now) =>
        invoice is Issued issued
            ? Payment.Unapply<PartyEvent>(
                issued.Payments, issued.Paid, reference, amount, new PartyEvent.Unapplied(reference, amount, now))
            : Payment.NotIssued;

    /// <summary>Takes a part of what the party owes upon the exchange; its lines stay told.</summary>
    /// <param name="note">The credit note.</param>
    public static Decision<PartyEvent> Credit(PartyInvoice invoice, PartyEvent.Credited note) => invoice switch
    {
        Issued issued when issued.Credits.ContainsKey(note.Number) => [],
        Issued { Content.Party.Kind: PartyKind.Group } => new Refusal(
            "invoice/nothing-owed", "A group owes nothing. Pay it in again: 'exchange prepaid pay'."),
        Issued issued => Payment.Credit<PartyEvent>(
            issued.NotCredited, note.Amount, note.Reason, note),
        _ => new Refusal("invoice/not-issued", "Only an issued invoice can be credited."),
    };

    /// <summary>Uses credit of one invoice for another.</summary>
    /// <param name="amount">Above zero on the invoice that it pays, below on the one that it comes from.</param>
    public static Decision<PartyEvent> Offset(PartyInvoice invoice, string with, Money amount, Instant now) =>
        invoice is Issued issued
            ? Payment.Offset<PartyEvent>(issued.Open, amount, new PartyEvent.Offset(with, amount, now))
            : new Refusal("invoice/not-issued", "Only an issued invoice has credit or can be paid by it.");

    /// <summary>The exchange bears what will not be paid.</summary>
    public static Decision<PartyEvent> WriteOff(PartyInvoice invoice, Money amount, string reason, Instant now) =>
        invoice is Issued issued
            ? Payment.WriteOff<PartyEvent>(
                issued.Open, amount, reason, new PartyEvent.WrittenOff(amount, reason, now))
            : new Refusal("invoice/not-issued", "Only an issued invoice can be written off.");

    /// <summary>Takes it back: PIs owe again what it took from them, and the next close bills a payer again.</summary>
    public static Decision<PartyEvent> Void(PartyInvoice invoice, string reason, Instant now) => invoice switch
    {
        Issued issued when !issued.Paid.IsZero => new Refusal(
            "invoice/paid",
            $"{issued.Paid} were paid on this invoice by Stripe, or before accounts held cash. Give that back " +
            "('exchange stripe refund', 'exchange invoices refund'), or write a credit note ('exchange invoices " +
            "credit')."),
        Issued issued when !issued.Offsets.IsZero || !issued.WrittenOff.IsZero => Payment.Settled,
        Issued { Credits.IsEmpty: false } => new Refusal(
            "invoice/credited", "A credit note refers to this invoice, so it stays. Credit the rest of it."),
        Issued when Text.IsBlank(reason) => new Refusal(
            "invoice/no-reason", "Whoever reads a void invoice asks why. Add '--because \"…\"'."),
        Issued { Content.IsTakenOver: true } => Payment.TakenOver,
        Issued => [new PartyEvent.Voided(reason, now)],
        Voided => [],
        _ => new Refusal("invoice/not-issued", "Only an issued invoice can be voided."),
    };

    private static PartyInvoice Evolve(PartyInvoice invoice, PartyEvent happened) => (invoice, happened) switch
    {
        (Absent, PartyEvent.Issued e) => new Issued(e, ImmutableDictionary<string, Money>.Empty),
        (Issued issued, PartyEvent.Paid e) => issued with { Payments = issued.Payments.Add(e.Reference, e.Amount) },
        (Issued issued, PartyEvent.Unapplied e) when issued.Payments.GetValueOrDefault(e.Reference) >= e.Amount =>
            issued with { Payments = issued.Payments.SetItem(e.Reference, issued.Payments[e.Reference] - e.Amount) },
        (Issued issued, PartyEvent.Refunded e) => issued with { Refunds = issued.Refunds.Add(e.Reference, e.Amount) },
        (Issued issued, PartyEvent.Credited e) => issued with { Credits = issued.Credits.Add(e.Number, e) },
        (Issued issued, PartyEvent.Offset e) => issued with { Offsets = issued.Offsets + e.Amount },
        (Issued issued, PartyEvent.WrittenOff e) => issued with { WrittenOff = issued.WrittenOff + e.Amount },
        (Issued issued, PartyEvent.Voided e) => new Voided(issued.Content, e.Reason),
        (Issued issued, PartyEvent.Drawn e) => issued with { Document = e.Sha256 },
        (Voided { ReplacedBy: null } gone, PartyEvent.Replaced e) => gone with { ReplacedBy = e.Number },
        (Voided gone, PartyEvent.Drawn e) => gone with { Document = e.Sha256 },
        _ => throw new CorruptStreamException(invoice, happened),
    };
}
