using Exchange.Market.Leases;
using NodaTime;

namespace Exchange.Portal;

/// <summary>What somebody says of a lease, as a form or a program sends it.</summary>
/// <param name="Act">One of <see cref="Acts"/>.</param>
/// <param name="Until">Until when it is extended.</param>
/// <param name="From">From when on it ends, is transferred, has another price or is reclaimed.</param>
/// <param name="Project">To whom it is transferred.</param>
internal sealed record LeaseWord(string Act, Instant? Until, Instant? From, ProjectId? Project, string Because)
{
    public static IReadOnlyList<string> Acts { get; } =
        ["accept", "decline", "extend", "end", "transfer", "reprice", "reclaim"];

    /// <summary>What a node and hour is to cost from then on.</summary>
    public decimal? PerHour { get; init; }

    /// <summary>
    /// The side that it is said for: what waits is for the other side to accept or decline, and for whoever asked to
    /// take back.
    /// </summary>
    public LeaseSide SideOf(LeaseDeal deal, Func<LeaseSide, bool> isOn) => Act switch
    {
        "reclaim" => LeaseSide.Lessor,
        "accept" or "decline" when deal.Pending is { } pending && isOn(Other(pending.Side)) => Other(pending.Side),
        _ => isOn(LeaseSide.Lessor) ? LeaseSide.Lessor : LeaseSide.Lessee,
    };

    public Decision<LeaseEvent> Rule(LeaseDeal deal, LeaseSide side, string by, Instant now) => Act switch
    {
        "accept" => LeaseDeal.Accept(deal, side, by, now),
        "decline" => LeaseDeal.Decline(deal, side, Because, by, now),
        "extend" when Until is { } until => Change(deal, new(LeaseChangeKind.Extend, until, null), side, by, now),
        "extend" => Missing("until when it is extended"),
        "end" when From is { } end => Change(deal, new(LeaseChangeKind.End, end, null), side, by, now),
        "end" => Missing("from when on it ends"),
        "transfer" when From is { } from && Project is { } project =>
            Change(deal, new(LeaseChangeKind.Transfer, from, project), side, by, now),
        "transfer" => Missing("to which project it goes, and from when on"),
        "reprice" when From is { } then && PerHour is { } price =>
            Change(deal, new(LeaseChangeKind.Reprice, then, null) { PerHour = price }, side, by, now),
        "reprice" => Missing("what a node and hour costs, and from when on"),
        "reclaim" when side != LeaseSide.Lessor =>
            new Refusal("lease/not-yours", "The lessor alone can do that."),
        "reclaim" when From is { } at => LeaseDeal.Reclaim(deal, at, Because, by, now),
        "reclaim" => Missing("from when on it is reclaimed"),
        _ => new Refusal("lease/wrong", $"Nothing is known of '{Act}'. Say one of {string.Join(", ", Acts)}."),
    };

    private static Decision<LeaseEvent> Change(
        LeaseDeal deal, LeaseChange change, LeaseSide side, string by, Instant now) =>
        LeaseDeal.Propose(deal, change, side, by, now);

    private static LeaseSide Other(LeaseSide side) =>
        side == LeaseSide.Lessor ? LeaseSide.Lessee : LeaseSide.Lessor;

    private static Refusal Missing(string what) => new("lease/wrong", $"Say {what}, as 2027-01-14T12:00:00Z.");
}
