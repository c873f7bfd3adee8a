using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
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
/// Prepaid groups that pay here and for others too: until the close, what others use of the same money is not known
/// here, so that it may pay less.
/// </param>
internal sealed record AfterFunds(
    IReadOnlyList<InvoiceLine> Lines, IReadOnlyList<FundLeft> Left, bool IsBilled, IReadOnlyList<SharedMoney> Shared)
{
    private const int MaxCharges = 20_000;

    /// <summary>How many months back are looked at for money that an earlier open month takes.</summary>
    private const int MaxOpen = 12;

    public static async Task<AfterFunds> Of(
        View view, Composition exchange, BillingMonth month, PiId pi, Instant now, CancellationToken ct)
    {
        var directory = await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var months = await exchange.Kept.State(Months.Fold, Months.Id, ct);
        IReadOnlyList<FundOf> funds = await Funds(exchange, directory, ct);

        var charges = await Charges.Find(view, new(month, Pi: pi, Limit: MaxCharges), ct);
        var institution = charges.Select(c => c.Institution).FirstOrDefault(i => i is not null)
            ?? exchange.Institutions.At(month).OfAddress(pi.Value)?.Name;
        if (months.IsClosed(month))
        {
            var rows = await InvoiceList.Run(await view.Connection(ct), new(month, pi), ct);
            var lines = new List<InvoiceLine>();
            foreach (var row in rows)
            {
                lines.AddRange(await exchange.Journal.State(Invoice.Fold, row.Id, ct) is Invoice.Issued issued
                    ? issued.Content.Lines
                    : []);
            }

            return new(lines, Rest(exchange, funds, lines, pi, institution, month), true, []);
        }

        var opening = await exchange.Kept.State(OpeningBalances.Fold, OpeningBalances.Id, ct);
        var billed = FollowedStates.Of(
            months, directory, all => all.Following(directory.PiOf).FirstBilled()).SetItems(opening.Billed.Select(
            of => KeyValuePair.Create(directory.PiOf(of.Key), of.Value)));
        var known = await Before(view, exchange, funds, (months.Last, billed), pi, month, now, ct);
        known = Granted(exchange, known, billed, pi, institution, month, now);
        var groups = await exchange.Kept.State(PrepaidGroups.Fold, PrepaidGroups.Id, ct);
        var spread = ApplyFunds.Run(
            month, [.. charges.Select(c => Owned(c, pi, institution))], known, exchange.Institutions,
            ApplyFunds.Prepaid.Of(groups, month));
        return new(spread, Rest(exchange, known, spread, pi, institution, month), false,
            SharedBy(groups, spread, month));
    }

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

    private static async Task<IReadOnlyList<FundOf>> Funds(
        Composition exchange, ProjectDirectory directory, CancellationToken ct)
    {
        var funds = new List<FundOf>();
        foreach (var programme in exchange.Programmes)
        {
            var fund = await exchange.Kept.State(Fund.Fold, programme.Id, ct);
            funds.Add(new(programme, FollowedStates.Of(fund, directory, all => all.Following(directory.PiOf))));
        }

        return funds;
    }

    /// <summary>What months before this one that are open too will have taken: the same money pays once.</summary>
    private static async Task<IReadOnlyList<FundOf>> Before(
        View view, Composition exchange, IReadOnlyList<FundOf> funds,
        (BillingMonth? Last, IReadOnlyDictionary<PiId, BillingMonth> Billed) until, PiId pi, BillingMonth month,
        Instant now, CancellationToken ct)
    {
        var first = month.Plus(-MaxOpen);
        first = until.Last is { } last && last >= first ? last.Next : first;
        for (var earlier = first; earlier < month; earlier = earlier.Next)
        {
            var charges = await Charges.Find(view, new(earlier, Pi: pi, Limit: MaxCharges), ct);
            if (charges.Count > 0)
            {
                var institution = charges.Select(c => c.Institution).FirstOrDefault(i => i is not null)
                    ?? exchange.Institutions.At(earlier).OfAddress(pi.Value)?.Name;
                funds = Granted(exchange, funds, until.Billed, pi, institution, earlier, now);
                var lines = ApplyFunds.Programmes(
                    earlier, [.. charges.Select(c => Owned(c, pi, institution))], funds, exchange.Institutions, null);
                funds = Entitlement.After(funds, pi, earlier, lines, now);
            }
        }

        return funds;
    }

    /// <summary>A new PI has the promotion that the first close will grant.</summary>
    internal static IReadOnlyList<FundOf> Granted(
        Composition exchange, IReadOnlyList<FundOf> funds, IReadOnlyDictionary<PiId, BillingMonth> billed, PiId pi,
        string? institution, BillingMonth month, Instant now) =>
    [
        .. funds.Select(of =>
            Entitlement.Grant(of, billed, new(pi, month, institution), exchange.Institutions, now) is { } granted
                ? of with { Fund = Fund.Fold.Evolve(of.Fund, granted) }
                : of),
    ];

    private static List<FundLeft> Rest(
        Composition exchange, IReadOnlyList<FundOf> funds, IReadOnlyList<InvoiceLine> lines, PiId pi,
        string? institution, BillingMonth month) =>
    [
        .. from of in funds
           where of.Programme.Kind is ProgrammeKind.Promotion or ProgrammeKind.Subsidy
           let available = of.Fund.Available(of.Programme, pi, institution, month, exchange.Institutions)
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
/// <param name="Used">What it would pay here if nobody else used any.</param>
internal sealed record SharedMoney(string Group, int Others, Money Available, Money Used);
