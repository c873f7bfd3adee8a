using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Invoicing.Accounts;

/// <summary>What came of one payment: how much, since when, and what of it pays no invoice yet.</summary>
public sealed record ReceivedPayment(string Reference, Money Amount, LocalDate ValueDate, Money Unapplied)
{
    /// <summary>How often a part of it was used for each invoice.</summary>
    public ImmutableDictionary<string, int> Uses { get; init; } = ImmutableDictionary<string, int>.Empty;
}

/// <summary>
/// The money that an account's owner sent: each payment once, what of it was applied to invoices, and what was not.
/// Its stream is 'cash-ACCOUNT', as in 'cash-pi:ada@bu.edu'.
/// </summary>
public sealed record CashAccount(
    ImmutableSortedDictionary<string, ReceivedPayment> Payments, ImmutableHashSet<string> Refunds, bool KeepsCredit)
{
    public static readonly Fold<CashAccount, CashEvent> Fold = new(
        "cash",
        new(ImmutableSortedDictionary.Create<string, ReceivedPayment>(StringComparer.Ordinal), [], false), Evolve);

    /// <summary>What pays no invoice yet.</summary>
    public Money Unapplied => Money.Sum(Payments.Values.Select(payment => payment.Unapplied));

    /// <summary>Payments of which something is left, the oldest first.</summary>
    public IEnumerable<ReceivedPayment> WithCash => Payments.Values.Where(payment => payment.Unapplied > Money.Zero)
        .OrderBy(payment => payment.ValueDate).ThenBy(payment => payment.Reference, StringComparer.Ordinal);

    /// <summary>Notes money that came. The same reference counts once.</summary>
    public static Decision<CashEvent> Receive(
        CashAccount account, string reference, Money amount, LocalDate valueDate, Instant now) =>
        Text.IsBlank(reference) ? new Refusal(
            "payment/no-reference", "A payment has a reference, as the bank has it: it tells one from another.")
        : account.Payments.TryGetValue(reference, out var before) ? before.Amount == amount ? [] : new Refusal(
            "invoice/payment-differs",
            $"Payment '{reference}' was noted with {before.Amount}, now it is {amount}. Use another reference.")
        : amount <= Money.Zero ? new Refusal(
            "invoice/payment-not-positive", $"{amount} is no payment. A payment is more than nothing.")
        : amount >= MaxAmount ? new Refusal(
            "payment/too-large", $"{amount} is more than any payment. Check its point; nothing was noted.")
        : valueDate < FirstDate ? new Refusal(
            "payment/value-date", $"{valueDate:uuuu-MM-dd} is long ago. Give the day on which the bank counted it.")
        : valueDate > now.InUtc().Date.PlusDays(MaxDaysAhead) ? new Refusal(
            "payment/value-date",
            $"{valueDate:uuuu-MM-dd} is in the future. Give the day on which the bank counted it.")
        : [new CashEvent.Received(reference, amount, valueDate, now)];

    /// <summary>Uses a part of a payment for an invoice.</summary>
    public static Decision<CashEvent> Apply(
        CashAccount account, string reference, string invoice, Money amount, Instant now) =>
        !account.Payments.TryGetValue(reference, out var payment) ? Unknown(reference)
        : amount <= Money.Zero ? new Refusal("payment/not-positive", $"{amount} of a payment cannot be applied.")
        : amount > payment.Unapplied ? new Refusal(
            "payment/applied-too-much", $"{amount} is more than the {payment.Unapplied} that is left of '{reference}'.")
        : [new CashEvent.Applied(reference, invoice, amount, now)];

    /// <summary>Gives back a part of a payment that pays no invoice. The same refund counts once.</summary>
    public static Decision<CashEvent> Return(
        CashAccount account, string reference, string refund, Money amount, LocalDate valueDate, Instant now) =>
        account.Refunds.Contains(refund) ? new Refusal(
            "payment/refund-known", $"Refund '{refund}' was noted before. Use another reference.")
        : !account.Payments.TryGetValue(reference, out var payment) ? Unknown(reference)
        : amount <= Money.Zero || amount > payment.Unapplied ? new Refusal(
            "invoice/refund-too-much", $"{amount} is not within the {payment.Unapplied} that is left of '{reference}'.")
        : [new CashEvent.Returned(reference, refund, amount, valueDate, now)];

    /// <summary>Lets a part of a payment that paid an invoice pay none again: the invoice is taken back.</summary>
    public static Decision<CashEvent> Unapply(
        CashAccount account, string reference, string invoice, Money amount, Instant now) =>
        account.Payments.TryGetValue(reference, out var payment) && payment.Uses.ContainsKey(invoice) &&
        amount > Money.Zero && amount <= payment.Amount - payment.Unapplied
            ? [new CashEvent.Unapplied(reference, invoice, amount, now)]
            : new Refusal("payment/not-applied", $"{amount} of '{reference}' does not pay {invoice}.");

    /// <summary>The payment that an invoice knows under this name; null for one that was not noted here.</summary>
    public string? PaymentNamed(string name, string invoice) => Payments.Values
        .Where(payment => payment.Uses.TryGetValue(invoice, out var uses) && Enumerable.Range(1, uses).Any(
            use => name == (use == 1 ? payment.Reference : $"{payment.Reference} ({use})")))
        .Select(payment => payment.Reference).FirstOrDefault();

    public static Decision<CashEvent> SetCreditPolicy(CashAccount account, bool keep, string by, Instant now) =>
        keep == account.KeepsCredit ? [] : [new CashEvent.CreditPolicySet(keep, by, now)];

    /// <summary>What a part of a payment is called on an invoice of which it pays a further part.</summary>
    public string ReferenceOn(string reference, string invoice) =>
        Payments[reference].Uses.GetValueOrDefault(invoice) is var uses and > 0
            ? $"{reference} ({uses + 1})" : reference;

    /// <summary>All payments of an account together are an amount.</summary>
    private static readonly Money MaxAmount = new(100_000_000_000);

    private static readonly LocalDate FirstDate = new(2000, 1, 1);

    private const int MaxDaysAhead = 1; // Banks east of UTC are a day ahead.

    private static Refusal Unknown(string reference) => new(
        "payment/unknown", $"There is no payment '{reference}' on this account. 'exchange accounts show' lists them.");

    private static CashAccount Evolve(CashAccount account, CashEvent happened) => happened switch
    {
        CashEvent.Received e => account with
        {
            Payments = account.Payments.Add(e.Reference, new(e.Reference, e.Amount, e.ValueDate, e.Amount)),
        },
        CashEvent.Applied e when account.Payments.TryGetValue(e.Reference, out var payment) => account with
        {
            Payments = account.Payments.SetItem(e.Reference, payment with
            {
                Unapplied = payment.Unapplied - e.Amount,
                Uses = payment.Uses.SetItem(e.Invoice, payment.Uses.GetValueOrDefault(e.Invoice) + 1),
            }),
        },
        CashEvent.Unapplied e when account.Payments.TryGetValue(e.Reference, out var payment) => account with
        {
            Payments = account.Payments.SetItem(
                e.Reference, payment with { Unapplied = payment.Unapplied + e.Amount }),
        },
        CashEvent.Returned e when account.Payments.TryGetValue(e.Reference, out var payment) => account with
        {
            Payments = account.Payments.SetItem(
                e.Reference, payment with { Unapplied = payment.Unapplied - e.Amount }),
            Refunds = account.Refunds.Add(e.Refund),
        },
        CashEvent.CreditPolicySet e => account with { KeepsCredit = e.Keep },
        _ => throw new CorruptStreamException(account, happened),
    };
}
