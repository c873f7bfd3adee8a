using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Funds;

/// <summary>A PI who may be new, and where they worked when they used something first.</summary>
/// <param name="First">The first month in which there is usage.</param>
public sealed record Newcomer(PiId Pi, BillingMonth First, string? Institution);

/// <summary>
/// What people are entitled to: the one place that says who is granted a promotion, and when. What a granted
/// promotion, a subsidy and a cap come to in a month is <see cref="Fund.Available"/>.
/// </summary>
public static class Entitlement
{
    /// <summary>
    /// What a newcomer is granted with the first month of usage; nothing for who was billed before, here or elsewhere.
    /// What was granted with a month of which nothing stands any more is granted anew.
    /// </summary>
    /// <param name="billed">Everybody for whom something stands that was billed, with the first month.</param>
    public static FundEvent.Granted? Grant(
        FundOf of, IReadOnlyDictionary<PiId, BillingMonth> billed, Newcomer newcomer, Institutions institutions,
        Instant now)
    {
        var (pi, first, institution) = newcomer;
        return of.Programme is { Kind: ProgrammeKind.Promotion, InForce: true } && !billed.ContainsKey(pi) &&
            of.Fund.Grants.GetValueOrDefault(pi)?.Month != first &&
            of.Programme.At(first) is { Amount: { } amount } terms &&
            terms.IsEligible(institutions.At(first).Named(institution), first)
                ? new(pi, first, amount, now)
                : null;
    }
}
