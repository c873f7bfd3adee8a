using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Exchange.Market.Deals;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Leases;

/// <summary>The two parties of a lease.</summary>
public enum LeaseSide
{
    /// <summary>The landlord; of what is sublet, who answers for the project that holds the lease above it.</summary>
    Lessor,

    /// <summary>Who answers for the project that is to hold it.</summary>
    Lessee,
}

/// <summary>What one side asks of a lease that is agreed.</summary>
public enum LeaseChangeKind { Extend, End, Transfer, Reprice }

/// <summary>Longer or shorter, to another project, or at another price.</summary>
/// <param name="At">Until when, or from when on.</param>
/// <param name="Project">To whom it is transferred.</param>
public sealed record LeaseChange(LeaseChangeKind Kind, Instant At, ProjectId? Project)
{
    /// <summary>What a node and hour costs then, where it is repriced.</summary>
    public decimal? PerHour { get; init; }

    [JsonIgnore]
    public string Words => Kind switch
    {
        LeaseChangeKind.Extend => $"extend until {Text.Of(At)}",
        LeaseChangeKind.End => $"end at {Text.Of(At)}",
        LeaseChangeKind.Transfer => $"transfer to {Project} at {Text.Of(At)}",
        LeaseChangeKind.Reprice => $"reprice to {Text.Of(PerHour ?? 0)} USD a node-hour at {Text.Of(At)}",
    };
}

/// <summary>Everything that can happen between the parties of a lease. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Proposed), "lease-proposed/1")]
[JsonDerivedType(typeof(ChangeProposed), "lease-change-proposed/1")]
[JsonDerivedType(typeof(Accepted), "lease-accepted/1")]
[JsonDerivedType(typeof(Declined), "lease-declined/1")]
[JsonDerivedType(typeof(Reclaimed), "lease-reclaimed/1")]
public abstract record LeaseEvent
{
    private LeaseEvent() { }

    public sealed record Proposed(Lease Terms, LeaseSide Side, string By, Instant At) : LeaseEvent;
    public sealed record ChangeProposed(LeaseChange Change, LeaseSide Side, string By, Instant At) : LeaseEvent;

    /// <summary>The other side took what was proposed: it decides money from now on.</summary>
    public sealed record Accepted(LeaseSide Side, string By, Instant At) : LeaseEvent;
    public sealed record Declined(LeaseSide Side, string Reason, string By, Instant At) : LeaseEvent;

    /// <summary>The lessor takes it back, after the notice that was agreed.</summary>
    public sealed record Reclaimed(Instant From, string Reason, string By, Instant At) : LeaseEvent;
}

/// <summary>
/// What two parties say of a lease: one proposes, the other accepts or declines; only reclaiming with notice needs
/// nobody else.
/// </summary>
public sealed record LeaseDeal(
    Lease? Terms, bool IsAgreed, (LeaseChange? Change, LeaseSide Side)? Pending, string? Because)
{
    private static readonly TwoParties Parties = new("lease", "lease/not-agreed", "lease/waiting");

    public static LeaseDeal Nothing { get; } = new(null, false, null, null);

    /// <summary>What was said so far; how often is the version of a lease.</summary>
    public ImmutableArray<LeaseStep> Said { get; init; } = [];

    /// <summary>'proposed', 'agreed' or 'declined'.</summary>
    public string State => IsAgreed ? "agreed" : Pending is null ? "declined" : "proposed";

    private Talk<LeaseChange, LeaseSide> Talk => new(Terms?.Id, State, IsAgreed, Pending);

    public Lease Needed() => Terms ?? throw new InvalidOperationException("There is no such lease.");

    public static Decision<LeaseEvent> Propose(LeaseDeal deal, Lease terms, LeaseSide side, string by, Instant now)
    {
        if (deal.Terms is not null)
        {
            return new Refusal("lease/exists", $"There is a lease '{terms.Id}' already.", terms.Id);
        }

        var proposed = new LeaseEvent.Proposed(terms, side, by, now);
        return terms.IsOwn ? [proposed, new LeaseEvent.Accepted(LeaseSide.Lessee, by, now)] : [proposed];
    }

    public static Decision<LeaseEvent> Propose(
        LeaseDeal deal, LeaseChange change, LeaseSide side, string by, Instant now) =>
        deal.IsAgreed && change.PerHour is { } price && Leasing.WrongPrice(price, deal.Needed().Id) is { } wrong
            ? wrong
            : Parties.Ask<LeaseEvent, LeaseChange, LeaseSide>(
                deal.Talk, change, side, new LeaseEvent.ChangeProposed(change, side, by, now));

    /// <summary>Nobody accepts their own proposal.</summary>
    public static Decision<LeaseEvent> Accept(LeaseDeal deal, LeaseSide side, string by, Instant now) =>
        Parties.Accept<LeaseEvent, LeaseChange, LeaseSide>(
            deal.Talk, side, new LeaseEvent.Accepted(side, by, now));

    /// <summary>Either side ends what is proposed: the one says no, the other takes it back.</summary>
    public static Decision<LeaseEvent> Decline(
        LeaseDeal deal, LeaseSide side, string reason, string by, Instant now) =>
        Parties.Decline<LeaseEvent, LeaseChange, LeaseSide>(
            deal.Talk, reason, new LeaseEvent.Declined(side, reason.Trim(), by, now));

    public static Decision<LeaseEvent> Reclaim(LeaseDeal deal, Instant from, string reason, string by, Instant now)
    {
        if (!deal.IsAgreed)
        {
            return Parties.NotAgreed(deal.Terms?.Id, deal.State);
        }

        var (days, id) = (deal.Needed().NoticeDays, deal.Needed().Id);
        return from < now + Duration.FromDays(days) ? new Refusal(
                "lease/no-notice",
                $"{id} is reclaimed with {days} days of notice: from {Text.Of(now + Duration.FromDays(days))} on, " +
                $"not at {Text.Of(from)}.", id)
            : Parties.NoReason(reason, id) is { } refusal ? refusal
            : [new LeaseEvent.Reclaimed(from, reason.Trim(), by, now)];
    }

    internal static LeaseDeal Evolve(LeaseDeal deal, LeaseEvent happened) =>
        After(deal, happened) with { Said = deal.Said.Add(LeaseStep.Of(happened)) };

    private static LeaseDeal After(LeaseDeal deal, LeaseEvent happened) => happened switch
    {
        LeaseEvent.Proposed e when deal.Terms is null => deal with { Terms = e.Terms, Pending = (null, e.Side) },
        LeaseEvent.ChangeProposed e when deal.IsAgreed => deal with { Pending = (e.Change, e.Side) },
        LeaseEvent.Accepted when deal.Pending is not null => deal with { IsAgreed = true, Pending = null },
        LeaseEvent.Declined e => deal with { Pending = null, Because = e.Reason },
        LeaseEvent.Reclaimed e => deal with { Because = e.Reason },
        _ => throw new CorruptStreamException(deal, happened),
    };
}
