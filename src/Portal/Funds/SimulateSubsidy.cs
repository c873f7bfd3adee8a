using System.IO.Enumeration;
using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Reading;
using Exchange.Rating;

namespace Exchange.Portal.Funds;

/// <summary>Another rule for a subsidy, to be tried out on a month that is closed.</summary>
/// <param name="Amount">What each PI gets at most.</param>
/// <param name="Most">What all get at most together, shared in proportion; null for no limit.</param>
/// <param name="ExcludedSkus">What it does not pay for; '*' stands for any text.</param>
/// <param name="KeepsCaps">Whether PIs whom the payer gives another amount keep that one.</param>
internal sealed record SubsidyRule(
    Money Amount, Money? Most, IReadOnlyList<string> ExcludedSkus, bool KeepsCaps)
{
    public bool Excludes(SkuId sku) => ExcludedSkus.Any(pattern =>
        FileSystemName.MatchesSimpleExpression(pattern, sku.Value, ignoreCase: false));
}

/// <summary>What a PI got of a month, and would have got under another rule.</summary>
internal sealed record SimulatedPi(PiId Pi, string? Institution, Money Before, Money After)
{
    public Money Change => After - Before;
}

/// <summary>
/// Works out what a closed month's subsidy would have been under another rule: a pure function of what was billed.
/// Credits that come before the subsidy stay as they were.
/// </summary>
internal static class SimulateSubsidy
{
    /// <summary>The same of a month as it was billed; what comes out is of the payer's programme alone.</summary>
    public static async Task<IReadOnlyList<SimulatedPi>> Run(
        Composition exchange, BillingMonth month, Programme programme, Fund fund, SubsidyRule rule,
        CancellationToken ct)
    {
        var directory = await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var owners = new Attribution(directory, exchange.Institutions);
        return Run(
            month, (await BilledLines.Of(exchange.Database, month, ct)).Following(directory.PiOf),
            new(programme, fund.Following(directory.PiOf)), (exchange.Programmes, exchange.Institutions), rule,
            (pi, line) => owners.InstitutionOf(pi, line.Cluster, line.Project, line.ServicePeriod.Start));
    }

    /// <param name="billed">The lines of the month, adjustments among them, by account.</param>
    /// <param name="institutionOf">For whom a PI worked when what a line billed was used: a subsidy pays for that time
    /// alone.</param>
    public static IReadOnlyList<SimulatedPi> Run(
        BillingMonth month, ILookup<Account, InvoiceLine> billed, FundOf subsidy,
        (IReadOnlyList<Programme> Programmes, Institutions Institutions) facts, SubsidyRule rule,
        Func<PiId, InvoiceLine, string?> institutionOf)
    {
        var programme = subsidy.Programme;
        var earlier = facts.Programmes.Where(p => IsBefore(p, programme)).Select(p => p.Id)
            .ToHashSet(StringComparer.Ordinal);
        var rows = new List<SimulatedPi>();
        foreach (var account in billed.Where(of => of.Key.Pi is not null))
        {
            var pi = account.Key.Pi!.Value;
            var before = Money.Sum(account.SelectMany(line => line.Funds).Where(share => share.Fund == programme.Id)
                .Select(share => share.Amount));
            var available = account.Select(line => institutionOf(pi, line)).Distinct().ToDictionary(
                one => one ?? "", one => Available(subsidy, pi, one, month, facts.Institutions, rule));
            var owed = account.Where(line => !rule.Excludes(line.Sku) &&
                available[institutionOf(pi, line) ?? ""] > Money.Zero).GroupBy(line => line.ChargeId)
                .Select(charge => Money.Sum(charge.Select(line => line.Amount - Money.Sum(line.Funds
                    .Where(share => earlier.Contains(share.Fund)).Select(share => share.Amount)))))
                .Where(rest => rest > Money.Zero);
            var after = Money.Min(available.Values.Max(), Money.Sum(owed));
            if (!before.IsZero || !after.IsZero)
            {
                rows.Add(new(pi, institutionOf(pi, account.Last()), before, after));
            }
        }

        return
        [
            .. Share(rows, rule).OrderBy(row => row.Change.Cents).ThenBy(row => row.Pi.Value, StringComparer.Ordinal),
        ];
    }

    private static Money Available(
        FundOf subsidy, PiId pi, string? institution, BillingMonth month, Institutions institutions,
        SubsidyRule rule) =>
        subsidy.Fund.IsSuspended(pi, month) || subsidy.Programme.At(month) is not { } terms ||
        !(subsidy.Fund.IsEnrolled(pi, month) ||
            terms.IsEligible(institutions.At(month).Named(institution), month))
            ? Money.Zero
            : rule.KeepsCaps && subsidy.Fund.CapOf(pi, month) is { } cap ? cap : rule.Amount;

    private static IEnumerable<SimulatedPi> Share(List<SimulatedPi> rows, SubsidyRule rule)
    {
        if (rule.Most is not { } most || Money.Sum(rows.Select(row => row.After)) <= most)
        {
            return rows;
        }

        var shares = Spread.ProRata(most, [.. rows.Select(row => row.After)]);
        return rows.Zip(shares.Paid, (row, paid) => row with { After = paid ?? Money.Zero });
    }

    private static bool IsBefore(Programme one, Programme programme) => one.Order != programme.Order
        ? one.Order < programme.Order
        : string.CompareOrdinal(one.Id, programme.Id) < 0;
}
