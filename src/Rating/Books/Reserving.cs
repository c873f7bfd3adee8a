using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// What may be agreed of reservations and commitments, as far as it decides money: the SKU is sold for all of that time
/// at a price of its own, commitments are of whole months, and months that are billed stay.
/// </summary>
public static class Reserving
{
    private const decimal MaxRate = 1_000_000m;
    private const decimal MaxAmount = 1_000_000_000m;

    public static Decision<AgreementEvent> Agree(
        Agreements agreed, PriceBooks books, StandingAgreement terms, string by, Instant now,
        IReadOnlySet<BillingMonth> closed) =>
        agreed.Standing.Any(one => one.Id == terms.Id) ? []
        : (Wrong(terms) ?? Leasing.Beyond(terms.Period, now, terms.Id) ??
            Leasing.Closed(terms.Id, terms.Period, closed) ?? NotSold(books, terms) ?? Locked(agreed, terms))
            is { } refusal ? refusal
        : [new AgreementEvent.StandingAgreed(terms, by, now)];

    public static Decision<AgreementEvent> Extend(
        Agreements agreed, PriceBooks books, (string Id, Instant Until) to, string by, Instant now,
        IReadOnlySet<BillingMonth> closed)
    {
        var (id, until) = to;
        if (Find(agreed, id) is not { } one)
        {
            return Unknown(id);
        }

        var longer = one with { Period = new(one.Period.Start, Instant.Max(one.Period.End, until)) };
        return one.Period.End < now ? new Refusal(
                "agreement/over", $"{id} ended at {Text.Of(one.Period.End)}. Agree on a new one.", id)
            : until <= one.Period.End ? new Refusal(
                "agreement/wrong", $"{id} holds until {Text.Of(one.Period.End)} already. Name a later end.", id)
            : (NotWhole(one, until) ?? Leasing.Beyond(new(now, until), now, id) ??
                Leasing.Closed(id, new(one.Period.End, until), closed) ?? NotSold(books, longer) ??
                Locked(agreed, longer)) is { } refusal ? refusal
            : [new AgreementEvent.StandingExtended(id, until, by, now)];
    }

    public static Decision<AgreementEvent> Transfer(
        Agreements agreed, string id, ProjectId project, Instant from, string by, Instant now) =>
        Find(agreed, id) is not { } one ? Unknown(id)
        : NotLater(one, from, now, one.Holders[^1].From) is { } refusal ? refusal
        : Locked(agreed, one with { Holders = one.Holders.Add(new(project, from)) }) is { } locked ? locked
        : [new AgreementEvent.StandingTransferred(id, project, from, by, now)];

    /// <summary>Another rate from an instant on; what lies before stays as it was agreed.</summary>
    public static Decision<AgreementEvent> Reprice(
        Agreements agreed, PriceBooks books, string id, AgreedRate to, string by, Instant now) =>
        Find(agreed, id) is not { } one ? Unknown(id)
        : (WrongRate(to.Rate, id) ?? NotLater(one, to.From, now, one.Repriced is [.., var last] ? last.From : null) ??
            NoRate(one with { Rate = to.Rate }) ?? NotSold(books, one with { Rate = to.Rate })) is { } refusal ? refusal
        : [new AgreementEvent.StandingRepriced(id, to.Rate, to.From, by, now)];

    /// <summary>It ends before its time; what lies before stays as it was agreed.</summary>
    public static Decision<AgreementEvent> End(
        Agreements agreed, string id, Instant from, string why, string by, Instant now) =>
        Find(agreed, id) is not { } one ? Unknown(id)
        : from < now ? new Refusal(
            "agreement/past", $"{id} can end now or later, not at {Text.Of(from)}: until now it was held.", id)
        : from >= one.Period.End ? []
        : NotWhole(one, from) is { } refusal ? refusal
        : [new AgreementEvent.StandingEnded(id, from, why, by, now)];

    public static StandingAgreement? Find(Agreements agreed, string id) =>
        agreed.Standing.FirstOrDefault(one => one.Id == id);

    /// <summary>Why nobody can agree on a price of a unit; null where they can.</summary>
    public static Refusal? WrongRate(decimal rate, string id) => rate is >= 0 and <= MaxRate ? null : new(
        "agreement/wrong", $"A price is 0 to {Text.Of(MaxRate)} dollars a unit, not {Text.Of(rate)}.", id);

    /// <summary>No agreement charges what leaves a cloud.</summary>
    internal static Refusal? OfEgress(Sku sku, string id) => Egress.ChargedBy(sku) is null ? null : new(
        "agreement/egress", $"'{sku.Id}' is about what leaves a cloud, which costs nothing. Agree on something else.",
        id);

    internal static ImmutableArray<StandingAgreement> Evolve(
        ImmutableArray<StandingAgreement> all, AgreementEvent happened) => happened switch
        {
            AgreementEvent.StandingAgreed e => all.Add(e.Terms),
            AgreementEvent.StandingExtended e => Change(all, e.Id, one => one with
            {
                Period = new(one.Period.Start, e.Until),
            }),
            AgreementEvent.StandingTransferred e => Change(all, e.Id, one => one with
            {
                Holders = one.Holders.Add(new(e.Project, e.From)),
            }),
            AgreementEvent.StandingRepriced e => Change(all, e.Id, one => one with
            {
                Repriced = one.Repriced.Add(new(e.Rate, e.From)),
            }),
            AgreementEvent.StandingEnded e => Change(all, e.Id, one => one.Until(e.From)),
            _ => throw new CorruptStreamException(all, happened),
        };

