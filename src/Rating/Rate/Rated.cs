using System.Collections.Immutable;
using Exchange.Metering;
using Exchange.Metering.Collectors;
using NodaTime;

namespace Exchange.Rating;

/// <summary>What is to be rated: a month under named policies, all of it or up to an instant.</summary>
public sealed record RateRequest(BillingMonth Month, string Policies = Rating.Policies.Corrected)
{
    /// <summary>Only usage before this instant counts; null for the whole month.</summary>
    public Instant? AsOf { get; init; }
    public LandlordId? Landlord { get; init; }
    public ClusterId? Cluster { get; init; }
    public ProjectId? Project { get; init; }

    /// <summary>A period other than the month, for examples and quotes.</summary>
    public Period? Within { get; init; }

    /// <summary>
    /// Who answers for a project at an instant, where it is known; tiers of a PI add up what is theirs.
    /// </summary>
    public Func<ClusterId, ProjectId, Instant, PiId?>? PiOf { get; init; }

    /// <summary>
    /// When a project changes hands inside the period: its charges are split there, and cost the same.
    /// </summary>
    public Func<ClusterId, ProjectId, ImmutableArray<Instant>>? MovesOf { get; init; }

    /// <summary>Of which projects promises are asked for: all; but what-if questions have their own.</summary>
    public Func<ClusterId, ProjectId, bool> Binds { get; init; } = (_, _) => true;

    public Period Period => Within ??
        new(Month.Start, Instant.Max(Month.Start, Instant.Min(AsOf ?? Month.End, Month.End)));

    /// <summary>
    /// The request with what is known of PIs and of projects that change hands: tiers of a PI add up what is theirs,
    /// and every owner gets what was used in their time.
    /// </summary>
    public RateRequest OwnedBy(Attribution owners) => this with
    {
        PiOf = (cluster, project, at) => owners.Of(cluster, project, at).Pi,
        MovesOf = (cluster, project) => owners.MovesOf(cluster, project, Period),
    };
}

/// <summary>Usage that no price was found for: reported, never silently free.</summary>
/// <param name="What">The GPU model, dimension or meter that tells it from other usage of the kind; may be
/// empty.</param>
/// <param name="Reason">A stable code: 'unpriced/no-sheet', 'unpriced/no-sku', 'unpriced/nothing-to-count',
/// 'unpriced/too-large', 'unpriced/too-much' or 'unpriced/other-currency'.</param>
/// <param name="Why">A sentence: what is missing, and what to do.</param>
/// <param name="Quantity">Resource-hours, or the sum of what was counted.</param>
/// <param name="Resource">One resource that it happened to.</param>
public sealed record Unpriced(
    LandlordId Landlord, ClusterId Cluster, ProjectId Project, string Kind, string What, string Reason, string Why,
    decimal Quantity, ResourceId Resource);

/// <summary>The charges of a period, and the usage that has no price, both in a stable order.</summary>
public sealed record Rated(IReadOnlyList<Charge> Charges, IReadOnlyList<Unpriced> Unpriced)
{
    public Money Total => Money.Sum(Charges.Select(charge => charge.Amount));

    /// <summary>What of it is a landlord's, a cluster's and a project's with its parts; null for any.</summary>
    public Rated Of(LandlordId? landlord, ClusterId? cluster, ProjectId? project)
    {
        return new(
            [.. Charges.Where(charge => Is(charge.Landlord, charge.Cluster, charge.Project))],
            [.. Unpriced.Where(one => Is(one.Landlord, one.Cluster, one.Project))]);

        bool Is(LandlordId of, ClusterId at, ProjectId by) =>
            (landlord ?? of) == of && (cluster ?? at) == at && (project is not { } id || by == id ||
                by.Value.StartsWith($"{id}:", StringComparison.Ordinal));
    }
}

/// <summary>A part of a charge: what one segment or one day's count adds to it before the line is rounded.</summary>
/// <param name="Period">The part of the segment that this sheet prices.</param>
/// <param name="Outage">How much of it was an outage and is not charged.</param>
/// <param name="Count">Units at each moment, after the policy for whole units; of a meter, what was counted.</param>
/// <param name="Step">The one step of the line that it belongs to; null where all steps share it.</param>
/// <param name="Row">The row of another cloud's bill that it is; null where readings are behind it.</param>
public sealed record Contribution(
    string ChargeId, ResourceId Resource, Period Period, ResourceState State, Shape Shape, Duration Outage,
    decimal Count, string Arithmetic, string? Step = null, FocusRow? Row = null)
{
    /// <summary>It adds nothing to the charge: it decides which share of the line each landlord has.</summary>
    public bool IsSplit { get; init; }

    /// <summary>Whether it is a part of the charge with this id.</summary>
    public bool IsOf(string chargeId) => Step is null
        ? chargeId == ChargeId || chargeId.StartsWith($"{ChargeId}:", StringComparison.Ordinal)
        : chargeId == $"{ChargeId}:{Step}";
}
