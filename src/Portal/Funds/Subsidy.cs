using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Funds;

/// <summary>A PI whom a subsidy pays for: up to how much a month, and how much it paid.</summary>
/// <param name="IsCapped">Whether the payer gives this PI another amount than the terms say.</param>
internal sealed record Enrolled(
    PiId Pi, string? Institution, Money Amount, bool IsCapped, bool IsSuspended, Money UsedInMonth, Money UsedInAll)
{
    public Money Committed => IsSuspended ? Money.Zero : Amount;

    public Money Left => Committed - UsedInMonth < Money.Zero ? Money.Zero : Committed - UsedInMonth;
}

/// <summary>A subsidy as its payer sees it in a month: who is enrolled, what is committed, and what was paid.</summary>
/// <param name="ByMonth">What closes took from it, by the month of usage.</param>
internal sealed record Subsidy(
    Programme Programme, ProgrammeTerms? Terms, IReadOnlyList<Enrolled> Pis,
    IReadOnlyList<(BillingMonth Month, Money Paid, int Pis)> ByMonth)
{
    /// <summary>When the figures of the month were worked out.</summary>
    public Instant AsOf { get; init; }

    public static async Task<IReadOnlyList<Subsidy>> Of(
        Composition exchange, string payer, BillingMonth month, Instant now, CancellationToken ct)
    {
        var people = await exchange.People.At(now, ct);
        var known = await FundVersions.Read(exchange, ct);
        var owners = new Attribution(known.Directory, exchange.Institutions);
        var subsidies = new List<Subsidy>();
        foreach (var (programme, fund) in known.Funds.Where(
            of => of.Programme.Kind == ProgrammeKind.Subsidy && of.Programme.Payer == payer))
        {
            var standing = await exchange.Standings.Of(programme.Id, month, known.Version, now, ct);
            object[] basis = [programme, known.Directory, fund, people, exchange.Institutions];
            subsidies.Add(WorkedOut.Of(standing, basis, () => With(
                One(exchange, (programme, fund), people, month, pi => owners.InstitutionOf(pi, now)), standing)));
        }

        return subsidies;
    }

    /// <summary>Whether the payer pays for somebody now: by where they work, or because they were enrolled.</summary>
    public async Task<Func<PiId, bool>> PaysFor(Composition exchange, Instant now, CancellationToken ct)
    {
        var directory = await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var fund = (await exchange.Kept.State(Fund.Fold, Programme.Id, ct)).Following(directory.PiOf);
        var (owners, month) = (new Attribution(directory, exchange.Institutions), BillingMonth.Of(now));
        return pi => fund.IsEnrolled(directory.PiOf(pi), month) || Terms?.IsEligible(
            exchange.Institutions.At(month).Named(owners.InstitutionOf(pi, now)), month) == true;
    }

    /// <summary>What was used is what the report and the command line say too.</summary>
    private static Subsidy With(Subsidy subsidy, ProgrammeStanding standing)
    {
        var used = standing.Pis.ToDictionary(pi => pi.Pi, pi => pi.Used);
        return subsidy with
        {
            AsOf = standing.AsOf,
            Pis = [.. subsidy.Pis.Select(p => p with { UsedInMonth = used.GetValueOrDefault(p.Pi) })],
        };
    }

    private static Subsidy One(
        Composition exchange, (Programme, Fund) of, IReadOnlyList<(PiId Pi, string? Institution)> people,
        BillingMonth month, Func<PiId, string?> elsewhere)
    {
        var (programme, fund) = of;
        var terms = programme.At(month);
        var institutions = exchange.Institutions.At(month);
        bool Pays((PiId Pi, string? Institution) one) => terms is not null &&
            (fund.IsEnrolled(one.Pi, month) || terms.IsEligible(institutions.Named(one.Institution), month));
        var worksFor = people.ToDictionary(one => one.Pi, one => one.Institution);
        var known = fund.Known().Select(pi => (Pi: pi, Institution: worksFor.TryGetValue(pi, out var institution)
            ? institution
            : elsewhere(pi)));

        // Whoever was capped or suspended and is not one of the payer's is not enrolled by that.
        var pis = people.Concat(known).DistinctBy(p => p.Pi)
            .Where(p => Pays(p) || (fund.Uses.TryGetValue(p.Pi, out var spent) && !spent.IsEmpty))
            .OrderBy(p => p.Pi.Value, StringComparer.Ordinal)
            .Select(p => new Enrolled(
                p.Pi, p.Institution,
                Pays(p) ? fund.CapOf(p.Pi, month) ?? terms?.Amount ?? Money.Zero : Money.Zero,
                fund.CapOf(p.Pi, month) is not null, fund.IsSuspended(p.Pi, month), fund.Used(p.Pi, month),
                fund.Uses.TryGetValue(p.Pi, out var uses) ? Money.Sum(uses.Values) : Money.Zero)).ToList();
        var byMonth = fund.Uses.SelectMany(of => of.Value.Select(use => (use.Key, use.Value)))
            .GroupBy(use => use.Key).OrderByDescending(same => same.Key)
            .Select(same => (same.Key, Money.Sum(same.Select(use => use.Value)), same.Count())).ToList();
        return new(programme, terms, pis, byMonth);
    }
}

/// <summary>What a payer decides about its subsidy: caps, suspensions, and their end.</summary>
internal static class DecideSubsidy
{
    /// <summary>Whether a month may still be decided about: a closed one is billed.</summary>
    public static async Task<bool> IsOpen(IJournal journal, BillingMonth month, CancellationToken ct) =>
        !(await journal.State(Months.Fold, Months.Id, ct)).IsClosed(month);
}