    /// <summary>Sheets that would no longer sell what is agreed, in words; a landlord keeps what it promised.</summary>
    public static IEnumerable<Refusal> Broken(Agreements agreed, PriceBooks before, PriceBooks after) =>
        from one in agreed.Standing
        where !one.Period.IsEmpty && NotSold(before, one) is null
        let refusal = NotSold(after, one)
        where refusal is not null
        select new Refusal(
            "agreement/broken", $"{one.Id} has been agreed on {one.Words} until {Text.Of(one.Period.End)}, and by " +
            $"these sheets {Char.ToLowerInvariant(refusal.Message[0])}{refusal.Message[1..]}", one.Id);

    private static ImmutableArray<StandingAgreement> Change(
        ImmutableArray<StandingAgreement> all, string id, Func<StandingAgreement, StandingAgreement> how) =>
        [.. all.Select(one => one.Id == id ? how(one) : one)];

    private static Refusal? Wrong(StandingAgreement terms) =>
        terms.Period.IsEmpty ? new("agreement/wrong", "An agreement ends after it begins.", terms.Id)
        : terms.Amount is <= 0 or > MaxAmount ? new(
            "agreement/wrong", $"More than nothing is agreed on, and at most {Text.Of(MaxAmount)}.", terms.Id)
        : WrongRate(terms.Rate, terms.Id) ?? NoRate(terms) ?? NotWhole(terms, terms.Period.Start) ??
            NotWhole(terms, terms.Period.End);

    /// <summary>Money that is spent at no price buys nothing.</summary>
    private static Refusal? NoRate(StandingAgreement terms) => terms is { IsSpend: true, Rate: 0 }
        ? new("agreement/wrong", "Who promises to spend needs a price of a unit that is above nothing.", terms.Id)
        : null;

    /// <summary>What is promised is of a month, so a commitment changes between two of them.</summary>
    private static Refusal? NotWhole(StandingAgreement terms, Instant at) =>
        terms.Kind == StandingKind.Reservation || BillingMonth.Of(at).Start == at ? null : new(
            "agreement/wrong", $"A commitment is of whole months. {Text.Of(at)} is in the middle of one: " +
            $"say {Text.Of(BillingMonth.Of(at).Start)} or {Text.Of(BillingMonth.Of(at).End)}.", terms.Id);

    private static Refusal? NotLater(StandingAgreement one, Instant from, Instant now, Instant? last) =>
        !one.Period.Contains(from) || from < now || from <= last ? new(
            "agreement/past", $"{one.Id} can change from now until {Text.Of(one.Period.End)}" +
            (last is { } before ? $", and after {Text.Of(before)}" : "") + $"; not at {Text.Of(from)}.", one.Id)
        : NotWhole(one, from);

    /// <summary>Every sheet of that time sells it, by a rule that can be told of one project alone.</summary>
    private static Refusal? NotSold(PriceBooks books, StandingAgreement terms)
    {
        var at = terms.Period.Start;
        foreach (var sheet in books.Covering(terms.Landlord, terms.Cluster, terms.Period)
            .Where(sheet => sheet.Sheet.Skus.Any(sku => sku.Id == terms.Sku)).OrderBy(sheet => sheet.Period.Start))
        {
            var sku = sheet.Sheet.Skus.First(one => one.Id == terms.Sku);
            if (OfEgress(sku with { Rate = decimal.Max(terms.Rate, sku.Rate) }, terms.Id) is { } egress)
            {
                return egress;
            }

            if (!StandingAgreement.Holds(sku, terms.Kind) || sku.Scope != Scope.Project)
            {
                return new(
                    "agreement/not-alone", $"'{terms.Sku}' in {sheet.Published.Id} is priced by hours of the day, by " +
                    "what others use, by what was billed elsewhere or by no time, so nothing of it can be promised " +
                    "to one project. Agree on another SKU.", terms.Id);
            }

            if (sheet.Period.Start > at)
            {
                break;
            }

            at = Instant.Max(at, sheet.Period.End);
        }

        return at >= terms.Period.End ? null : new(
            "agreement/not-sold", $"{terms.Landlord} does not sell '{terms.Sku}' in {terms.Cluster} at " +
            $"{Text.Of(at)}. Name a SKU and a time of its price sheets.", terms.Id);
    }

    private static Refusal? Locked(Agreements agreed, StandingAgreement terms) =>
        agreed.Locks.FirstOrDefault(one => Locking.Concerns(one, terms)) is { } other ? new(
            "agreement/overlaps",
            $"{other.Id} has locked prices of {terms.Sku} at {other.Landlord}, {other.Cluster} for {other.Project} " +
            $"until {Text.Of(other.Period.End)}. End it first, or agree for another time.", terms.Id)
        : null;

    private static Refusal Unknown(string id) =>
        new("agreement/unknown", $"There is no agreement '{id}'. 'exchange agreements list' shows them.", id);
}
