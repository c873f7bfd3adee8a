using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Invoicing.Accounts;

/// <summary>Money that came to an account, and which invoices it is to pay.</summary>
/// <param name="Reference">What tells this payment from others, as the bank has it.</param>
/// <param name="ValueDate">The day on which the bank counted it; null for today.</param>
/// <param name="Invoices">
/// The invoices that it pays, in this order; when none is named, what is open on the account, the oldest first.
/// </param>
public sealed record PaymentToRecord(
    AccountName Account, string Reference, Money Amount, LocalDate? ValueDate,
    ImmutableArray<InvoiceToPay> Invoices)
{
    /// <summary>How what the ledger says of a payment begins; its reference and ' of ' and its day follow.</summary>
    internal const string EntryBegins = "Payment ";

    /// <summary>What the ledger says of a payment.</summary>
    public static string EntryOf(string reference, LocalDate valueDate) =>
        $"{EntryBegins}{reference} of {valueDate:uuuu-MM-dd}";
}

/// <summary>An invoice that a payment is to pay.</summary>
/// <param name="Amount">Null for what is open on it.</param>
public readonly record struct InvoiceToPay(string Number, Money? Amount);

/// <summary>What became of a payment: what it paid, and what of it pays nothing yet.</summary>
/// <param name="IsNew">False when it was noted before.</param>
public sealed record PaymentRecorded(bool IsNew, ImmutableArray<InvoiceToPay> Paid, Money Unapplied);
