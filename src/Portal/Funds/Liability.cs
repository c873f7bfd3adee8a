using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Funds;

/// <summary>What a payer has promised a PI for a month, and what of it was used.</summary>
/// <param name="Forecast">What the month will have used at its end; the same as used once it is closed.</param>
/// <param name="RunsOut">When the promise will be used up, if the month goes on as it began; null if it will
/// not.</param>
internal sealed record LiabilityRow(
    BillingMonth Month, PiId Pi, string? Institution, bool IsSuspended, Money Committed, Money Used, Money Forecast,
    bool IsClosed, Instant? RunsOut)
{
    public Money Left => Committed < Used ? Money.Zero : Committed - Used;
}

/// <summary>
/// What a payer owes and may come to owe for one programme, PI by PI and month by month, as it was known at an instant.
/// </summary>
internal sealed record Liability(Programme Programme, Instant AsOf, IReadOnlyList<LiabilityRow> Rows)
{
    /// <param name="asOf">What was decided or closed later is left out.</param>
    /// <param name="now">An open month is reckoned only for now: what it looked like before is not kept.</param>
    public static async Task<Liability> Of(
        Composition exchange, Programme programme, BillingMonth from, BillingMonth to, Instant asOf, Instant now,
        CancellationToken ct)
    {
        var events = await exchange.Journal.Read<FundEvent>(Fund.Fold.StreamOf(programme.Id), ct);
        var fund = Fund.Fold.Of(events.Where(happened => At(happened) <= asOf));
        var months = await exchange.Journal.State(Months.Fold, Months.Id, ct);
        var rows = new List<LiabilityRow>();
        for (var month = from; month <= to; month = month.Next)
        {
            if (months.Closed.GetValueOrDefault(month) is { } closed)
            {
                rows.AddRange(closed.At <= asOf
                    ? Closed(programme, fund, month, closed.Billed, exchange.Institutions) : []);
            }
            else if (asOf >= now && month <= BillingMonth.Of(now))
            {
                var standing = await ProgrammeStanding.Of(exchange.Sources, programme.Id, month, now, ct);
                rows.AddRange(standing.Pis.Select(pi => Open(month, pi, now)));
            }
        }

        return new(programme, Instant.Min(asOf, now), rows);
    }

    private static IEnumerable<LiabilityRow> Closed(
        Programme programme, Fund fund, BillingMonth month, IEnumerable<PiId> billed, Institutions institutions) =>
        from pi in billed.Union(fund.Known()).OrderBy(pi => pi.Value, StringComparer.Ordinal)
        let institution = institutions.OfAddress(pi.Value)?.Name
        let used = fund.Used(pi, month)
        let available = fund.Available(programme, pi, institution, month, institutions)
        where !available.IsZero || !used.IsZero
        select new LiabilityRow(
            month, pi, institution, fund.IsSuspended(pi, month), available < used ? used : available, used, used, true,
            null);

    private static LiabilityRow Open(BillingMonth month, PiStanding pi, Instant now) => new(
        month, pi.Pi, pi.Institution, pi.IsSuspended, pi.Committed, pi.Used, pi.Forecast, false,
        RunsOut(month, pi.Committed, pi.Used, now));

    /// <summary>The instant at which the promise ends at the pace of the month so far.</summary>
    public static Instant? RunsOut(BillingMonth month, Money committed, Money used, Instant now)
    {
        if (used <= Money.Zero || now <= month.Start)
        {
            return null;
        }

        if (used >= committed)
        {
            return Instant.Min(now, month.End);
        }

        var passed = (decimal)(Instant.Min(now, month.End) - month.Start).TotalMinutes;
        var minutes = passed * committed.Amount / used.Amount;
        return month.Start + Duration.FromMinutes((long)decimal.Min(minutes, 1_000_000)) is var end && end < month.End
            ? end
            : null;
    }

    private static Instant At(FundEvent happened) => happened switch
    {
        FundEvent.Granted e => e.At,
        FundEvent.Used e => e.At,
        FundEvent.Capped e => e.At,
        FundEvent.Suspended e => e.At,
        FundEvent.Resumed e => e.At,
        FundEvent.Enrolled e => e.At,
        FundEvent.Freed e => e.At,
        _ => throw new InvalidOperationException($"{happened.GetType().Name} has no instant."),
    };
}
