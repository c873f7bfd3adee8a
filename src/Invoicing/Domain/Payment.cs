namespace Exchange.Invoicing;

/// <summary>What every invoice asks of a payment, whoever it is to.</summary>
internal static class Payment
{
    /// <summary>The payment once; nothing when it was noted before under its reference.</summary>
    /// <param name="noted">What was paid so far, by reference.</param>
    /// <param name="open">What is owed and not paid yet.</param>
    public static Decision<TEvent> Note<TEvent>(
        IReadOnlyDictionary<string, Money> noted, Money open, string reference, Money amount, TEvent paid) =>
        noted.TryGetValue(reference, out var before)
            ? before == amount
                ? []
                : new Refusal(
                    "invoice/payment-differs",
                    $"Payment '{reference}' was noted with {before}, now it is {amount}. Use another reference.")
            : amount <= Money.Zero ? new Refusal(
                "invoice/payment-not-positive", "A payment is more than nothing; for money that goes back, void.")
            : amount > open ? new Refusal(
                "invoice/overpaid", $"{amount} is more than the {open} that is open. Note what belongs to it.")
            : [paid];
}
