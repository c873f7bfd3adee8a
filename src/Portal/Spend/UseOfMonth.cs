using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Exchange.Invoicing.Charging;
using Exchange.Rating;

namespace Exchange.Portal.Spend;

/// <summary>
/// How each charge of a month lies over days and resources, from one walk over all usage. Where that takes long, an
/// open month is walked again only after ten times as long: what charges come to never waits for it.
/// </summary>
internal sealed record UseOfMonth(DayWeights Weights, Costliest Costliest)
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(1);
    private const int ShareOfRest = 10;
    private static readonly ConditionalWeakTable<Composition, ConcurrentDictionary<BillingMonth, Walked>> Known = [];

    /// <summary>A walk: when it ended, by a clock that nobody sets, and how long it took.</summary>
    private sealed record Walked(UseOfMonth Use, long Ended, TimeSpan Took);

    public static async Task<UseOfMonth> Of(
        Composition exchange, RatingNow rating, RateRequest request, bool isClosed, CancellationToken ct)
    {
        var known = Known.GetValue(exchange, _ => []);
        if (!isClosed && known.TryGetValue(request.Month, out var walked) && walked.Took >= Long &&
            Stopwatch.GetElapsedTime(walked.Ended) < walked.Took * ShareOfRest)
        {
            return walked.Use;
        }

        var standing = StandingTime.Of(rating.Books.Agreements, request.Period);
        var (use, began) = (new UseOfMonth(new(request.Month, standing), new()), Stopwatch.GetTimestamp());
        await rating.Rate(request, part =>
        {
            use.Weights.Add(part);
            use.Costliest.Add(part);
        }, ct, byName: false);
        var took = Stopwatch.GetElapsedTime(began);
        if (isClosed || took < Long)
        {
            known.TryRemove(request.Month, out _);
            return use;
        }

        known[request.Month] = new(use, Stopwatch.GetTimestamp(), took);
        return use;
    }
}
