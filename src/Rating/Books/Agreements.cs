using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Rating;

/// <summary>Everything that can be agreed about prices. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(PricesLocked), "prices-locked/1")]
[JsonDerivedType(typeof(LockEnded), "price-lock-ended/1")]
[JsonDerivedType(typeof(LeaseAgreed), "lease-agreed/1")]
[JsonDerivedType(typeof(LeaseExtended), "lease-extended/1")]
[JsonDerivedType(typeof(LeaseTransferred), "lease-transferred/1")]
[JsonDerivedType(typeof(LeaseEnded), "lease-ended/1")]
[JsonDerivedType(typeof(LeaseRepriced), "lease-repriced/1")]
[JsonDerivedType(typeof(LockExtended), "price-lock-extended/1")]
[JsonDerivedType(typeof(LockRepriced), "price-lock-repriced/1")]
[JsonDerivedType(typeof(StandingAgreed), "standing-agreed/1")]
[JsonDerivedType(typeof(StandingExtended), "standing-extended/1")]
[JsonDerivedType(typeof(StandingTransferred), "standing-transferred/1")]
[JsonDerivedType(typeof(StandingRepriced), "standing-repriced/1")]
[JsonDerivedType(typeof(StandingEnded), "standing-ended/1")]
public abstract record AgreementEvent
{
    private AgreementEvent() { }

    public sealed record PricesLocked(PriceLock Lock, string By, Instant At) : AgreementEvent;

    /// <summary>The customer gave the locked prices up from an instant on.</summary>
    public sealed record LockEnded(string Id, Instant From, string By, Instant At) : AgreementEvent;

    public sealed record LeaseAgreed(Lease Lease, string By, Instant At) : AgreementEvent;
    public sealed record LeaseExtended(string Id, Instant Until, string By, Instant At) : AgreementEvent;

    /// <summary>Another project holds it, and pays, from an instant on.</summary>
    public sealed record LeaseTransferred(string Id, ProjectId Project, Instant From, string By, Instant At)
        : AgreementEvent;

    /// <summary>Both agreed on another price from an instant on.</summary>
    public sealed record LeaseRepriced(string Id, decimal PerHour, Instant From, string By, Instant At)
        : AgreementEvent;

    /// <summary>It ended before its time, by both or by notice, and what was sublet from it too.</summary>
    public sealed record LeaseEnded(string Id, Instant From, string Why, string By, Instant At) : AgreementEvent;

    /// <summary>Both agreed that the prices of one landlord hold longer.</summary>
    public sealed record LockExtended(string Id, LandlordId Landlord, Instant Until, string By, Instant At)
        : AgreementEvent;

    /// <summary>Both agreed on another price of a SKU from an instant on.</summary>
    public sealed record LockRepriced(
        string Id, LandlordId Landlord, LockRate Rate, string By, Instant At) : AgreementEvent;

    /// <summary>A reservation or a commitment: paid for used or not.</summary>
    public sealed record StandingAgreed(StandingAgreement Terms, string By, Instant At) : AgreementEvent;
    public sealed record StandingExtended(string Id, Instant Until, string By, Instant At) : AgreementEvent;
    public sealed record StandingTransferred(string Id, ProjectId Project, Instant From, string By, Instant At)
        : AgreementEvent;
    public sealed record StandingRepriced(string Id, decimal Rate, Instant From, string By, Instant At)
        : AgreementEvent;
    public sealed record StandingEnded(string Id, Instant From, string Why, string By, Instant At) : AgreementEvent;
}

/// <summary>
/// What was agreed between landlords and customers as far as it decides prices: one pure input of rating beside the
/// price books. Who may agree on what, and how it comes about, is decided in Market.
/// </summary>
public sealed record Agreements(ImmutableArray<PriceLock> Locks)
{
    public const string Id = "exchange";

    public static Agreements Nothing { get; } = new([]);

    public ImmutableArray<Lease> Leases { get; init; } = [];

    /// <summary>Reservations and commitments.</summary>
    public ImmutableArray<StandingAgreement> Standing { get; init; } = [];

