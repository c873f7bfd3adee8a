using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>Everything that can happen to an invoice. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Drafted), "invoice-drafted/1")]
[JsonDerivedType(typeof(Issued), "invoice-issued/1")]
[JsonDerivedType(typeof(Paid), "invoice-paid/1")]
[JsonDerivedType(typeof(Refunded), "invoice-refunded/1")]
[JsonDerivedType(typeof(Credited), "invoice-credited/1")]
[JsonDerivedType(typeof(Voided), "invoice-voided/1")]
[JsonDerivedType(typeof(Drawn), "invoice-drawn/1")]
[JsonDerivedType(typeof(BilledToInstitution), "invoice-taken/1")]
[JsonDerivedType(typeof(Released), "invoice-released/1")]
[JsonDerivedType(typeof(Offset), "invoice-offset/1")]
[JsonDerivedType(typeof(WrittenOff), "invoice-written-off/1")]
[JsonDerivedType(typeof(Replaced), "invoice-replaced/1")]
[JsonDerivedType(typeof(Unapplied), "invoice-unapplied/1")]
public abstract record InvoiceEvent
{
    private InvoiceEvent() { }

    /// <param name="Pi">Null for usage of projects that nobody answers for: a draft that is never issued.</param>
    public sealed record Drafted(
        BillingMonth Month, PiId? Pi, string? Institution, ImmutableArray<InvoiceLine> Lines, Instant At)
            : InvoiceEvent
    {
        /// <summary>The PI's name as a person, where the directory knew it.</summary>
        public string? PiName { get; init; }

        /// <summary>The titles of its projects, by 'cluster/project', where the directory knew them.</summary>
        public ImmutableSortedDictionary<string, string>? Titles { get; init; }

        /// <summary>The void invoice that it replaces, where it was issued again between two closes.</summary>
        public string? Replaces { get; init; }

        /// <summary>Where it replaces another: the close whose settlements its lines belong to.</summary>
        public BillingMonth? SettledIn { get; init; }

        /// <summary>
        /// Who takes what it owes, where that does not follow from its institution and month, or the PI has another
        /// invoice of this close: an institution, or 'own' for what the PI pays. Null for the first or only one.
        /// </summary>
        public string? Apart { get; init; }

        public string? TitleOf(InvoiceLine line) => Titles?.GetValueOrDefault($"{line.Cluster}/{line.Project}");
    }

    public sealed record Issued(string Number, Money Total, Money Owed, LocalDate Due, Instant At) : InvoiceEvent
    {
        /// <summary>Whether another system issued it: what of it was open stands here, and no line.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool IsTakenOver { get; init; }

        /// <summary>What it says of issuer and customer; null where nothing was published of them.</summary>
        public Letterhead? Letterhead { get; init; }
    }

    public sealed record Paid(string Reference, Money Amount, Instant At) : InvoiceEvent;
    /// <summary>Money that had been paid went back.</summary>
    public sealed record Refunded(string Reference, Money Amount, Instant At) : InvoiceEvent;

    /// <summary>A part of a payment pays this invoice no more: it is the account's again.</summary>
    /// <param name="Reference">The payment, as it was noted here.</param>
    public sealed record Unapplied(string Reference, Money Amount, Instant At) : InvoiceEvent;

    /// <summary>The exchange bears a part of what the PI owed, by a credit note of this number.</summary>
    public sealed record Credited(string Number, Money Amount, string Reason, Instant At) : InvoiceEvent
    {
        /// <summary>What the note says of issuer and customer; null for what its invoice says.</summary>
        public Letterhead? Letterhead { get; init; }
    }

    public sealed record Voided(string Reason, Instant At) : InvoiceEvent;

    /// <summary>An institution takes upon itself what the PI owes, by an invoice of its own.</summary>
    /// <param name="Number">The institution's invoice.</param>
    public sealed record BilledToInstitution(string Institution, string Number, Instant At) : InvoiceEvent;

    /// <summary>The institution's invoice is void: the PI owes again.</summary>
    public sealed record Released(string Number, Instant At) : InvoiceEvent;

    /// <summary>Credit of one invoice was used for another: both hear of it, with opposite signs.</summary>
    /// <param name="With">The other invoice.</param>
    /// <param name="Amount">Above zero where it pays, below zero where the credit comes from.</param>
    public sealed record Offset(string With, Money Amount, Instant At) : InvoiceEvent;

    /// <summary>What is owed will not come: the exchange bears it.</summary>
    public sealed record WrittenOff(Money Amount, string Reason, Instant At) : InvoiceEvent;

    /// <summary>A void invoice was issued again at once, to whoever owes its usage as it is known now.</summary>
    /// <param name="Invoices">As the streams of the new invoices are called.</param>
    public sealed record Replaced(ImmutableArray<string> Invoices, ImmutableArray<string> Numbers, Instant At)
        : InvoiceEvent;

    /// <summary>The invoice was drawn as a PDF; its bytes are kept under their hash.</summary>
    public sealed record Drawn(string Sha256, Instant At) : InvoiceEvent;
}
