using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Invoicing.Accounts;

/// <summary>Everything that can happen to the cash of an account. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Received), "cash-received/1")]
[JsonDerivedType(typeof(Applied), "cash-applied/1")]
[JsonDerivedType(typeof(Returned), "cash-returned/1")]
[JsonDerivedType(typeof(Unapplied), "cash-unapplied/1")]
[JsonDerivedType(typeof(CreditPolicySet), "cash-credit-policy-set/1")]
public abstract record CashEvent
{
    private CashEvent() { }

    /// <summary>Money came from whoever the account belongs to.</summary>
    /// <param name="ValueDate">The day on which the bank counts it.</param>
    public sealed record Received(string Reference, Money Amount, LocalDate ValueDate, Instant At) : CashEvent;

    /// <summary>A part of a payment pays an invoice.</summary>
    /// <param name="Reference">The payment.</param>
    public sealed record Applied(string Reference, string Invoice, Money Amount, Instant At) : CashEvent;

    /// <summary>An invoice is taken back: what a payment paid of it pays no invoice again.</summary>
    /// <param name="Reference">The payment.</param>
    public sealed record Unapplied(string Reference, string Invoice, Money Amount, Instant At) : CashEvent;

    /// <summary>A part of a payment that paid no invoice went back.</summary>
    /// <param name="Reference">The payment.</param>
    /// <param name="Refund">What tells this refund from others.</param>
    public sealed record Returned(
        string Reference, string Refund, Money Amount, LocalDate ValueDate, Instant At) : CashEvent;

    /// <summary>Whether credit is used for the next invoice by itself, or kept until somebody says so.</summary>
    public sealed record CreditPolicySet(bool Keep, string By, Instant At) : CashEvent;
}
