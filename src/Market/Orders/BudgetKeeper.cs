using System.Collections.Immutable;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Orders;

/// <summary>
/// Keeps what agreements and bids take of hard budgets, as orders do: reserved once the customer says yes, and until it
/// is charged, ended or declined.
/// </summary>
/// <param name="PiOf">Who answers for a project of a cluster at an instant.</param>
/// <param name="Read">What is known of a PI's budgets in some months.</param>
public sealed record BudgetKeeper(
    PriceBooks Books, Func<ClusterId, ProjectId, Instant, PiId?> PiOf,
    Func<PiId, IReadOnlyCollection<BillingMonth>, CancellationToken, Task<KnownBudgets>> Read)
{
    /// <summary>So many months of an agreement are reserved, from the one in which it is said.</summary>
    private const int MaxMonths = 36;

    /// <summary>What an agreement of a project comes to in months.</summary>
    private sealed record Part(PiId Pi, ClusterId Cluster, ProjectId Project, ImmutableArray<MonthAmount> Months);

    /// <summary>What is agreed with a project comes to so much, used or not.</summary>
    /// <param name="id">A lease, a reservation or a commitment.</param>
    /// <param name="isChecked">
    /// Whether it is the customer who says so: what others say of it is never refused for a budget that they may not
    /// know.
    /// </param>
    public async Task Keep(
        UnitOfWork work, (Agreements Before, Agreements After) agreed, string id, bool isChecked, Instant now,
        CancellationToken ct)
    {
        var (was, parts) = (Parts(agreed.Before, id, now), Parts(agreed.After, id, now));
        var gone = was.Where(one => !parts.Exists(other => (other.Pi, other.Project) == (one.Pi, one.Project)))
            .Select(one => one with { Months = [] });
        foreach (var of in parts.Concat(gone).GroupBy(part => part.Pi))
        {
            await Hold(work, of.Key, [.. of.Select(part => new OrderedEvent.Reserved(
                $"{id} {part.Project}", id, $"{part.Cluster}/{part.Project}", part.Months, now))], isChecked, ct);
        }
    }

    /// <summary>What a bid comes to at most, wherever its nodes are.</summary>
    /// <param name="months">Nothing where it was taken back or the auction is over.</param>
    public Task Keep(
        UnitOfWork work, PiId pi, string auction, (string Bid, ProjectId Project) of,
        ImmutableArray<MonthAmount> months, Instant now, CancellationToken ct) =>
        Hold(
            work, pi, [new(of.Bid, auction, OrderedEvent.AnyCluster + of.Project, months, now)],
            isChecked: !months.IsEmpty, ct);

    /// <summary>Some hours of every month at a price for an hour, each month rounded up.</summary>
    public static ImmutableArray<MonthAmount> Hours(Period period, Instant now, decimal perHour)
    {
        var months = ImmutableArray.CreateBuilder<MonthAmount>();
        foreach (var month in Months(period, now))
        {
            var ticks = period.Clip(month.Period)!.Value.Length.BclCompatibleTicks;
            months.Add(new(month, new((long)decimal.Ceiling(perHour * 100 * ticks / NodaConstants.TicksPerHour))));
        }

        return months.DrainToImmutable();
    }

    private async Task Hold(
        UnitOfWork work, PiId pi, IReadOnlyList<OrderedEvent.Reserved> all, bool isChecked, CancellationToken ct)
    {
        var ordered = await work.State(Ordered.Fold, pi, ct);
        var known = !isChecked ? KnownBudgets.Nothing
            : await Read(pi, [.. all.SelectMany(one => one.Months).Select(one => one.Month).Distinct()], ct);
        var events = new List<OrderedEvent>();
        foreach (var one in all.OrderBy(one => one.Months.Length)) // What ends makes room first.
        {
            var held = Ordered.Hold(ordered, one, known.Limits, known.Charged).OrThrow();
            ordered = held.Aggregate(ordered, Ordered.Fold.Evolve);
            events.AddRange(held);
        }

        if (events.Count > 0)
        {
            work.Append(Ordered.Fold.StreamOf(pi), events);
        }
    }

    /// <summary>By the rule that rates it: what it comes to if nothing is used.</summary>
    private List<Part> Parts(Agreements agreed, string id, Instant now)
    {
        if (Terms(agreed, id) is not ({ IsEmpty: false } period, { } landlord, { } cluster))
        {
            return [];
        }

        var charges = Months(period, now).SelectMany(month => new Rater(
            Books with { Agreements = agreed },
            new(month, Policies.Corrected) { Landlord = landlord, Cluster = cluster }).Finish().Charges
            .Where(charge => charge.Amount > Money.Zero && Charge.AgreementOf(charge.Id) == id));
        return
        [
            .. from charge in charges
               group charge by charge.Project into of
               let pi = PiOf(cluster, of.Key, Instant.Max(now, period.Start))
               where pi is not null
               select new Part(pi.Value, cluster, of.Key, [.. of.GroupBy(one => one.Month).OrderBy(one => one.Key)
                   .Select(one => new MonthAmount(one.Key, Money.Sum(one.Select(charge => charge.Amount))))]),
        ];
    }

    private static (Period Period, LandlordId Landlord, ClusterId Cluster)? Terms(Agreements agreed, string id) =>
        Leasing.Find(agreed, id) is { } lease ? (lease.Period, lease.Landlord, lease.Cluster)
        : Reserving.Find(agreed, id) is { } standing ? (standing.Period, standing.Landlord, standing.Cluster)
        : null;

    private static IEnumerable<BillingMonth> Months(Period period, Instant now)
    {
        var month = BillingMonth.Of(Instant.Max(period.Start, BillingMonth.Of(now).Start));
        for (var n = 0; n < MaxMonths && month.Start < period.End; n++, month = month.Next)
        {
            yield return month;
        }
    }
}
