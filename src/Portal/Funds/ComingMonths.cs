using System.Collections.Immutable;
using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Portal.Spend;
using Exchange.Rating;

namespace Exchange.Portal.Funds;

/// <summary>
/// What the closes to come would take of funds for some people, and for whoever shares money with them: closed months
/// to which something came first, then open ones in their order, each by the rule of the close.
/// </summary>
internal sealed class ComingMonths
{
    private readonly FundVersions _known;
    private readonly UsedMonths _used;
    private readonly UsedMonths.People _people;
    private readonly Func<ShownCharge, bool> _counts;
    private readonly SortedSet<BillingMonth> _looked = [];
    private readonly SortedSet<BillingMonth> _closes = [];
    private readonly SortedDictionary<BillingMonth, Step> _steps = [];
    private ComingCloses _start = null!;

    private ComingMonths(
        FundVersions known, UsedMonths used, UsedMonths.People people, Func<ShownCharge, bool> counts) =>
        (_known, _used, _people, _counts) = (known, used, people, counts);

    /// <summary>One close: how things stand before and after it, and what it bills.</summary>
    public sealed record Step(ComingCloses Before, ComingCloses After, ILookup<Account, InvoiceLine> Lines);

    /// <param name="months">The months that are asked about; something may be planned of closed ones.</param>
    /// <param name="counts">What of that which is charged counts.</param>
    public static async Task<ComingMonths> Of(
        UsedMonths used, UsedMonths.People people, IEnumerable<BillingMonth> months, Func<ShownCharge, bool> counts,
        CancellationToken ct)
    {
        var known = used.Known;
        var coming = new ComingMonths(known, used, people, counts);
        var (first, last) = (known.Months.First, known.Months.Last);
        var open = await used.Open(people, ct);
        coming._looked.UnionWith(used.Late.Concat(months).Concat(open.Where(month => month > first)).Where(
            month => month <= last));
        coming._closes.UnionWith(open.Where(month => last is null || month > last));
        if (coming._looked.Count > 0)
        {
            coming._closes.Add(last!.Value.Next);
        }

        var billed = coming._looked.Count > 0 ? await used.Billed(people, coming._looked.Min, ct) : null;
        coming._start = Start(
            used,
            people.All.Select(pi => new PiId(pi)).Where(known.Billed.ContainsKey)
                .ToDictionary(pi => pi, pi => known.Billed[pi]),
            month => billed![month]);
        return coming;
    }

    /// <summary>How things stand.</summary>
    /// <param name="billed">What was billed of a month, by account.</param>
    internal static ComingCloses Start(
        UsedMonths used, IReadOnlyDictionary<PiId, BillingMonth> before,
        Func<BillingMonth, ILookup<Account, InvoiceLine>> billed)
    {
        var (exchange, known) = (used.Exchange, used.Known);
        return new(
            new(
                known.Months.Last?.Next ?? default, Policies.Corrected,
                known.Months with // Who was billed is in what came before.
                {
                    Reissued = [],
                    Standing = known.Months.Standing.Clear(),
                    Closed = known.Months.Closed.ToImmutableSortedDictionary(
                        of => of.Key, of => of.Value with { Billed = [] }),
                },
                [], billed, known.Funds, exchange.Institutions, exchange.Landlords, new HashSet<string>())
            {
                Prepaid = known.Prepaid,
                BilledBefore = before,
                InstitutionOf = used.WorkedFor,
            }, used.Now);
    }

    /// <summary>A month as its close has it: charges in the order of rating, and what is one is one.</summary>
    internal static MonthCharges Month(BillingMonth month, IEnumerable<ShownCharge> charges) => new(
        month,
        [
            .. InOrder(charges).Select(charge => AfterFunds.Owned(charge, charge.Pi!.Value, charge.Institution)),
        ], []);

    /// <summary>The close that bills a month.</summary>
    public BillingMonth CloseOf(BillingMonth month) =>
        _known.Months.Last is { } last && month <= last ? last.Next : month;

    /// <summary>
    /// What the close of a month would bill of what was used by now; how things stand before, where it bills nothing.
    /// </summary>
    public async Task<Step> At(BillingMonth close, CancellationToken ct)
    {
        foreach (var next in _closes.Where(one => one <= close && !_steps.ContainsKey(one)))
        {
            var before = Before(next);
            var (after, lines) = before.Close(await Rated(next, [], ct));
            _steps[next] = new(before, after, lines);
        }

        return _steps.TryGetValue(close, out var step) ? step
            : new(Before(close), Before(close), Enumerable.Empty<InvoiceLine>().ToLookup(_ => default(Account)));
    }

    /// <summary>What each close that bills something of a plan would bill with it.</summary>
    public async Task<IReadOnlyDictionary<BillingMonth, ILookup<Account, InvoiceLine>>> With(
        IReadOnlyList<ShownCharge> plan, CancellationToken ct)
    {
        var planned = plan.Select(charge => CloseOf(charge.Month)).ToHashSet();
        var (first, last) = (planned.Min(), planned.Max());
        var standing = (await At(first, ct)).Before; // Until then nothing is planned.
        var lines = new Dictionary<BillingMonth, ILookup<Account, InvoiceLine>>();
        foreach (var close in _closes.Union(planned).Where(one => one >= first && one <= last).Order())
        {
            (standing, lines[close]) = standing.Close(await Rated(close, plan, ct));
        }

        return lines;
    }

    private ComingCloses Before(BillingMonth close) =>
        _steps.LastOrDefault(step => step.Key < close).Value?.After ?? _start;

    private async Task<IReadOnlyList<MonthCharges>> Rated(
        BillingMonth close, IReadOnlyList<ShownCharge> plan, CancellationToken ct)
    {
        var rated = new List<MonthCharges>();
        foreach (var month in _looked.Where(_ => close == CloseOf(_looked.Min)).Append(close))
        {
            var now = await _used.Of(_people, month, _looked.Count > 0 ? _looked.Min : month, ct);
            rated.Add(Month(
                month, now.Where(_counts).Concat(plan.Where(charge => charge.Month == month))));
        }

        return rated;
    }

    /// <summary>The charges of a month in the order of rating; what a plan adds to one is one with it.</summary>
    private static IEnumerable<ShownCharge> InOrder(IEnumerable<ShownCharge> charges) =>
        charges.GroupBy(charge => charge.Key, StringComparer.Ordinal).Select(same => same.First() with
        {
            Quantity = same.First().Quantity with { Amount = same.Sum(one => one.Quantity.Amount) },
            Amount = Money.Sum(same.Select(one => one.Amount)),
        })
        .OrderBy(one => one.Landlord.Value, StringComparer.Ordinal)
        .ThenBy(one => one.Service, StringComparer.Ordinal)
        .ThenBy(one => one.Cluster.Value, StringComparer.Ordinal)
        .ThenBy(one => one.Project.Value, StringComparer.Ordinal)
        .ThenBy(one => one.Sku.Value, StringComparer.Ordinal).ThenBy(one => one.Period.Start)
        .ThenBy(one => one.Sheet, StringComparer.Ordinal).ThenBy(one => one.Id, StringComparer.Ordinal);
}
