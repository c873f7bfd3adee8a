using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Market.Peers;

/// <summary>What was agreed with another exchange.</summary>
/// <param name="Name">What it is called here.</param>
/// <param name="KnownAs">What it calls this exchange.</param>
/// <param name="Address">Where it is: 'https://exchange.example.org'.</param>
/// <param name="Key">Its public Ed25519 key in base64.</param>
/// <param name="Pi">The account that stands for it as a customer here; null where its people use nothing here.</param>
/// <param name="Landlord">As whom it sells here; null where nobody here uses anything there.</param>
/// <param name="From">The first month of which statements are exchanged.</param>
/// <param name="IsMeteredHere">
/// Whether what is used there is metered and priced here: its statements are then compared, and not billed.
/// </param>
/// <param name="IsInside">Whether its address may be in a private network, and without TLS.</param>
public sealed record PeerTerms(
    string Name, string KnownAs, string Address, string Key, PiId? Pi, LandlordId? Landlord, BillingMonth From,
    bool IsMeteredHere, bool IsInside);

/// <summary>A statement as it is kept, whole.</summary>
/// <param name="Body">All of its text with the signature, compressed.</param>
public sealed record KeptStatement(
    BillingMonth Month, long Sequence, string Sha256, string? Previous, int Lines, Money Total, string Body)
{
    internal ChainLink Link => new(Sequence, Sha256, Previous);

    /// <summary>As it was sent.</summary>
    [JsonIgnore]
    public string Text => PackedText.Unpack(Body);
}

/// <summary>A key by which another exchange signed before.</summary>
/// <param name="Until">What it signed is taken before this instant.</param>
public readonly record struct OldKey(string Key, Instant Until);

/// <summary>Everything that can happen between two exchanges. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Admitted), "peer-admitted/1")]
[JsonDerivedType(typeof(Suspended), "peer-suspended/1")]
[JsonDerivedType(typeof(KeyChanged), "peer-key-changed/1")]
[JsonDerivedType(typeof(Drawn), "peer-statement-drawn/1")]
[JsonDerivedType(typeof(Sent), "peer-statement-sent/1")]
[JsonDerivedType(typeof(Delayed), "peer-statement-delayed/1")]
[JsonDerivedType(typeof(Received), "peer-statement-received/1")]
[JsonDerivedType(typeof(Settled), "peer-month-settled/1")]
[JsonDerivedType(typeof(Disputed), "peer-line-disputed/1")]
[JsonDerivedType(typeof(DisputeSent), "peer-dispute-sent/1")]
[JsonDerivedType(typeof(DisputeReceived), "peer-dispute-received/1")]
[JsonDerivedType(typeof(DisputeSetAside), "peer-dispute-set-aside/1")]
public abstract record PeerEvent
{
    private PeerEvent() { }

    public sealed record Admitted(PeerTerms Terms, string By, Instant At) : PeerEvent;

    /// <summary>Nothing is sent to it or taken from it until it is admitted again.</summary>
    public sealed record Suspended(string Reason, string By, Instant At) : PeerEvent;

    /// <summary>It signs by another key; what the one before signed is taken until an instant.</summary>
    public sealed record KeyChanged(string Key, Instant OldUntil, string By, Instant At) : PeerEvent;

    public sealed record Drawn(KeptStatement Statement, Instant At) : PeerEvent;

    public sealed record Sent(long Sequence, Instant At) : PeerEvent;

    /// <summary>It could not be sent; noted when the reason is another than before.</summary>
    public sealed record Delayed(long Sequence, string Why, Instant At) : PeerEvent;

    public sealed record Received(KeptStatement Statement, Instant At) : PeerEvent;

    /// <param name="Asked">What this exchange asked for the month.</param>
    /// <param name="Owed">What the other asked for it.</param>
    public sealed record Settled(
        BillingMonth Month, Money Asked, Money Owed, string Reference, string By, Instant At) : PeerEvent;

    /// <summary>This exchange disputes a line of the other's statement, or does no longer.</summary>
    public sealed record Disputed(PeerDispute Dispute, string By, Instant At) : PeerEvent;

    public sealed record DisputeSent(long Number, Instant At) : PeerEvent;

    /// <summary>The other disputes a line of what this exchange asked.</summary>
    /// <param name="Text">As it was signed.</param>
    public sealed record DisputeReceived(PeerDispute Dispute, string Text, Instant At) : PeerEvent;

    /// <summary>What the other said is about nothing that there is; it counts as heard and holds nothing up.</summary>
    /// <param name="Text">As it was signed.</param>
    /// <param name="Code">Of the refusal that it would have been.</param>
    public sealed record DisputeSetAside(
        PeerDispute Dispute, string Text, string Code, string Why, Instant At) : PeerEvent;
}

/// <summary>Which other exchanges there are. The quoted name is stored for ever.</summary>
[JsonDerivedType(typeof(Named), "peer-named/1")]
public abstract record PeerNamesEvent
{
    private PeerNamesEvent() { }

    public sealed record Named(string Peer) : PeerNamesEvent;
}
