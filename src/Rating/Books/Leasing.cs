using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// What may be agreed of leases, as far as it decides money: a node is let once at a time and level, what is sublet
/// lies within the lease above it, and months that are billed stay.
/// </summary>
public static class Leasing
{
    /// <summary>How long ago what is agreed on now may have begun: every month since is rated again.</summary>
    private static readonly Duration MaxPast = Duration.FromDays(400);
    private const decimal MaxPerHour = 1_000_000m;
    private static readonly Duration MaxAhead = Duration.FromDays(50 * 366);

    /// <summary>Why nothing can be agreed for a time; null where it can.</summary>
    public static Refusal? Beyond(Period period, Instant now, string where) =>
        period.Start < now - MaxPast || period.End > now + MaxAhead ? new(
            "lease/wrong", $"{Text.Of(period.Start)} until {Text.Of(period.End)} is out of reach. Say a time that " +
            $"begins after {Text.Of(now - MaxPast)} and ends before {Text.Of(now + MaxAhead)}.", where)
        : null;

    public static Decision<AgreementEvent> Agree(
        Agreements agreed, Lease lease, string by, Instant now, IReadOnlySet<BillingMonth> closed) =>
        agreed.Leases.Any(one => one.Id == lease.Id) ? []
        : (Wrong(lease) ?? Beyond(lease.Period, now, lease.Id) ?? Closed(lease.Id, lease.Period, closed) ??
            Held(agreed, lease) ?? Outside(agreed, lease)) is { } refusal ? refusal
        : [new AgreementEvent.LeaseAgreed(lease, by, now)];

    public static Decision<AgreementEvent> Extend(
        Agreements agreed, string id, Instant until, string by, Instant now, IReadOnlySet<BillingMonth> closed)
    {
        if (Find(agreed, id) is not { } lease)
        {
            return Unknown(id);
        }

        if (until <= lease.Period.End)
        {
            return new Refusal("lease/wrong", $"{id} lasts until {Text.Of(lease.Period.End)} already.", id);
        }

        var longer = lease with { Period = new(lease.Period.Start, until) };
        var rest = agreed with { Leases = agreed.Leases.Remove(lease) };
        return lease.Period.End < now ? new Refusal(
                "lease/over", $"{id} ended at {Text.Of(lease.Period.End)}. Agree on a new lease.", id)
            : (Beyond(new(now, until), now, id) ?? Closed(id, new(lease.Period.End, until), closed) ??
                Held(rest, longer) ?? Outside(rest, longer)) is { } refusal ? refusal
            : [new AgreementEvent.LeaseExtended(id, until, by, now)];
    }

    public static Decision<AgreementEvent> Transfer(
        Agreements agreed, string id, ProjectId project, Instant from, string by, Instant now) =>
        Find(agreed, id) is not { } lease ? Unknown(id)
        : !lease.Period.Contains(from) || from <= lease.Holders[^1].From || from < now ? new Refusal(
            "lease/past", $"{id} can be transferred from now until {Text.Of(lease.Period.End)}, and after " +
            $"{Text.Of(lease.Holders[^1].From)}; not at {Text.Of(from)}.", id)
        : [new AgreementEvent.LeaseTransferred(id, project, from, by, now)];

    /// <summary>Another price from an instant on; what lies before stays as it was agreed.</summary>
    public static Decision<AgreementEvent> Reprice(
        Agreements agreed, string id, decimal perHour, Instant from, string by, Instant now) =>
        Find(agreed, id) is not { } lease ? Unknown(id)
        : lease.IsOwn ? new Refusal("lease/wrong", $"{id} is its landlord's own use, which is free.", id)
        : WrongPrice(perHour, id) is { } wrong ? wrong
        : !lease.Period.Contains(from) || from < now ||
            (lease.Repriced is [.., var last] && from <= last.From) ? new Refusal(
                "lease/past", $"{id} can have another price from now until {Text.Of(lease.Period.End)}" +
                (lease.Repriced is [.., var before] ? $", and after {Text.Of(before.From)}" : "") +
                $"; not at {Text.Of(from)}.", id)
        : [new AgreementEvent.LeaseRepriced(id, perHour, from, by, now)];

    /// <summary>It ends, and what is sublet from it; what lies before stays as it was agreed.</summary>
    public static Decision<AgreementEvent> End(
        Agreements agreed, string id, Instant from, string why, string by, Instant now) =>
        Find(agreed, id) is not { } lease ? Unknown(id)
        : from < now ? new Refusal(
            "lease/past", $"{id} can end now or later, not at {Text.Of(from)}: until now it was held.", id)
        : from >= lease.Period.End ? []
        : [new AgreementEvent.LeaseEnded(id, from, why, by, now)];

