using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Deals;

/// <summary>The two parties of an agreement on prices.</summary>
public enum DealSide
{
    Landlord,

    /// <summary>Who answers for the project that pays.</summary>
    Customer,
}

/// <summary>What one side asks of an agreement.</summary>
public enum DealChangeKind { Extend, End, Transfer, Reprice }

/// <summary>Longer or shorter, for another project, or at another price.</summary>
/// <param name="At">Until when, or from when on.</param>
public sealed record DealChange(DealChangeKind Kind, Instant At)
{
    /// <summary>To whom it is transferred.</summary>
    public ProjectId? Project { get; init; }

    /// <summary>What a unit costs then, where it is repriced.</summary>
    public decimal? Rate { get; init; }

    /// <summary>Of locked prices, which of them.</summary>
    public SkuId? Sku { get; init; }

    [JsonIgnore]
    public string Words => Kind switch
    {
        DealChangeKind.Extend => $"extend until {Text.Of(At)}",
        DealChangeKind.End => $"end at {Text.Of(At)}",
        DealChangeKind.Transfer => $"transfer to {Project} at {Text.Of(At)}",
        DealChangeKind.Reprice => $"reprice {(Sku is { } sku ? $"{sku} " : "")}to {Text.Of(Rate ?? 0)} USD a unit at " +
            Text.Of(At),
    };
}

/// <summary>What of an accepted quote one landlord promised: the prices that both may change.</summary>
public sealed record LockedPart(string Quote, LandlordId Landlord, ClusterId Cluster, ProjectId Project, Period Period);

/// <summary>
/// Everything that can happen between the parties of an agreement. The quoted names are stored for ever.
/// </summary>
[JsonDerivedType(typeof(Proposed), "deal-proposed/1")]
[JsonDerivedType(typeof(Locked), "deal-locked/1")]
[JsonDerivedType(typeof(ChangeProposed), "deal-change-proposed/1")]
[JsonDerivedType(typeof(Accepted), "deal-accepted/1")]
[JsonDerivedType(typeof(Declined), "deal-declined/1")]
public abstract record DealEvent
{
    private DealEvent() { }

    public sealed record Proposed(StandingAgreement Terms, DealSide Side, string By, Instant At) : DealEvent;

    /// <summary>Prices that an accepted quote locked are talked about for the first time.</summary>
    public sealed record Locked(LockedPart Part, Instant At) : DealEvent;
    public sealed record ChangeProposed(DealChange Change, DealSide Side, string By, Instant At) : DealEvent;

    /// <summary>The other side took what was proposed: it decides money from now on.</summary>
    public sealed record Accepted(DealSide Side, string By, Instant At) : DealEvent;
    public sealed record Declined(DealSide Side, string Reason, string By, Instant At) : DealEvent;
}

/// <summary>Something that a side said of an agreement, in words.</summary>
public sealed record DealStep(Instant At, DealSide Side, string By, string What, string Why);

/// <summary>
/// What a landlord and a customer say of a reservation, a commitment or locked prices: one proposes, the other accepts
/// or declines.
/// </summary>
public sealed record AgreementDeal(
    StandingAgreement? Terms, LockedPart? Lock, bool IsAgreed, (DealChange? Change, DealSide Side)? Pending,
    string? Because)
{
    private static readonly TwoParties Parties = new("agreement", "agreement/not-agreed", "agreement/waiting");

    public static AgreementDeal Nothing { get; } = new(null, null, false, null, null);

    /// <summary>What was said so far; how often is the version of an agreement.</summary>
    public ImmutableArray<DealStep> Said { get; init; } = [];

    /// <summary>'proposed', 'agreed' or 'declined'.</summary>
    public string State => IsAgreed ? "agreed" : Pending is null ? "declined" : "proposed";

    /// <summary>Its number: 'R-7F3K2M9Q'; null where there is nothing.</summary>
    public string? Id => Terms?.Id ?? Lock?.Quote;

    private Talk<DealChange, DealSide> Talk => new(Id, State, IsAgreed, Pending);

    public StandingAgreement Needed() =>
        Terms ?? throw new InvalidOperationException("There is no such reservation or commitment.");

    public static Decision<DealEvent> Propose(
        AgreementDeal deal, StandingAgreement terms, DealSide side, string by, Instant now) => deal.Id is not null
        ? new Refusal("agreement/exists", $"There is an agreement '{terms.Id}' already.", terms.Id)
        : [new DealEvent.Proposed(terms, side, by, now)];

    public static Decision<DealEvent> Propose(
        AgreementDeal deal, DealChange change, DealSide side, string by, Instant now) =>
        deal.IsAgreed && change.Rate is { } rate && Reserving.WrongRate(rate, deal.Id!) is { } wrong
            ? wrong
            : Parties.Ask<DealEvent, DealChange, DealSide>(
                deal.Talk, change, side, new DealEvent.ChangeProposed(change, side, by, now));

    /// <summary>Nobody accepts their own proposal.</summary>
    public static Decision<DealEvent> Accept(AgreementDeal deal, DealSide side, string by, Instant now) =>
        Parties.Accept<DealEvent, DealChange, DealSide>(deal.Talk, side, new DealEvent.Accepted(side, by, now));

    /// <summary>Either side ends what is proposed: the one says no, the other takes it back.</summary>
    public static Decision<DealEvent> Decline(
        AgreementDeal deal, DealSide side, string reason, string by, Instant now) =>
        Parties.Decline<DealEvent, DealChange, DealSide>(
            deal.Talk, reason, new DealEvent.Declined(side, reason.Trim(), by, now));

    /// <summary>That no agreement has this number.</summary>
    public static Refusal Unknown(string id) => Parties.Unknown(id);

    internal static AgreementDeal Evolve(AgreementDeal deal, DealEvent happened) =>
        After(deal, happened) is var after && StepOf(happened) is { } step
            ? after with { Said = deal.Said.Add(step) }
            : after;

    private static AgreementDeal After(AgreementDeal deal, DealEvent happened) => happened switch
    {
        DealEvent.Proposed e when deal.Id is null => deal with { Terms = e.Terms, Pending = (null, e.Side) },
        DealEvent.Locked e when deal.Id is null => deal with { Lock = e.Part, IsAgreed = true },
        DealEvent.ChangeProposed e when deal.IsAgreed => deal with { Pending = (e.Change, e.Side) },
        DealEvent.Accepted when deal.Pending is not null => deal with { IsAgreed = true, Pending = null },
        DealEvent.Declined e => deal with { Pending = null, Because = e.Reason },
        _ => throw new CorruptStreamException(deal, happened),
    };

    private static DealStep? StepOf(DealEvent happened) => happened switch
    {
        DealEvent.Proposed e => new(e.At, e.Side, e.By, "proposed", ""),
        DealEvent.ChangeProposed e => new(e.At, e.Side, e.By, $"proposed to {e.Change.Words}", ""),
        DealEvent.Accepted e => new(e.At, e.Side, e.By, "accepted", ""),
        DealEvent.Declined e => new(e.At, e.Side, e.By, "declined", e.Reason),
        _ => null,
    };
}
