using System.Globalization;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// Leases as bars over the months: from the one in which the first began, or last month, for two years at most. The
/// table below it says the same in words.
/// </summary>
public sealed partial class LeaseChart
{
    private const int Width = 720;
    private const int Left = 120;
    private const int Line = 22;
    private const int Top = 24;
    private const int MaxMonths = 24;
    private const int MaxLeases = 40;

    /// <summary>The months that are drawn, and a bar for each lease.</summary>
    public sealed record Calendar(IReadOnlyList<BillingMonth> Months, IReadOnlyList<Bar> Bars)
    {
        /// <summary>Where the line of now stands; null where the months are of another time.</summary>
        public required string? Now { get; init; }

        public BillingMonth First => Months[0];

        public int Height => Top + (Bars.Count * Line);

        public string At(Instant instant) => Text(X(new(First.Start, Months[^1].End), instant));
    }

    /// <summary>A lease from left to right, cut to the months that are drawn.</summary>
    public sealed record Bar(string Lease, bool IsAgreed, int Y, string From, string Length);

    /// <summary>Something that is held for a time.</summary>
    public sealed record Held(string Id, Instant From, Instant Until, bool IsAgreed);

    internal static Calendar? CalendarOf(IReadOnlyList<LeaseRow> leases, Instant now) => CalendarOf(
        [.. leases.Select(one => new Held(one.Id, one.From, one.Until, one.State == "agreed"))], now);

    internal static Calendar? CalendarOf(IReadOnlyList<Held> leases, Instant now)
    {
        if (leases.Count == 0)
        {
            return null;
        }

        var first = BillingMonth.Of(Instant.Max(
            leases.Min(lease => lease.From), BillingMonth.Of(now).Previous.Start));
        var last = BillingMonth.Of(leases.Max(lease => lease.Until) - Duration.Epsilon);
        var months = Math.Clamp(last.MonthsSince(first) + 1, 3, MaxMonths);
        var shown = new Period(first.Start, first.Plus(months).Start);
        var rows = leases.Where(lease => new Period(lease.From, lease.Until).Overlaps(shown)).Take(MaxLeases);
        List<Bar> bars = [.. rows.Select((lease, n) => BarOf(shown, lease, n))];
        return bars.Count == 0 ? null : new([.. Enumerable.Range(0, months).Select(first.Plus)], bars)
        {
            Now = shown.Contains(now) ? Text(X(shown, now)) : null,
        };
    }

    private static Bar BarOf(Period shown, Held lease, int n)
    {
        var part = new Period(lease.From, lease.Until).Clip(shown)!.Value;
        var (from, until) = (X(shown, part.Start), X(shown, part.End));
        return new(
            lease.Id, lease.IsAgreed, Top + (n * Line), Text(from), Text(Math.Max(until - from, 2)));
    }

    private static decimal X(Period shown, Instant instant) => Left + ((Width - Left - 8) *
        (decimal)(instant - shown.Start).BclCompatibleTicks / shown.Length.BclCompatibleTicks);

    private static string Text(decimal point) => point.ToString("0.##", CultureInfo.InvariantCulture);
}
