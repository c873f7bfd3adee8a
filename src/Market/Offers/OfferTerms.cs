using System.Collections.Immutable;

namespace Exchange.Market.Offers;

/// <summary>Who may have something: everybody, or only some institutions and projects.</summary>
public sealed record Audience(ImmutableArray<string> Institutions, ImmutableArray<ProjectId> Projects)
{
    public static Audience All { get; } = new([], []);

    public bool IsAll => Institutions.IsEmpty && Projects.IsEmpty;

    /// <param name="institution">Who the PI of the project works for; null where it is not known.</param>
    public bool Admits(ProjectId? project, string? institution) => IsAll ||
        (project is { } one && Projects.Contains(one)) ||
        (institution is not null && Institutions.Contains(institution, StringComparer.OrdinalIgnoreCase));

    public bool Equals(Audience? other) => other is not null && Institutions.SequenceEqual(other.Institutions) &&
        Projects.SequenceEqual(other.Projects);

    public override int GetHashCode() => HashCode.Combine(Institutions.Length, Projects.Length);

    public override string ToString() => IsAll
        ? "all"
        : string.Join(", ", Institutions.Concat(Projects.Select(project => $"project {project}")));
}

/// <summary>On what terms a landlord offers a SKU, beside its price.</summary>
/// <param name="Capacity">How many units there are at a time; null where that is not said.</param>
/// <param name="NoticeDays">How long before somebody says that they want it.</param>
/// <param name="NeedsApproval">Whether the landlord decides on each request.</param>
/// <param name="ServiceLevel">What is promised of it, in words; null for nothing.</param>
public sealed record OfferTerms(
    Audience Audience, decimal? Capacity, int NoticeDays, bool NeedsApproval, string? ServiceLevel)
{
    /// <summary>What holds of every SKU of a published sheet of which nothing was said.</summary>
    public static OfferTerms Standard { get; } = new(Audience.All, null, 0, false, null);
}

/// <summary>How an offer stands: what may be had is published.</summary>
public enum OfferState { Published, Paused, Retired }

/// <summary>A SKU of a landlord's service as it is offered.</summary>
/// <param name="Draft">What the landlord prepares and nobody else sees; null where nothing is.</param>
/// <param name="Because">Why it is paused or retired.</param>
public sealed record Offered(OfferState State, OfferTerms Terms, OfferTerms? Draft, string? Because)
{
    /// <summary>Every SKU is one.</summary>
    public static Offered Standard { get; } = new(OfferState.Published, OfferTerms.Standard, null, null);
}