    public static Lease? Find(Agreements agreed, string id) => agreed.Leases.FirstOrDefault(one => one.Id == id);

    internal static ImmutableArray<Lease> Evolve(ImmutableArray<Lease> leases, AgreementEvent happened) =>
        happened switch
        {
            AgreementEvent.LeaseAgreed e => leases.Add(e.Lease),
            AgreementEvent.LeaseExtended e => Change(leases, e.Id, one => one with
            {
                Period = new(one.Period.Start, e.Until),
            }),
            AgreementEvent.LeaseTransferred e => Change(leases, e.Id, one => one with
            {
                Holders = one.Holders.Add(new(e.Project, e.From)),
            }),
            AgreementEvent.LeaseRepriced e => Change(leases, e.Id, one => one with
            {
                Repriced = one.Repriced.Add(new(e.PerHour, e.From)),
            }),
            AgreementEvent.LeaseEnded e => Ended(leases, e.Id, e.From),
            _ => throw new CorruptStreamException(leases, happened),
        };

    private static ImmutableArray<Lease> Ended(ImmutableArray<Lease> leases, string id, Instant from) =>
        leases.Where(one => one.Parent == id).Aggregate(
            Change(leases, id, one => one.Until(from)), (rest, below) => Ended(rest, below.Id, from));

    private static ImmutableArray<Lease> Change(ImmutableArray<Lease> leases, string id, Func<Lease, Lease> how) =>
        [.. leases.Select(one => one.Id == id ? how(one) : one)];

    /// <summary>Why nobody can agree on another price of a node and hour; null where they can.</summary>
    public static Refusal? WrongPrice(decimal perHour, string id) => perHour is >= 0 and <= MaxPerHour ? null : new(
        "lease/wrong", $"A price is 0 to {Text.Of(MaxPerHour)} dollars a node-hour, not {Text.Of(perHour)}.", id);

    private static Refusal? Wrong(Lease lease) =>
        lease.Nodes.IsEmpty || lease.Nodes.Length > 10_000 || lease.Nodes.Any(node => !Name.IsOne(node)) ||
            lease.Nodes.Distinct(StringComparer.Ordinal).Count() < lease.Nodes.Length ? new(
                "lease/wrong", "A lease names its nodes, each once, at most 10,000.", lease.Id)
        : lease.Period.IsEmpty ? new("lease/wrong", "A lease ends after it begins.", lease.Id)
        : lease.PerHour < 0 || lease.NoticeDays is < 0 or > 365 ? new(
            "lease/wrong", "A price is not below nothing, and notice is 0 to 365 days.", lease.Id)
        : lease is { IsOwn: true, Parent: not null } ? new(
            "lease/wrong", "What is sublet is not its landlord's own use.", lease.Id)
        : null;

    internal static Refusal? Closed(string id, Period period, IReadOnlySet<BillingMonth> closed) =>
        closed.Order().FirstOrDefault(month => month.Period.Overlaps(period)) is var month && month != default ? new(
            "agreement/closed-month",
            $"{id} would hold in {month}, which is closed. Let it begin in an open month.", id)
        : null;

    /// <summary>By whom, and from when until when, is the business of its parties.</summary>
    private static Refusal? Held(Agreements agreed, Lease lease) =>
        agreed.Leases.FirstOrDefault(lease.Collides) is { } other ? new(
            "lease/held",
            $"{string.Join(", ", other.Nodes.Intersect(lease.Nodes, StringComparer.Ordinal).Take(10))}: held for " +
            "some of that time. Choose other nodes or another time.", lease.Id)
        : null;

    /// <summary>What is sublet lies within what its lessor holds.</summary>
    private static Refusal? Outside(Agreements agreed, Lease lease) => lease.Parent is not { } id ? null
        : Find(agreed, id) is not { } above ? Unknown(id)
        : above.IsOwn || above.Landlord != lease.Landlord || above.Cluster != lease.Cluster ||
            above.Period.Start > lease.Period.Start || above.Period.End < lease.Period.End ||
            lease.Nodes.Any(node => !above.Nodes.Contains(node)) ? new(
                "lease/outside",
                $"{id} holds {above.Nodes.Length} nodes from {Text.Of(above.Period.Start)} until " +
                $"{Text.Of(above.Period.End)}: sublet what lies within that.", lease.Id)
        : null;

    private static Refusal Unknown(string id) =>
        new("lease/unknown", $"There is no lease '{id}'. 'exchange leases list' shows them.", id);
}
