namespace Exchange.Invoicing;

/// <summary>What every invoice asks of a payment, whoever it is to.</summary>
internal static class Payment
{
    /// <summary>The payment once; nothing when it was noted before under its reference.</summary>
    /// <param name="noted">What was paid so far, by reference.</param>
    /// <param name="open">What is owed and not paid yet.</param>
    public static Decision<TEvent> Note<TEvent>(
        IReadOnlyDictionary<string, Money> noted, Money open, string reference, Money amount, TEvent paid) =>
        noted.TryGetValue(reference, out var before) ? Again<TEvent>("Payment", reference, before, amount)
            : amount <= Money.Zero ? new Refusal(
                "invoice/payment-not-positive", "A payment is more than nothing; for money that goes back, void.")
            : amount > open ? new Refusal(
                "invoice/overpaid", $"{amount} is more than the {open} that is open. Note what belongs to it.")
            : [paid];

    /// <summary>Paid money that went back, once; nothing when it was noted before under its reference.</summary>
    /// <param name="noted">What went back so far, by reference.</param>
    /// <param name="kept">What was paid and did not go back.</param>
    public static Decision<TEvent> Back<TEvent>(
        IReadOnlyDictionary<string, Money> noted, Money kept, string reference, Money amount, TEvent refunded) =>
        noted.TryGetValue(reference, out var before) ? Again<TEvent>("Refund", reference, before, amount)
            : amount <= Money.Zero ? new Refusal("invoice/payment-not-positive", "A refund is more than nothing.")
            : amount > kept ? new Refusal(
                "invoice/refund-too-much", $"{amount} is more than the {kept} that was paid and kept.")
            : [refunded];

    /// <summary>What a payment paid of an invoice and is the account's again: no more than what was kept.</summary>
    public static Decision<TEvent> Unapply<TEvent>(
        IReadOnlyDictionary<string, Money> noted, Money kept, string reference, Money amount, TEvent unapplied) =>
        amount > Money.Zero && amount <= kept && noted.TryGetValue(reference, out var paid) && amount <= paid
            ? [unapplied]
            : new Refusal("payment/not-applied", $"{amount} of '{reference}' does not pay this invoice.");

    /// <summary>What can go back: what was paid and kept, or what a credit note still gives.</summary>
    public static Money Refundable(Money paid, Money open) => Money.Max(paid, -open);

    public static Refusal NotIssued { get; } = new("invoice/not-issued", "Only an issued invoice can be paid.");

    /// <summary>Why what was settled by credit, or written off, is not voided.</summary>
    public static Refusal Settled { get; } = new(
        "invoice/settled",
        "Credit was used for this invoice, or a part of it was written off, so it stays. Correct it by a credit note " +
        "('exchange invoices credit').");

    /// <summary>Why what another system billed is not voided: its usage is not here to be billed again.</summary>
    public static Refusal TakenOver { get; } = new(
        "invoice/taken-over",
        "Another system issued this invoice, and its usage is not here to be billed again. Correct it by a credit " +
        "note ('exchange invoices credit') or a write-off ('exchange invoices write-off').");

    /// <summary>Credit that pays no more than what is open, and takes no more than what there is.</summary>
    /// <param name="open">What is owed; below zero where there is credit.</param>
    public static Decision<TEvent> Offset<TEvent>(Money open, Money amount, TEvent offset) =>
        amount > Money.Zero && amount <= open || amount < Money.Zero && amount >= open
            ? [offset]
            : new Refusal(
                "invoice/offset-too-much",
                amount > Money.Zero
                    ? $"{amount} of credit is more than the {open} that is open."
                    : $"{-amount} is more than the {Money.Max(-open, Money.Zero)} of credit that is left.");

    /// <summary>A write-off: a reason, and no more than what is open.</summary>
    public static Decision<TEvent> WriteOff<TEvent>(Money open, Money amount, string reason, TEvent writtenOff) =>
        Text.IsBlank(reason) ? new Refusal(
            "invoice/no-reason", "A write-off says why. Add '--because \"…\"'.")
        : amount <= Money.Zero || amount > open ? new Refusal(
            "invoice/write-off", $"{amount} is not within the {open} that is open.")
        : [writtenOff];

    /// <summary>A credit note: a reason, more than nothing, and no more than what was not credited yet.</summary>
    public static Decision<TEvent> Credit<TEvent>(Money left, Money amount, string reason, TEvent credited) =>
        Text.IsBlank(reason) ? new Refusal(
            "invoice/no-reason", "A credit note says why. Add '--because \"…\"'.")
        : amount <= Money.Zero ? new Refusal(
            "invoice/credit-not-positive", $"{amount} is no credit. Give more than nothing.")
        : amount > left ? new Refusal(
            "invoice/over-credited",
            $"{amount} is more than the {left} of this invoice that was not credited yet.")
        : [credited];

    /// <summary>Nothing happens when the same comes again under its reference; another sum is refused.</summary>
    private static Decision<TEvent> Again<TEvent>(string what, string reference, Money before, Money amount) =>
        before == amount
            ? []
            : new Refusal(
                "invoice/payment-differs",
                $"{what} '{reference}' was noted with {before}, now it is {amount}. Use another reference.");
}