    /// <summary>When something is paid for used or not.</summary>
    public IEnumerable<Period> Held => Leases.Select(one => one.Period).Concat(Standing.Select(one => one.Period));

    public static readonly Fold<Agreements, AgreementEvent> Fold = new("agreements", Nothing, Evolve);

    /// <summary>A hash of everything that decides money: the same for the same agreements.</summary>
    public string Fingerprint => Locks.IsEmpty && Leases.IsEmpty && Standing.IsEmpty ? "" : Convert.ToHexString(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Locks.Select(one => one.Terms)
            .Concat(Leases.Select(one => one.Terms)).Concat(Standing.Select(one => one.Terms))
            .Order(StringComparer.Ordinal)))))[..32];

    /// <summary>What decides money of a month, in words.</summary>
    public IEnumerable<string> TermsIn(BillingMonth month) =>
        Locks.Where(one => one.Period.Overlaps(month.Period)).Select(one => one.Terms)
            .Concat(Leases.Where(one => one.Period.Overlaps(month.Period)).Select(one => one.Terms))
            .Concat(Standing.Where(one => one.Period.Overlaps(month.Period)).Select(one => one.Terms));

    /// <summary>The same with some more, as what-if questions ask.</summary>
    public Agreements With(IEnumerable<PriceLock> locks) =>
        this with { Locks = Locks.AddRange(locks) };

    /// <param name="closed">The months that are billed: what they came to stays.</param>
    public static Decision<AgreementEvent> Lock(
        Agreements agreed, IReadOnlyList<PriceLock> locks, string by, Instant now,
        IReadOnlySet<BillingMonth> closed)
    {
        foreach (var one in locks)
        {
            if (closed.Order().FirstOrDefault(month => month.Period.Overlaps(one.Period)) is var month &&
                month != default)
            {
                return new Refusal(
                    "agreement/closed-month",
                    $"{one.Id} would hold in {month}, which is closed. Save a quote that begins in an open month.",
                    one.Id);
            }

            if (Locking.Overlaps(agreed, one) is { } refusal)
            {
                return refusal;
            }
        }

        return new([.. locks.Select(one => new AgreementEvent.PricesLocked(one, by, now))]);
    }

    /// <summary>The customer gives an agreement up; what lies before stays as it was agreed.</summary>
    public static Decision<AgreementEvent> End(Agreements agreed, string id, Instant from, string by, Instant now)
    {
        var locks = agreed.Locks.Where(one => one.Id == id).ToList();
        return locks.Count == 0
            ? new Refusal(
                "agreement/unknown", $"There is no agreement '{id}'. 'exchange agreements list' shows them.", id)
            : from < now
            ? new Refusal(
                "agreement/past", $"{id} can end now or later, not at {Text.Of(from)}: what was used is priced by it.",
                id)
            : locks.TrueForAll(one => one.Period.End <= from) ? []
            : [new AgreementEvent.LockEnded(id, from, by, now)];
    }

    public bool Equals(Agreements? other) => other is not null && Locks.SequenceEqual(other.Locks) &&
        Leases.SequenceEqual(other.Leases) && Standing.SequenceEqual(other.Standing);
    public override int GetHashCode() => Locks.Length;

    private static Agreements Evolve(Agreements agreed, AgreementEvent happened) => happened switch
    {
        AgreementEvent.PricesLocked or AgreementEvent.LockEnded or AgreementEvent.LockExtended or
            AgreementEvent.LockRepriced => agreed with { Locks = Locking.Evolve(agreed.Locks, happened) },
        AgreementEvent.StandingAgreed or AgreementEvent.StandingExtended or AgreementEvent.StandingTransferred or
            AgreementEvent.StandingRepriced or AgreementEvent.StandingEnded => agreed with
            {
                Standing = Reserving.Evolve(agreed.Standing, happened),
            },
        AgreementEvent.LeaseAgreed or AgreementEvent.LeaseExtended or AgreementEvent.LeaseTransferred or
            AgreementEvent.LeaseEnded or AgreementEvent.LeaseRepriced => agreed with
            {
                Leases = Leasing.Evolve(agreed.Leases, happened),
            },
        _ => throw new CorruptStreamException(agreed, happened),
    };
}
