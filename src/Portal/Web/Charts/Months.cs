using Exchange.Portal.Spend;

namespace Exchange.Portal.Web;

/// <summary>Which month a page shows: the one that was asked for, else the newest that has charges.</summary>
internal static class Months
{
    public static BillingMonth Pick(BillingMonth? asked, IReadOnlyList<MonthSpend.Rated> rated, BillingMonth now) =>
        asked ?? (rated.Count > 0 ? rated.Max(r => r.Month) : now);

    /// <summary>Links to the months that have charges, the shown one marked.</summary>
    public static Html Links(string path, BillingMonth shown, IReadOnlyList<MonthSpend.Rated> rated) => Html.Of($"""
        <nav class="crumbs" aria-label="Billing periods">{Html.Join(rated.Take(13), r => Html.Of($"""
        <a href="{path}?month={r.Month}"{Html.Attribute(
            "aria-current", "page", r.Month == shown)}>{Show.Of(r.Month)}</a>
        """))}</nav>
        """);
}
