using System.Collections.Concurrent;
using System.Diagnostics;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Published;
using NodaTime;

namespace Exchange.Portal;

/// <summary>
/// How programs stand, for pages: worked out again when the payer decided something or a month was closed, and
/// otherwise at most once a minute, because for an open month that is a dry run of its close.
/// </summary>
internal sealed class Standings(StateCache states, Func<Sources> sources)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Programme, BillingMonth Month), Kept> _kept = new();

    /// <summary>A standing, and what it rests on besides usage.</summary>
    private sealed record Kept(ProgrammeStanding Standing, Fund Fund, Months Months, Instant AsOf, long Ticks);

    public async Task<(ProgrammeStanding Standing, Instant AsOf)> Of(
        string programme, BillingMonth month, Instant now, CancellationToken ct)
    {
        var fund = await states.State(Fund.Fold, programme, ct);
        var months = await states.State(Months.Fold, Months.Id, ct);
        if (_kept.TryGetValue((programme, month), out var kept) && ReferenceEquals(kept.Fund, fund) &&
            ReferenceEquals(kept.Months, months) && Stopwatch.GetElapsedTime(kept.Ticks) < MaxAge)
        {
            return (kept.Standing, kept.AsOf);
        }

        var standing = await ProgrammeStanding.Of(sources(), programme, month, now, ct);
        _kept[(programme, month)] = new(standing, fund, months, standing.AsOf, Stopwatch.GetTimestamp());
        return (standing, standing.AsOf);
    }
}
