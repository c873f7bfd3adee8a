using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// A part of a sheet's time in which one owner answers for a project that changes hands, and what was used in it. It
/// decides how a line is split, and never what the line comes to.
/// </summary>
internal sealed class OwnershipPeriod(Period period, string since)
{
    public Period Period => period;

    /// <summary>What tells its charges from those of other owners; empty for the first of the month.</summary>
    public string Since => since;

    /// <summary>Parts times microseconds, before anything is made whole.</summary>
    public Int128 Used { get; set; }

    /// <summary>What was counted of the meter.</summary>
    public decimal Counted { get; set; }

    private long Start { get; } = period.Start.ToUnixTimeTicks();
    private long End { get; } = period.End.ToUnixTimeTicks();

    /// <summary>The hands that a project goes through while a sheet holds; none for one that is never moved.</summary>
    public static ImmutableArray<OwnershipPeriod> Of(Period rated, Period sheet, ImmutableArray<Instant> moves) =>
        moves.IsDefaultOrEmpty ? [] :
        [
            .. from span in moves.Prepend(rated.Start).Zip(moves.Append(rated.End))
               let part = new Period(span.First, span.Second).Clip(sheet)
               where part is not null
               select new OwnershipPeriod(part.Value, span.First == rated.Start ? "" : $"~{Text.Of(span.First)}"),
        ];

    /// <summary>The stretch of time, in ticks, that lies in it; empty when none does.</summary>
    public (long From, long To) Clip(long from, long to) => (long.Max(from, Start), long.Min(to, End));

    /// <summary>Each takes what lies in it of a stretch of use.</summary>
    public static void Use(ImmutableArray<OwnershipPeriod> hands, Priced priced, Outages outages, long start, long end)
    {
        foreach (var hand in hands)
        {
            var (from, to) = hand.Clip(start, end);
            if (from < to)
            {
                hand.Used += (to - from - outages.Within(from, to, priced.Policies!)) / 10 * priced.Parts;
            }
        }
    }

    /// <summary>
    /// What each owner has of a line: as much as was used in their time; of a line that nobody used, by time.
    /// </summary>
    public static IReadOnlyList<Exact> Shares(ImmutableArray<OwnershipPeriod> hands)
    {
        var (used, counted) = (Int128.Zero, 0m);
        foreach (var hand in hands)
        {
            used += hand.Used;
            counted += hand.Counted;
        }

        var time = hands.Sum(hand => hand.End - hand.Start);
        return
        [
            .. hands.Select(hand => used > 0 ? Exact.Of(hand.Used, used)
                : counted > 0 ? Exact.Of(hand.Counted) / Exact.Of(counted)
                : Exact.Of(hand.End - hand.Start, time)),
        ];
    }

    /// <summary>An amount in the same shares, to the cent.</summary>
    public static Money[] Split(Money amount, ImmutableArray<OwnershipPeriod> hands) => hands.IsEmpty
        ? [amount]
        : amount.Share([.. Shares(hands).Select(share => (long)(share.ToDecimal() * 1_000_000_000_000m))]);
}
