using Exchange.Invoicing.Published;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Charging;

/// <summary>
/// What a month that is not closed comes to: the one figure that pages, exports, dry runs and programs show of it.
/// </summary>
/// <param name="AsOf">Usage before this counts; the end of the month once it is over.</param>
/// <param name="Pages">How many pages of usage were rated for it: those that changed since somebody asked.</param>
public sealed record MonthSoFar(MonthCharges Charges, Instant AsOf, int Pages)
{
    /// <summary>As new as the meter; costs what changed since somebody asked last. Writes nothing but sums.</summary>
    public static async Task<MonthSoFar> Of(
        Sources sources, BillingMonth month, Instant now, CancellationToken ct, string policies = Policies.Corrected) =>
        await (await RatingNow.Read(sources, ct)).SoFar(month, policies, now, ct);
}
