using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Market.Peers;

/// <summary>What two exchanges dispute of each other's statements, line by line.</summary>
public sealed partial record Peer
{
    /// <summary>What this exchange disputes or withdrew, as it was said.</summary>
    public ImmutableArray<PeerDispute> Disputes { get; init; } = [];

    /// <summary>How many of them the other has.</summary>
    public long DisputesSent { get; init; }

    /// <summary>What the other disputes or withdrew of what this exchange asked.</summary>
    public ImmutableArray<PeerDispute> DisputedThere { get; init; } = [];

    /// <summary>
    /// Disputes of a month that are not over: neither withdrawn, nor answered by another statement of the month.
    /// </summary>
    /// <param name="isOurs">Those of this exchange, or of the other.</param>
    public IEnumerable<PeerDispute> OpenDisputes(BillingMonth month, bool isOurs)
    {
        var (said, asked) = isOurs ? (Disputes, ReceivedOf(month)) : (DisputedThere, DrawnOf(month));
        var over = said.Select(one => one.Withdraws).ToHashSet();
        return said.Where(one => one.Month == month && one.Withdraws is null && !over.Contains(one.Number) &&
            one.Statement == asked?.Sequence);
    }

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
        !peer.IsLive || peer.Terms is not { } terms ? Unknown()
        : peer.Disputes.FirstOrDefault(one => one.Number == number && one.Withdraws is null) is not { } dispute
            ? new Refusal("peer/no-dispute", $"This exchange has no dispute {number} with {terms.Name}.", $"{number}")
        : reason.Trim() is not { Length: > 0 and <= PeerDispute.MaxReason } because ? new Refusal(
            "peer/no-reason", "Say why in 1 to 500 characters.", terms.Name)
        : peer.Disputes.Any(one => one.Withdraws == number) ? []
        : [
            new PeerEvent.Disputed(
                dispute with { Number = peer.Disputes.Length + 1, Withdraws = number, Reason = because }, by, now),
        ];

    public static Decision<PeerEvent> SendDispute(Peer peer, long number, Instant now) =>
        number <= peer.DisputesSent ? [] : [new PeerEvent.DisputeSent(number, now)];

    /// <summary>Takes the next dispute of the other; one that is here already changes nothing.</summary>
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
            : !peer.Drawn.Any(one => one.Month == dispute.Month && one.Sequence == dispute.Statement) ? new Refusal(
                "peer/no-statement", $"No statement {dispute.Statement} was asked for {dispute.Month}, so nothing of " +
                "it can be disputed.", terms.Name)
            : dispute.Withdraws is { } number && !peer.DisputedThere.Any(one => one.Number == number) ? new Refusal(
                "peer/no-dispute", $"There is no dispute {number} of {terms.Name} to withdraw.", $"{number}")
            : [new PeerEvent.DisputeReceived(dispute, text, now)];
    }
}
