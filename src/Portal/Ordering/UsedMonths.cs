using Exchange.Journal;
using Exchange.Portal.Costs;
using Exchange.Portal.Spend;
using NodaTime;

namespace Exchange.Portal;

/// <summary>
/// What PIs used by now, and what funds pay of it without a plan: read and reckoned once, whatever is asked about it.
/// </summary>
internal sealed class UsedMonths(Composition exchange, View view, FundVersions known, Instant now, int atOnce)
{
    private readonly Dictionary<PiId, IReadOnlyList<BillingMonth>> _months = [];
    private readonly Dictionary<(PiId, BillingMonth), IReadOnlyList<ShownCharge>> _charges = [];
    private readonly Dictionary<
        (PiId, BillingMonth, Func<ShownCharge, bool>),
        (OpenCredits Course, SortedDictionary<BillingMonth, IReadOnlyList<Credit>> Paid)> _without = [];

    /// <summary>A course of months that begins with nothing but what was billed.</summary>
    public OpenCredits Course() => new(known, exchange, now);

    /// <summary>
    /// The months before and of a plan that take of the same money: those after the last close in which the PI used
    /// something. Months without usage are not gone through, however many there are between.
    /// </summary>
    public async Task<IReadOnlyList<BillingMonth>> Before(PiId pi, BillingMonth plan, CancellationToken ct)
    {
        const string Sql = """
            select month
            from exchange.rated r
            where exists (select from exchange.charge c where c.month = r.month and c.pi = $1)
            order by month
            """;
        if (!_months.TryGetValue(pi, out var months))
        {
            await using var command = exchange.Database.Statement(Sql, [pi.Value]);
            _months[pi] = months = [.. (await command.Texts(ct)).Select(one => BillingMonth.Parse(one))];
        }

        var open = known.Months.Last?.Next;
        return [.. months.Where(month => open is not { } first || month >= (first < plan ? first : plan))];
    }

    /// <summary>All charges of a PI in a month.</summary>
    public async Task<IReadOnlyList<ShownCharge>> Of(PiId pi, BillingMonth month, CancellationToken ct)
    {
        if (_charges.TryGetValue((pi, month), out var kept))
        {
            return kept;
        }

        var all = new List<ShownCharge>();
        for (var query = new ChargeQuery(month, Pi: pi, Limit: atOnce); ; query = query with { After = all[^1].Key })
        {
            var some = await Charges.Find(view, query, ct);
            all.AddRange(some);
            if (some.Count < atOnce)
            {
                return _charges[(pi, month)] = all;
            }
        }
    }

    /// <summary>What funds pay of a month without a plan, after the months before it.</summary>
    /// <param name="months">Those in which the PI used something, from where both courses begin.</param>
    /// <param name="counts">What of that which is charged is beside the plan.</param>
    public async Task<IReadOnlyList<Credit>> Paid(
        PiId pi, IReadOnlyList<BillingMonth> months, BillingMonth month, Func<ShownCharge, bool> counts,
        CancellationToken ct)
    {
        if (!months.Contains(month))
        {
            return []; // Nobody pays for nothing.
        }

        if (!_without.TryGetValue((pi, months[0], counts), out var found))
        {
            _without[(pi, months[0], counts)] = found = (Course(), []);
        }

        foreach (var next in months.Where(one => one <= month && !found.Paid.ContainsKey(one)))
        {
            found.Paid[next] = found.Course.Of(next, pi, InOrder((await Of(pi, next, ct)).Where(counts)));
        }

        return found.Paid[month];
    }

    /// <summary>The charges of a month in the order of rating; what a plan adds to one is one with it.</summary>
    public static List<ShownCharge> InOrder(IEnumerable<ShownCharge> charges) =>
    [
        .. charges.GroupBy(charge => charge.Id, StringComparer.Ordinal).Select(same => same.First() with
            {
                Quantity = same.First().Quantity with { Amount = same.Sum(one => one.Quantity.Amount) },
                Amount = Money.Sum(same.Select(one => one.Amount)),
            })
            .OrderBy(one => one.Landlord.Value, StringComparer.Ordinal)
            .ThenBy(one => one.Service, StringComparer.Ordinal)
            .ThenBy(one => one.Cluster.Value, StringComparer.Ordinal)
            .ThenBy(one => one.Project.Value, StringComparer.Ordinal)
            .ThenBy(one => one.Sku.Value, StringComparer.Ordinal).ThenBy(one => one.Period.Start)
            .ThenBy(one => one.Sheet, StringComparer.Ordinal).ThenBy(one => one.Id, StringComparer.Ordinal),
    ];
}
