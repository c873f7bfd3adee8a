using Exchange.Market.Deals;
using NodaTime;

namespace Exchange.Portal;

/// <summary>A reservation, a commitment or locked prices, as the two parties and finance see it.</summary>
/// <param name="Kind">'reservation', 'commitment' or 'price lock'.</param>
/// <param name="Holder">The project that pays, or paid last.</param>
/// <param name="What">What is agreed on, in words: '10 of gpu-a100'.</param>
/// <param name="Rate">What a unit costs, and from when on another price holds.</param>
/// <param name="State">'proposed', 'agreed', 'declined' or 'over'.</param>
/// <param name="Asked">What waits for an answer, and for whose.</param>
/// <param name="Version">How often something was said of it: who answers says which one they looked at.</param>
internal sealed record DealRow(
    string Id, string Kind, LandlordId Landlord, ClusterId Cluster, ProjectId Holder, string What, string Rate,
    Instant From, Instant Until, string State, string Asked, string Because, string Version);

/// <summary>Something that was said of an agreement.</summary>
/// <param name="By">Who said it, where that is the reader's own side or the reader is finance; else empty.</param>
internal sealed record DealSaid(Instant At, string Side, string By, string What, string Why);

/// <summary>What is owed of an agreement in a month, used or not.</summary>
internal sealed record DealMonth(BillingMonth Month, Quantity? Quantity, Money Charged);

/// <summary>An agreement with what was said of it and what it came to.</summary>
/// <param name="IsLandlord">Whether the reader speaks for the landlord.</param>
/// <param name="IsCustomer">Whether the reader speaks for the customer.</param>
internal sealed record DealDetails(
    DealRow Agreement, IReadOnlyList<DealSaid> History, IReadOnlyList<DealMonth> Months, bool IsLandlord,
    bool IsCustomer);

/// <summary>What somebody says of an agreement, as a form or a program sends it.</summary>
/// <param name="Act">One of <see cref="Acts"/>.</param>
/// <param name="Until">Until when it is extended.</param>
/// <param name="From">From when on it ends, is transferred or has another price.</param>
internal sealed record DealWord(string Act, Instant? Until, Instant? From, ProjectId? Project, string Because)
{
    public static IReadOnlyList<string> Acts { get; } =
        ["accept", "decline", "extend", "end", "transfer", "reprice"];

    /// <summary>What a unit is to cost from then on.</summary>
    public decimal? Rate { get; init; }

    /// <summary>Of locked prices, which.</summary>
    public SkuId? Sku { get; init; }

    /// <summary>The side that it is said for: what waits is for the other side to answer.</summary>
    public DealSide SideOf(AgreementDeal deal, Func<DealSide, bool> isOn) => Act switch
    {
        "accept" or "decline" when deal.Pending is { } pending && isOn(Other(pending.Side)) => Other(pending.Side),
        _ => isOn(DealSide.Landlord) ? DealSide.Landlord : DealSide.Customer,
    };

    public Decision<DealEvent> Rule(AgreementDeal deal, DealSide side, string by, Instant now) => Act switch
    {
        "accept" => AgreementDeal.Accept(deal, side, by, now),
        "decline" => AgreementDeal.Decline(deal, side, Because, by, now),
        "extend" when Until is { } until => Change(deal, new(DealChangeKind.Extend, until), side, by, now),
        "extend" => Missing("until when it is extended"),
        "end" when From is { } end => Change(deal, new(DealChangeKind.End, end), side, by, now),
        "end" => Missing("from when on it ends"),
        "transfer" when From is { } from && Project is { } project =>
            Change(deal, new(DealChangeKind.Transfer, from) { Project = project }, side, by, now),
        "transfer" => Missing("to which project it goes, and from when on"),
        "reprice" when From is { } then && Rate is { } rate =>
            Change(deal, new(DealChangeKind.Reprice, then) { Rate = rate, Sku = Sku }, side, by, now),
        "reprice" => Missing("what a unit costs, and from when on"),
        _ => new Refusal(
            "agreement/wrong", $"Nothing is known of '{Act}'. Say one of {string.Join(", ", Acts)}."),
    };

    private static Decision<DealEvent> Change(
        AgreementDeal deal, DealChange change, DealSide side, string by, Instant now) =>
        AgreementDeal.Propose(deal, change, side, by, now);

    private static DealSide Other(DealSide side) =>
        side == DealSide.Landlord ? DealSide.Customer : DealSide.Landlord;

    private static Refusal Missing(string what) => new("agreement/wrong", $"Say {what}, as 2027-01-14T12:00:00Z.");
}
