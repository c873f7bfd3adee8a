using System.Collections.Immutable;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Peers;

/// <summary>What two exchanges dispute of each other's statements, line by line.</summary>
public sealed partial record Peer
{
    /// <summary>What this exchange disputes or withdrew, as it was said.</summary>
    public ImmutableArray<PeerDispute> Disputes { get; init; } = [];

    /// <summary>How many of them the other has.</summary>
    public long DisputesSent { get; init; }

    /// <summary>All that the other said of what this exchange asked; of some of it nothing came.</summary>
    public ImmutableArray<PeerDispute> DisputedThere { get; init; } = [];

    /// <summary>Numbers of what the other said about nothing that there is, and why: it holds nothing up.</summary>
    public ImmutableDictionary<long, string> SetAside { get; init; } = ImmutableDictionary<long, string>.Empty;

    /// <summary>What the other said of something that there is.</summary>
    private ImmutableArray<PeerDispute> HeardThere =>
        [.. DisputedThere.Where(one => !SetAside.ContainsKey(one.Number))];

    /// <summary>
    /// Disputes of a month that are not over: neither withdrawn, nor answered by the other exchange, in words or by
    /// another statement of the month.
    /// </summary>
    /// <param name="isOurs">Those of this exchange, or of the other.</param>
    public IEnumerable<PeerDispute> OpenDisputes(BillingMonth month, bool isOurs)
    {
        var (said, other) = isOurs ? (Disputes, HeardThere) : (HeardThere, Disputes);
        var asked = isOurs ? ReceivedOf(month) : DrawnOf(month);
        var over = said.Select(one => one.Withdraws).Concat(other.Select(one => one.Answers)).ToHashSet();
        return said.Where(one => one.Month == month && one.Begins && !over.Contains(one.Number) &&
            one.Statement == asked?.Sequence);
    }

    /// <summary>What the other exchange said of a dispute; null where it said nothing.</summary>
    public string? AnswerTo(PeerDispute dispute, bool isOurs) => (isOurs ? HeardThere : Disputes)
        .LastOrDefault(one => one.Answers == dispute.Number)?.Reason;

    private PeerDispute? Disputed(BillingMonth month) =>
        OpenDisputes(month, isOurs: true).Concat(OpenDisputes(month, isOurs: false)).FirstOrDefault();

    /// <summary>Disputes a line of the other's statement of a month; the same line is disputed once.</summary>
    public static Decision<PeerEvent> Dispute(
        Peer peer, BillingMonth month, PeerDifference line, string reason, string by, Instant now) =>
        !peer.IsLive || peer.Terms is not { } terms ? Unknown()
        : peer.ReceivedOf(month) is not { } statement ? new Refusal(
            "peer/nothing", $"{terms.Name} asked nothing for {month}, so there is nothing to dispute.", terms.Name)
        : peer.Settled.ContainsKey(month) ? new Refusal(
            "peer/settled", $"{month} is settled. Agree on what is wrong by invoice and payout.", terms.Name)
        : !Asks(statement, line.Project, line.What, line.Asked) ? new Refusal(
            "peer/no-line", $"Statement {statement.Sequence} of {terms.Name} asks nothing for '{line.What}' of " +
            $"{line.Project}, so there is nothing to dispute. 'exchange peers statement' shows its lines.", "line")
        : reason.Trim() is not { Length: > 0 and <= PeerDispute.MaxReason } because ? new Refusal(
            "peer/no-reason", "Say why in 1 to 500 characters.", terms.Name)
        : peer.OpenDisputes(month, isOurs: true).Any(one => one.Project == line.Project && one.What == line.What) ? []
        : [
            new PeerEvent.Disputed(
                new(
                    terms.KnownAs, terms.Name, month, peer.Disputes.Length + 1, statement.Sequence, line.Project,
                    line.What, line.Asked, line.Here, because, null), by, now),
        ];

    /// <summary>Says that a dispute of this exchange is over.</summary>
    public static Decision<PeerEvent> WithdrawDispute(Peer peer, long number, string reason, string by, Instant now) =>
        End(peer, isOurs: true, number, reason, (by, now), (_, dispute) =>
            peer.Disputes.Any(one => one.Withdraws == number) ? null : dispute with { Withdraws = number });

    /// <summary>
    /// Says what came of a dispute of the other: it is over, and its month can be settled. The other reads the reason,
    /// and may dispute the line again.
    /// </summary>
    public static Decision<PeerEvent> AnswerDispute(Peer peer, long number, string reason, string by, Instant now) =>
        End(peer, isOurs: false, number, reason, (by, now), (terms, dispute) => peer.IsToAnswer(dispute)
            ? dispute with { From = terms.KnownAs, To = terms.Name, Answers = number }
            : null);

