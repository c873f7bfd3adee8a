using Exchange.Portal.Spend;

namespace Exchange.Portal.Web;

/// <summary>Which month a page shows: the one that was asked for, else the newest that has charges.</summary>
internal static class Months
{
    public static BillingMonth Pick(BillingMonth? asked, IReadOnlyList<MonthSpend.Rated> rated, BillingMonth now) =>
        asked ?? (rated.Count > 0 ? rated.Max(r => r.Month) : now);
}
