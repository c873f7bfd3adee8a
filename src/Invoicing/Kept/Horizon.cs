using Exchange.Invoicing.Profiles;
using NodaTime;

namespace Exchange.Invoicing.Kept;

/// <summary>How far back closed months take corrections: those beyond it are closed for good.</summary>
public static class Horizon
{
    /// <summary>The first month that is not closed for good, when this one is closed; null without a horizon.</summary>
    /// <param name="back">How many months before it are closed softly.</param>
    public static BillingMonth? First(BillingMonth closing, int? back) =>
        back is { } months ? closing.Plus(-months) : null;

    /// <summary>The same now: the month after the last one that was closed is the next.</summary>
    public static BillingMonth? First(Months months, BillingProfiles profiles, Instant now) =>
        months.Last is { } last ? First(last.Next, profiles.IssuerOn(now.InUtc().Date)?.HardCloseMonths) : null;
}