    /// <summary>Open, or set aside and not answered yet: the other waits for a word of it.</summary>
    private bool IsToAnswer(PeerDispute dispute) =>
        OpenDisputes(dispute.Month, isOurs: false).Contains(dispute) ||
        (SetAside.ContainsKey(dispute.Number) && AnswerTo(dispute, isOurs: false) is null);

    /// <summary>A dispute of either side is over, for a reason.</summary>
    /// <param name="over">What says so; null where it is over already.</param>
    private static Decision<PeerEvent> End(
        Peer peer, bool isOurs, long number, string reason, (string By, Instant At) who,
        Func<PeerTerms, PeerDispute, PeerDispute?> over) =>
        !peer.IsLive || peer.Terms is not { } terms ? Unknown()
        : (isOurs ? peer.Disputes : peer.DisputedThere).FirstOrDefault(
            one => one.Number == number && one.Begins) is not { } dispute ? new Refusal(
            "peer/no-dispute", isOurs ? $"This exchange has no dispute {number} with {terms.Name}."
                : $"{terms.Name} has no dispute {number} here.", $"{number}")
        : reason.Trim() is not { Length: > 0 and <= PeerDispute.MaxReason } because ? new Refusal(
            "peer/no-reason", "Say why in 1 to 500 characters.", terms.Name)
        : over(terms, dispute) is not { } said ? []
        : [new PeerEvent.Disputed(
            said with { Number = peer.Disputes.Length + 1, Reason = because }, who.By, who.At)];

    /// <summary>Whether a statement asks so much for a line, as either exchange names it.</summary>
    private static bool Asks(KeptStatement statement, ProjectId project, string what, Money asked)
    {
        var lines = PeerStatement.Kept(statement.Text).Lines.Where(line => line.Project == project &&
            (line.What == what || FederatedBill.IsLeaving(what, line.What))).ToList();
        return lines.Count > 0 && Money.Sum(lines.Select(line => line.Due)) == asked;
    }

    public static Decision<PeerEvent> SendDispute(Peer peer, long number, Instant now) =>
        number <= peer.DisputesSent ? [] : [new PeerEvent.DisputeSent(number, now)];

    /// <summary>
    /// Takes the next dispute of the other; one that is here already changes nothing. What is about nothing that there
    /// is is set aside with the reason, so that what the other says after it is heard.
    /// </summary>
    public static Decision<PeerEvent> ReceiveDispute(Peer peer, string text, Instant now)
    {
        if (!peer.IsLive || peer.Terms is not { } terms)
        {
            return Unknown();
        }

        var dispute = PeerDispute.Read(text, [.. peer.KeysAt(now)]);
        var next = peer.DisputedThere.Length + 1;
        return dispute.From != terms.Name || dispute.To != terms.KnownAs ? new Refusal(
                "peer/not-for-us", $"The dispute is from '{dispute.From}' to '{dispute.To}'; here it has to be from " +
                $"'{terms.Name}' to '{terms.KnownAs}'.", terms.Name)
            : dispute.Number < next ? peer.DisputedThere[(int)dispute.Number - 1] == dispute ? [] : new Refusal(
                "peer/number-used-twice", $"Another dispute {dispute.Number} of {terms.Name} was taken before; the " +
                "first one counts. Send what changed under the next number.", terms.Name)
            : dispute.Number > next ? new Refusal(
                "peer/out-of-order", $"Dispute {next} of {terms.Name} comes next, not {dispute.Number}. Send them in " +
                "order.", terms.Name)
            : peer.Unfit(dispute, terms) is { } unfit
                ? [new PeerEvent.DisputeSetAside(dispute, text, unfit.Code, unfit.Message, now)]
            : [new PeerEvent.DisputeReceived(dispute, text, now)];
    }

    /// <summary>Why what the other says is about nothing that there is; null where there is.</summary>
    private Refusal? Unfit(PeerDispute dispute, PeerTerms terms)
    {
        var statement = (dispute.Answers is null ? Drawn : Received).FirstOrDefault(
            one => one.Month == dispute.Month && one.Sequence == dispute.Statement);
        var said = dispute.Answers is null ? HeardThere : Disputes;
        return statement is null ? new(
                "peer/no-statement", $"No statement {dispute.Statement} was asked for {dispute.Month}, so nothing of " +
                "it can be disputed.", terms.Name)
            : !dispute.Begins
                ? said.Any(one => one.Begins && one.Number == (dispute.Withdraws ?? dispute.Answers)) ? null : new(
                    "peer/no-dispute", $"There is no dispute {dispute.Withdraws ?? dispute.Answers} that could be " +
                    $"over by what {terms.Name} says.", $"{dispute.Withdraws ?? dispute.Answers}")
            : Asks(statement, dispute.Project, dispute.What, dispute.Asked) ? null : new(
                "peer/no-line", $"Statement {dispute.Statement} does not ask {dispute.Asked} for '{dispute.What}' of " +
                $"{dispute.Project}: what is not asked cannot be disputed.", terms.Name);
    }
}
