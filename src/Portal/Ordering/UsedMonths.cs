using Exchange.Journal;
using Exchange.Portal.Costs;
using Exchange.Portal.Spend;
using NodaTime;

namespace Exchange.Portal;

/// <summary>
/// What PIs used by now, and what funds pay of it without a plan: read and reckoned once, whatever is asked about it.
/// </summary>
/// <param name="first">The first month in which anybody used something; null where nobody did.</param>
internal sealed class UsedMonths(
    Composition exchange, View view, FundVersions known, BillingMonth? first, Instant now, int atOnce)
{
    private readonly Dictionary<(PiId, BillingMonth), IReadOnlyList<ShownCharge>> _charges = [];
    private readonly Dictionary<
        (PiId, BillingMonth, Func<ShownCharge, bool>),
        (OpenCredits Course, List<IReadOnlyList<Credit>> Paid)> _without = [];

    public static async Task<UsedMonths> Read(
        Composition exchange, View view, FundVersions known, Instant now, int atOnce, CancellationToken ct)
    {
        await using var command = exchange.Database.Statement("select min(month) from exchange.rated", []);
        var first = await command.ExecuteScalarAsync(ct) as string;
        return new(exchange, view, known, first is null ? null : BillingMonth.Parse(first), now, atOnce);
    }

    /// <summary>A course of months that begins with nothing but what was billed.</summary>
    public OpenCredits Course() => new(known, exchange, now);

    /// <summary>Where to begin: all open months before a plan take of the same money, each once.</summary>
    public BillingMonth Start(BillingMonth plan)
    {
        var open = known.Months.Last?.Next ?? first ?? plan;
        open = first > open ? first.Value : open;
        return open < plan ? open : plan;
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

    /// <summary>What funds pay of a month without a plan, after the months since a start.</summary>
    /// <param name="counts">What of that which is charged is beside the plan.</param>
    public async Task<IReadOnlyList<Credit>> Paid(
        PiId pi, BillingMonth start, BillingMonth month, Func<ShownCharge, bool> counts, CancellationToken ct)
    {
        if (!_without.TryGetValue((pi, start, counts), out var found))
        {
            _without[(pi, start, counts)] = found = (Course(), []);
        }

        for (var next = start.Plus(found.Paid.Count); next <= month; next = next.Next)
        {
            found.Paid.Add(found.Course.Of(next, pi, InOrder((await Of(pi, next, ct)).Where(counts))));
        }

        return found.Paid[month.MonthsSince(start)];
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
