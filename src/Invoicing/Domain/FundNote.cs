namespace Exchange.Invoicing;

/// <summary>Why a fund paid so much of a charge, kept with the charge for whoever asks later.</summary>
/// <param name="Order">Its place among the funds: each pays of what those before it left.</param>
/// <param name="Why">The grant, terms, cap or cover by which it paid.</param>
/// <param name="Before">What it could pay before this charge.</param>
public sealed record FundNote(string Fund, string Payer, int Order, string Why, Money Before, Money Paid)
{
    /// <summary>Prepaid money comes after all programs.</summary>
    public const int Last = int.MaxValue;

    public Money After => Before - Paid;
}
