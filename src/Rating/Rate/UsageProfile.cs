using System.Runtime.InteropServices;

namespace Exchange.Rating;

/// <summary>
/// How many units of a SKU a project used at each moment: what a reservation covers is decided moment by moment, so no
/// sum over the month can say it. Stretches are added in any order.
/// </summary>
internal sealed class UsageProfile(Outages outages, Policies policies)
{
    private readonly Dictionary<long, Int128> _changes = [];

    /// <summary>Adds so many parts from one tick until another.</summary>
    public void Add(long start, long end, Int128 parts)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_changes, start, out _) += parts;
        CollectionsMarshal.GetValueRefOrAddDefault(_changes, end, out _) -= parts;
    }

    /// <summary>Each moment at which more or less is used, and how many parts more.</summary>
    public IReadOnlyDictionary<long, Int128> Changes => _changes;

    /// <summary>Adds what another was told of a moment.</summary>
    public void Change(long at, Int128 parts)
    {
        ref var change = ref CollectionsMarshal.GetValueRefOrAddDefault(_changes, at, out _);
        change += parts;
        if (change == 0)
        {
            _changes.Remove(at);
        }
    }

    /// <summary>What was used above the reserved units in a period, as parts times microseconds.</summary>
    public Int128 Above(IReadOnlyList<Reserved> reserved, Period within)
    {
        var (from, to) = (within.Start.ToUnixTimeTicks(), within.End.ToUnixTimeTicks());
        var changes = new SortedDictionary<long, Int128>(_changes);
        foreach (var one in reserved)
        {
            var parts = (Int128)decimal.Round(one.Count * Line.Parts, 0, MidpointRounding.ToEven);
            Change(one.Period.Start.ToUnixTimeTicks(), -parts);
            Change(one.Period.End.ToUnixTimeTicks(), parts);
        }

        var (sum, level, since) = (Int128.Zero, Int128.Zero, from);
        foreach (var (at, change) in changes.TakeWhile(change => change.Key < to))
        {
            Settle(at);
            level += change;
        }

        Settle(to);
        return sum;

        void Change(long at, Int128 parts) => changes[at] = changes.GetValueOrDefault(at) + parts;

        void Settle(long until)
        {
            if (until > since)
            {
                sum += level > 0 ? level * ((until - since - outages.Within(since, until, policies)) / 10) : 0;
                since = until;
            }
        }
    }

    /// <summary>How many ticks of a period the landlord's cluster did not work.</summary>
    public long OutOfService(Period period) =>
        outages.Within(period.Start.ToUnixTimeTicks(), period.End.ToUnixTimeTicks(), policies);
}
