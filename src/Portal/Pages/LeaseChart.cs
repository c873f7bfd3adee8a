using System.Globalization;
using Exchange.Portal.Web;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// Leases as bars over the months: from the one in which the first began, or last month, for two years at most. The
/// table below it says the same in words.
/// </summary>
internal static class LeaseChart
{
    private const int Width = 720;
    private const int Left = 120;
    private const int Line = 22;
    private const int Top = 24;
    private const int MaxMonths = 24;
    private const int MaxLeases = 40;

    public static Html Of(IReadOnlyList<LeaseRow> leases, Instant now)
    {
        if (leases.Count == 0)
        {
            return Html.None;
        }

        var first = BillingMonth.Of(Instant.Max(
            leases.Min(lease => lease.From), BillingMonth.Of(now).Previous.Start));
        var last = BillingMonth.Of(leases.Max(lease => lease.Until) - Duration.Epsilon);
        var months = Math.Clamp(last.MonthsSince(first) + 1, 3, MaxMonths);
        var shown = new Period(first.Start, first.Plus(months).Start);
        var rows = leases.Where(lease => new Period(lease.From, lease.Until).Overlaps(shown)).Take(MaxLeases).ToList();
        var height = Top + (rows.Count * Line);
        return Html.If(rows.Count > 0, () => Html.Of($"""
            <figure class="chart"><div class="plot" role="region" tabindex="0" aria-label="Calendar of leases">
            <svg viewBox="0 0 {Width} {height}" role="img" aria-label="Leases from {Show.Of(first)} on">
            {Html.Join(Enumerable.Range(0, months), n => Month(shown, first.Plus(n), n, months, height))}
            {Html.Join(rows.Select((lease, n) => (lease, n)), row => Bar(shown, row.lease, row.n))}
            {Html.If(shown.Contains(now), () => Html.Of($"""
            <line class="grid zero" x1="{At(shown, now)}" x2="{At(shown, now)}" y1="{Top}" y2="{height}"/>
            """))}</svg></div>
            <figcaption>Agreed leases are filled, proposed ones lined. The line is now.</figcaption></figure>
            """));
    }

    private static Html Month(Period shown, BillingMonth month, int n, int months, int height) => Html.Of($"""
        <line class="grid" x1="{At(shown, month.Start)}" x2="{At(shown, month.Start)}" y1="{Top}" y2="{height}"/>
        {Html.If(n % ((months / 9) + 1) == 0, () => Html.Of($"""
        <text class="tick" x="{At(shown, month.Start)}" y="{Top - 8}">{Show.Of(month)}</text>
        """))}
        """);

    private static Html Bar(Period shown, LeaseRow lease, int n)
    {
        var part = new Period(lease.From, lease.Until).Clip(shown)!.Value;
        var (from, until, y) = (X(shown, part.Start), X(shown, part.End), Top + (n * Line));
        return Html.Of($"""
            <text class="tick" x="{Left - 6}" y="{y + 15}" text-anchor="end">{lease.Id}</text>
            <rect class="{(lease.State == "agreed" ? "c0" : "outlook")}" x="{Text(from)}" y="{y + 4}"
            width="{Text(Math.Max(until - from, 2))}" height="{Line - 8}"/>
            """);
    }

    private static string At(Period shown, Instant instant) => Text(X(shown, instant));

    private static decimal X(Period shown, Instant instant) => Left + ((Width - Left - 8) *
        (decimal)(instant - shown.Start).BclCompatibleTicks / shown.Length.BclCompatibleTicks);

    private static string Text(decimal point) => point.ToString("0.##", CultureInfo.InvariantCulture);
}
