using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>How a programme stands towards one PI in a month.</summary>
/// <param name="Committed">What its payer has promised for the month.</param>
/// <param name="Used">What it paid; of an open month, what it would pay if the month were closed now.</param>
/// <param name="Forecast">What it will have paid at the month's end, if the month goes on as it began.</param>
public sealed record PiStanding(
    PiId Pi, string? Institution, bool IsSuspended, Money? Cap, Money Committed, Money Used, Money Forecast)
{
    public Money Left => Committed - Used;
}

/// <summary>'exchange programmes show' — what a programme has promised, paid, still has, and will come to.</summary>
public sealed record ProgrammeStanding(
    string Programme, string Payer, BillingMonth Month, bool IsClosed, IReadOnlyList<PiStanding> Pis)
{
    public Money Committed => Money.Sum(Pis.Select(pi => pi.Committed));
    public Money Used => Money.Sum(Pis.Select(pi => pi.Used));
    public Money Left => Money.Sum(Pis.Select(pi => pi.Left));
    public Money Forecast => Money.Sum(Pis.Select(pi => pi.Forecast));

    /// <summary>Until when usage of the month counts.</summary>
    public Instant AsOf { get; init; }

    /// <exception cref="RefusedException">There is no such programme.</exception>
    public static async Task<ProgrammeStanding> Of(
        Sources sources, string id, BillingMonth month, Instant at, CancellationToken ct)
    {
        sources = await sources.Now(ct);
        var programme = ActOnFund.Find(sources.Programmes, id);
        var directory = await sources.Journal.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var events = await sources.Journal.Read<FundEvent>(Fund.Fold.StreamOf(id), ct);
        var now = Fund.Fold.Of(events).Following(directory.PiOf);
        var months = (await sources.Journal.State(Months.Fold, Months.Id, ct)).Following(directory.PiOf);
        var isClosed = months.IsClosed(month);
        var closed = months.Closed.GetValueOrDefault(month);
        var fund = closed is null ? now : DecidedUntil(closed.At, events).Following(directory.PiOf);
        var worksFor = new Attribution(directory, sources.Institutions).InstitutionsAt(month.Start);
        var plan = isClosed ? null : (await CloseMonth.Plan(sources, month, Policies.Corrected, at, ct)).Plan!;
        var drafts = plan?.Drafts.Where(draft => draft.Pi is not null).ToList() ?? [];
        var institutions = drafts.Where(draft => draft.Apart is null)
            .ToDictionary(draft => draft.Pi!.Value, draft => draft.Institution);
        var touched = now.Known().Where(pi => !now.Used(pi, month).IsZero);
        var pis = institutions.Keys.Union(fund.Known()).Union(touched).Union(closed?.Billed ?? [])
            .OrderBy(pi => pi.Value, StringComparer.Ordinal);
        var standings = new List<PiStanding>();
        foreach (var pi in pis)
        {
            var institution = institutions.GetValueOrDefault(pi) ?? worksFor(pi);
            var lines = drafts.Where(draft => draft.Pi == pi).SelectMany(draft => draft.Lines)
                .Where(line => line.Adjusts is null).ToList();
            var used = isClosed ? now.Used(pi, month) : Paid(lines, id);
            var available = fund.Available(programme, pi, institution, month, sources.Institutions);
            var committed = Money.Max(available, used); // Before the first bill grants a promotion, what it pays.
            if (committed.IsZero && used.IsZero && !fund.IsSuspended(pi, month))
            {
                continue;
            }

            var owed = used + Money.Sum(lines.Where(line => programme.At(month)?.Excludes(line.Sku) != true)
                .Select(line => line.PiBalance));
            standings.Add(new(
                pi, institution, fund.IsSuspended(pi, month), fund.CapOf(pi, month),
                committed, used, isClosed ? used : Forecasted(month, at, owed, committed, used)));
        }

        return new(id, programme.Payer, month, isClosed, standings) { AsOf = plan?.AsOf ?? at };
    }

    private static Money Paid(IEnumerable<InvoiceLine> lines, string id) => Money.Sum(
        lines.SelectMany(line => line.Funds).Where(share => share.Fund == id).Select(share => share.Amount));

    /// <summary>What was promised for a closed month is what had been decided when it was closed.</summary>
    private static Fund DecidedUntil(Instant close, IEnumerable<FundEvent> events) =>
        Fund.Fold.Of(events.Where(one => one.DecidedAt <= close));

    /// <summary>What is owed grows with the month; the promise bounds what of it is paid.</summary>
    private static Money Forecasted(BillingMonth month, Instant now, Money owed, Money committed, Money used)
    {
        if (now >= month.End || now <= month.Start)
        {
            return used;
        }

        var whole = (decimal)(month.End - month.Start).ToInt64Nanoseconds();
        var passed = (decimal)(now - month.Start).ToInt64Nanoseconds();
        return Money.Min(committed, Money.Round(owed.Amount * whole / passed));
    }
}
