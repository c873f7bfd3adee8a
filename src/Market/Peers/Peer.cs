using System.Collections.Immutable;
using System.Security.Cryptography;
using NodaTime;

namespace Exchange.Market.Peers;

/// <summary>The names of all peers. Its stream is 'peers-exchange'.</summary>
public sealed record PeerNames(ImmutableSortedSet<string> All)
{
    public const string Id = "exchange";

    public static readonly Fold<PeerNames, PeerNamesEvent> Fold = new(
        "peers", new(ImmutableSortedSet.Create<string>(StringComparer.Ordinal)), (names, happened) => happened switch
        {
            PeerNamesEvent.Named e => new(names.All.Add(e.Peer)),
            _ => throw new CorruptStreamException(names, happened),
        });
}

/// <summary>
/// Another exchange: its key, what each side asked for each month, and what was settled. Its stream is like 'peer-mit'.
/// </summary>
/// <param name="Terms">Null while nothing was agreed.</param>
/// <param name="Drawn">What this exchange asked, oldest first; of a month the last one counts.</param>
/// <param name="Received">What the other asked.</param>
/// <param name="SentUpTo">The last number that the other has.</param>
/// <param name="Why">Why the next one waits; null when it does not.</param>
public sealed partial record Peer(
    PeerTerms? Terms, bool IsSuspended, ImmutableArray<KeptStatement> Drawn, ImmutableArray<KeptStatement> Received,
    long SentUpTo, string? Why, ImmutableDictionary<BillingMonth, PeerEvent.Settled> Settled)
{
    private const int MaxUrl = 500;
    private const int MaxOverlap = 90;

    private static readonly string Nobodys = SigningKey.Of(RandomNumberGenerator.GetBytes(32)).Public;

    public static readonly Fold<Peer, PeerEvent> Fold = new("peer", new(
        null, false, [], [], 0, null, ImmutableDictionary<BillingMonth, PeerEvent.Settled>.Empty), Evolve);

    /// <summary>The keys before the one of the terms.</summary>
    public ImmutableArray<OldKey> OldKeys { get; init; } = [];

    /// <summary>By which keys the other may sign at an instant: its own, and for a time the one before.</summary>
    public IEnumerable<string> KeysAt(Instant now) => Terms is not { } terms ? []
        : OldKeys.Where(old => now < old.Until).Select(old => old.Key).Prepend(terms.Key).Distinct();

    /// <summary>Whether statements go to and fro.</summary>
    public bool IsLive => Terms is not null && !IsSuspended;

    /// <summary>What waits to be sent, oldest first.</summary>
    public IEnumerable<KeptStatement> Waiting => Drawn.Where(one => one.Sequence > SentUpTo);

    public KeptStatement? DrawnOf(BillingMonth month) => Drawn.LastOrDefault(one => one.Month == month);

    public KeptStatement? ReceivedOf(BillingMonth month) => Received.LastOrDefault(one => one.Month == month);

    public IEnumerable<BillingMonth> Months =>
        Drawn.Concat(Received).Select(one => one.Month).Distinct().OrderDescending();

    public static Decision<PeerEvent> Admit(Peer peer, PeerTerms terms, string by, Instant now) =>
        !IsName(terms.Name) || !IsName(terms.KnownAs) ? new Refusal(
            "peer/name", "A peer's name has 1 to 60 small letters, digits and '-', as 'mit', and so has what it " +
            "calls this exchange.", terms.Name)
        : !SigningKey.IsPublicKey(terms.Key) ? new Refusal(
            "peer/key", "This is not a public Ed25519 key: 32 bytes in base64, as 'exchange peers key' prints it " +
            "there.", terms.Name)
        : !IsUrl(terms.Address, terms.IsInside) ? new Refusal(
            "peer/url", $"A peer's address is 'https://…' of at most {MaxUrl} plain characters, without a user in it.",
            terms.Name)
        : terms.Pi is null && terms.Landlord is null ? new Refusal(
            "peer/no-side", "Say who stands for it as a customer here (--pi), as whom it sells here (--landlord), " +
            "or both.", terms.Name)
        : peer.IsLive && peer.Terms == terms ? []
        : [new PeerEvent.Admitted(terms, by, now)];

    public static Decision<PeerEvent> Suspend(Peer peer, string reason, string by, Instant now) =>
        peer.Terms is null ? Unknown()
        : reason.Trim().Length is 0 or > 500 ? new Refusal("peer/no-reason", "Say why in 1 to 500 characters.")
        : peer.IsSuspended ? []
        : [new PeerEvent.Suspended(reason.Trim(), by, now)];

    /// <summary>The other signs by another key: both are good until an instant, the new one alone after it.</summary>
    public static Decision<PeerEvent> ChangeKey(Peer peer, string key, Instant oldUntil, string by, Instant now) =>
        peer.Terms is not { } terms ? Unknown()
        : !SigningKey.IsPublicKey(key) ? new Refusal(
            "peer/key", "This is not a public Ed25519 key: 32 bytes in base64, as 'exchange peers key' prints it " +
            "there.", terms.Name)
        : oldUntil < now || oldUntil > now + Duration.FromDays(MaxOverlap) ? new Refusal(
            "peer/overlap", $"The old key is good for {MaxOverlap} days more at most, and not until what is past. If " +
            "it was stolen, suspend the peer and admit it again with its new key.", terms.Name)
        : key == terms.Key ? []
        : [new PeerEvent.KeyChanged(key, oldUntil, by, now)];

    /// <summary>Asks for a month, or asks otherwise than before; nothing where nothing changed.</summary>
    /// <param name="lines">What is asked for the month now.</param>
    public static Decision<PeerEvent> Draw(
        Peer peer, BillingMonth month, ImmutableArray<PeerLine> lines, SigningKey key, Instant now)
    {
        if (!peer.IsLive || peer.Terms is not { } terms)
        {
            return Unknown();
        }

        var before = peer.DrawnOf(month) is { } drawn ? PeerStatement.Kept(drawn.Text).Lines : [];
        if (before.Select(line => line.Asked).SequenceEqual(lines.Select(line => line.Asked)))
        {
            return [];
        }

        // What is no longer asked stays on it with nothing, so that the other side sees it go.
        var gone = before.Where(line => lines.All(other => other.Charge != line.Charge)).Select(line => line with
        {
            Quantity = line.Quantity with { Amount = 0 },
            Amount = Money.Zero,
            Credits = Money.Zero,
        });
        var last = peer.Drawn.LastOrDefault();
        var statement = new PeerStatement(
            terms.KnownAs, terms.Name, month, (last?.Sequence ?? 0) + 1, last?.Sha256, [.. lines, .. gone]);
        var (text, sha256) = statement.Write(key);
        return before.Select(line => line.Asked).SequenceEqual(statement.Lines.Select(line => line.Asked)) ? []
            : [new PeerEvent.Drawn(Kept(statement, text, sha256), now)];
    }

    public static Decision<PeerEvent> Send(Peer peer, long sequence, string? why, Instant now) =>
        sequence <= peer.SentUpTo ? []
        : why is null ? [new PeerEvent.Sent(sequence, now)]
        : why == peer.Why ? []
        : [new PeerEvent.Delayed(sequence, why, now)];

    /// <summary>
    /// By which keys something signed is read; of whom is no peer, or is suspended, by one that nobody has.
    /// </summary>
    public IReadOnlyList<string> ReadBy(Instant now) => IsLive ? [.. KeysAt(now)] : [Nobodys];

    /// <summary>Refuses what the peer did not sign, and of whom is none whatever it is, in the same words.</summary>
    public static void CheckSigned(Peer peer, string text, Instant now) => SignedText.Read(text, peer.ReadBy(now));

    /// <summary>Takes the next statement of the other; one that is here already changes nothing.</summary>
    public static Decision<PeerEvent> Receive(Peer peer, string text, Instant now)
    {
        if (!peer.IsLive || peer.Terms is not { } terms)
        {
            return Unknown();
        }

        var (statement, sha256) = PeerStatement.Read(text, [.. peer.KeysAt(now)]);
        var (fit, beside) = new ChainLink(statement.Sequence, sha256, statement.Previous)
            .Among(peer.Received.Select(one => one.Link));
        var next = (peer.Received.LastOrDefault()?.Sequence ?? 0) + 1;
        return statement.From != terms.Name || statement.To != terms.KnownAs ? new Refusal(
                "peer/not-for-us", $"The statement is from '{statement.From}' to '{statement.To}'; here it has to be " +
                $"from '{terms.Name}' to '{terms.KnownAs}'.", terms.Name)
            : fit == ChainFit.Known ? []
            : fit == ChainFit.NumberUsedTwice ? new Refusal(
                "peer/number-used-twice", $"Another statement {statement.Sequence} of {terms.Name} was taken before; " +
                "the first one counts. Send what changed under the next number.", terms.Name)
            : fit == ChainFit.Broken ? new Refusal(
                "peer/broken-chain", $"Statement {statement.Sequence} of {terms.Name} does not fit statement " +
                $"{beside.Sequence}, which was taken before: one of them was replaced. Nothing of it is taken.",
                terms.Name)
            : statement.Sequence != next ? new Refusal(
                "peer/out-of-order", $"Statement {next} of {terms.Name} comes next, not {statement.Sequence}. Send " +
                "them in order.", terms.Name)
            : terms.Landlord is null ? new Refusal(
                "peer/not-a-seller", $"Nothing of {terms.Name} is sold here, so nothing can be asked for it.",
                terms.Name)
            : PeerRules.Wrong(statement) is { } wrong ? wrong
            : [new PeerEvent.Received(Kept(statement, text, sha256), now)];
    }

    /// <summary>Notes that what both asked for a month is settled with what is left of it.</summary>
    public static Decision<PeerEvent> Settle(
        Peer peer, BillingMonth month, string reference, string by, Instant now)
    {
        var (asked, owed) = (peer.AskedFor(month), peer.OwedFor(month));
        return peer.Terms is null ? Unknown()
            : asked.IsZero && owed.IsZero ? new Refusal(
                "peer/nothing", $"Neither asked anything for {month}.", peer.Terms.Name)
            : peer.Settled.TryGetValue(month, out var before)
                ? (before.Asked, before.Owed) == (asked, owed) ? [] : new Refusal(
                    "peer/settled", $"{month} was settled with {before.Asked} and {before.Owed}; it is {asked} and " +
                    $"{owed} now. Pay the difference by invoice and payout.", peer.Terms.Name)
            : peer.Disputed(month) is { } dispute ? new Refusal(
                "peer/disputed", $"{dispute.From} disputes {dispute.Project} {dispute.What} of {month}: " +
                $"{dispute.Reason}. It is withdrawn, or answered by another statement, first.", peer.Terms.Name)
            : [new PeerEvent.Settled(month, asked, owed, reference, by, now)];
    }

    public Money AskedFor(BillingMonth month) => DrawnOf(month)?.Total ?? Money.Zero;

    public Money OwedFor(BillingMonth month) => ReceivedOf(month)?.Total ?? Money.Zero;

    private static Refusal Unknown() => new(
        "peer/unknown", "There is no such peer, or it is suspended. 'exchange peers list' shows them.");

    private static KeptStatement Kept(PeerStatement statement, string text, string sha256) => new(
        statement.Month, statement.Sequence, sha256, statement.Previous, statement.Lines.Length, statement.Total,
        PackedText.Pack(text));

    /// <summary>Small letters, digits and '-', so that it stands in addresses as it is.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= 60 &&
        text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');

    private static bool IsUrl(string text, bool mayBePlain) =>
        text.Length <= MaxUrl && text.All(letter => letter is >= '!' and <= '~') &&
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.UserInfo.Length == 0 && url.Query.Length == 0 &&
        (url.Scheme == Uri.UriSchemeHttps || (mayBePlain && url.Scheme == Uri.UriSchemeHttp));

    private static Peer Evolve(Peer peer, PeerEvent happened) => happened switch
    {
        PeerEvent.Admitted e => peer with { Terms = e.Terms, IsSuspended = false, OldKeys = [] },
        PeerEvent.KeyChanged e when peer.Terms is { } terms => peer with
        {
            Terms = terms with { Key = e.Key },
            OldKeys = peer.OldKeys.Add(new(terms.Key, e.OldUntil)),
        },
        PeerEvent.Suspended when peer.Terms is not null => peer with { IsSuspended = true },
        PeerEvent.Drawn e => peer with { Drawn = peer.Drawn.Add(e.Statement) },
        PeerEvent.Sent e => peer with { SentUpTo = e.Sequence, Why = null },
        PeerEvent.Delayed e => peer with { Why = e.Why },
        PeerEvent.Received e => peer with { Received = peer.Received.Add(e.Statement) },
        PeerEvent.Settled e => peer with { Settled = peer.Settled.Add(e.Month, e) },
        PeerEvent.Disputed e => peer with { Disputes = peer.Disputes.Add(e.Dispute) },
        PeerEvent.DisputeSent e => peer with { DisputesSent = e.Number },
        PeerEvent.DisputeReceived e => peer with { DisputedThere = peer.DisputedThere.Add(e.Dispute) },
        PeerEvent.DisputeSetAside e => peer with
        {
            DisputedThere = peer.DisputedThere.Add(e.Dispute),
            SetAside = peer.SetAside.SetItem(e.Dispute.Number, e.Why),
        },
        _ => throw new CorruptStreamException(peer, happened),
    };
}
