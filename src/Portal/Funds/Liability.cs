using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
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
        var directory = await exchange.Journal.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var months = (await exchange.Journal.State(Months.Fold, Months.Id, ct)).Following(directory.PiOf);
        Fund Known(Instant at) => Fund.Fold.Of(events.Where(one => one.DecidedAt <= at)).Following(directory.PiOf);
        var fund = Known(asOf);
        var rows = new List<LiabilityRow>();
        for (var month = from; month <= to; month = month.Next)
        {
            if (months.Closed.GetValueOrDefault(month) is { } closed)
            {
                var worksFor = new Attribution(directory, exchange.Institutions).InstitutionsAt(month.Start);
                rows.AddRange(closed.At <= asOf
                    ? Closed(programme, (Known(closed.At), fund), closed, exchange.Institutions, worksFor) : []);
            }
            else if (asOf >= now && month <= BillingMonth.Of(now) && !(month < months.Last))
            {
                var standing = await ProgrammeStanding.Of(exchange.Sources, programme.Id, month, now, ct);
                rows.AddRange(standing.Pis.Select(pi => Open(month, pi, now)));
            }
        }

        return new(programme, Instant.Min(asOf, now), rows);
    }

    /// <summary>What was promised is what had been decided when the month was closed; corrections may have paid
    /// since.</summary>
    private static IEnumerable<LiabilityRow> Closed(
        Programme programme, (Fund Then, Fund Now) fund, MonthEvent.Closed closed, Institutions institutions,
        Func<PiId, string?> worksFor) =>
        from pi in closed.Billed.Union(fund.Then.Known()).Union(fund.Now.Uses.Keys)
            .OrderBy(pi => pi.Value, StringComparer.Ordinal)
        let institution = worksFor(pi)
        let used = fund.Now.Used(pi, closed.Month)
        let available = fund.Then.Available(programme, pi, institution, closed.Month, institutions)
        where !available.IsZero || !used.IsZero
        select new LiabilityRow(
            closed.Month, pi, institution, fund.Then.IsSuspended(pi, closed.Month),
            available < used ? used : available, used, used, true, null);

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
}
