using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Spend;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Funds;

/// <summary>
/// What a PI's month comes to after funds: of a closed month as billed, of an open one as its close would reckon it
/// now.
/// </summary>
/// <param name="Left">What each programme could still pay of this month, after these lines.</param>
/// <param name="Shared">
/// Prepaid groups that pay here and for others too: what others still use of the same money until the close is not
/// known here, so that it may pay less.
/// </param>
internal sealed record AfterFunds(
    IReadOnlyList<InvoiceLine> Lines, IReadOnlyList<FundLeft> Left, bool IsBilled, IReadOnlyList<SharedMoney> Shared)
{
    public static async Task<AfterFunds> Of(
        View view, Composition exchange, BillingMonth month, PiId pi, Instant now, CancellationToken ct)
    {
        var known = await FundVersions.Read(exchange, ct);
        if (known.Months.IsClosed(month))
        {
            var lines = await Billed(view, exchange, month, pi, ct);
            var owners = new Attribution(known.Directory, exchange.Institutions);
            return new(lines, Rest(exchange, known.Funds, lines, pi, WorkedFor(
                lines, line => owners.InstitutionOf(pi, line.Cluster, line.Project, line.ServicePeriod.Start),
                () => owners.InstitutionOf(pi, month.Start)), month), true, []);
        }

        var used = await UsedMonths.Read(exchange, known, now, ct, (pi, view));
        var people = await used.Sharing([pi], [], used.Late, ct);
        var coming = await ComingMonths.Of(used, people, [month], _ => true, ct);
        var close = coming.CloseOf(month);
        var step = await coming.At(close, ct);
        List<InvoiceLine> spread =
        [
            .. step.Lines[new(pi)].Where(line => line.ServiceMonth(close) == month)
                .Select(line => line with { Adjusts = null }),
        ];
        var charges = (await used.Of(people, month, month, ct)).Where(charge => charge.Pi == pi).ToList();
        var institutions = WorkedFor(charges, charge => charge.Institution, () => used.WorksFor(pi, now));
        var funds = Granted(exchange, step.After.Funds, known.Billed, new(
            pi, month, charges.MinBy(charge => charge.Period.Start)?.Institution ?? institutions[0]), now);
        return new(spread, Rest(exchange, funds, spread, pi, institutions, month), false,
            SharedBy(known.Prepaid, spread, month));
    }

    private static async Task<List<InvoiceLine>> Billed(
        View view, Composition exchange, BillingMonth month, PiId pi, CancellationToken ct)
    {
        var lines = new List<InvoiceLine>();
        foreach (var row in await InvoiceList.Run(await view.Connection(ct), new(month, pi), ct))
        {
            lines.AddRange(await exchange.Journal.State(Invoice.Fold, row.Id, ct) is Invoice.Issued issued
                ? issued.Content.Lines
                : []);
        }

        return lines;
    }

    /// <summary>All for whom a PI worked in a month, by what was used; where nothing was, for whom they work.</summary>
    private static IReadOnlyList<string?> WorkedFor<T>(
        IReadOnlyList<T> used, Func<T, string?> institutionOf, Func<string?> otherwise) =>
        used.Count == 0 ? [otherwise()] : [.. used.Select(institutionOf).Distinct()];

    /// <summary>A group is shared when it pays for a project in this month that is none of these lines.</summary>
    private static List<SharedMoney> SharedBy(
        PrepaidGroups groups, IReadOnlyList<InvoiceLine> lines, BillingMonth month) =>
    [
        .. from of in lines.SelectMany(line => line.Funds).Where(share => share.Group is not null)
               .GroupBy(share => share.Group!, StringComparer.Ordinal).OrderBy(of => of.Key, StringComparer.Ordinal)
           let pays = groups.Groups[of.Key]
           let others = pays.PaidFor(month).Count(project => !lines.Any(line => PrepaidGroup.Means(project, line)))
           where others > 0
           select new SharedMoney(
               pays.Name, others, pays.Available(month), Money.Sum(of.Select(share => share.Amount))),
    ];

    /// <summary>A new PI has the promotion that the first close will grant, where no close that comes grants it.
    /// </summary>
    private static List<FundOf> Granted(
        Composition exchange, IReadOnlyList<FundOf> funds, IReadOnlyDictionary<PiId, BillingMonth> billed,
        Newcomer newcomer, Instant now) =>
    [
        .. funds.Select(of =>
            !of.Fund.Grants.ContainsKey(newcomer.Pi) &&
                Entitlement.Grant(of, billed, newcomer, exchange.Institutions, now) is { } granted
                ? of with { Fund = Fund.Fold.Evolve(of.Fund, granted) }
                : of),
    ];

    private static List<FundLeft> Rest(
        Composition exchange, IReadOnlyList<FundOf> funds, IReadOnlyList<InvoiceLine> lines, PiId pi,
        IReadOnlyList<string?> institutions, BillingMonth month) =>
    [
        .. from of in funds
           where of.Programme.Kind is ProgrammeKind.Promotion or ProgrammeKind.Subsidy
           let available = institutions.Max(
               one => of.Fund.Available(of.Programme, pi, one, month, exchange.Institutions))
           let used = Money.Sum(lines.SelectMany(l => l.Funds).Where(f => f.Fund == of.Programme.Id)
               .Select(f => f.Amount))
           where available > Money.Zero || !used.IsZero
           select new FundLeft(of.Programme.Id, of.Programme.Kind, of.Programme.Payer, available, used),
    ];

    internal static OwnedCharge Owned(ShownCharge charge, PiId pi, string? institution)
    {
        var owned = Made(charge, pi, institution);
        return owned with { Billed = owned.AsLine() with { ChargeId = charge.Id } }; // Its steps are in its id alone.
    }

    private static OwnedCharge Made(ShownCharge charge, PiId pi, string? institution) => new(
        new Charge
        {
            Month = charge.Month,
            Period = charge.Period,
            Landlord = charge.Landlord,
            Service = charge.Service,
            Cluster = charge.Cluster,
            Project = charge.Project,
            Sku = charge.Sku,
            Quantity = charge.Quantity,
            Rate = charge.Rate,
            Amount = charge.Amount,
            Sheet = charge.Sheet,
            Policies = Policies.Corrected,
            Avoided = charge.Avoided,
        },
        new(charge.ProjectName, pi, institution, null, false, true));
}

/// <summary>
/// A programme that pays for a PI this month: how much it can pay, and how much of that it pays so far.
/// </summary>
internal sealed record FundLeft(string Programme, ProgrammeKind Kind, string Payer, Money Available, Money Used)
{
    public Money Left => Available - Used;
}

/// <summary>Prepaid money that pays for others too.</summary>
/// <param name="Others">How many projects of others it pays for.</param>
/// <param name="Available">What the group has for all of them.</param>
/// <param name="Used">What it would pay here beside what others used by now.</param>
internal sealed record SharedMoney(string Group, int Others, Money Available, Money Used);
