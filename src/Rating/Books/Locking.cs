using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// What may be agreed of locked prices later, as far as it decides money: that they hold longer, and that one of them
/// is another. It is of one landlord's part of an agreement.
/// </summary>
public static class Locking
{
    /// <summary>The prices hold longer, as the sheets of their last day say them.</summary>
    public static Decision<AgreementEvent> Extend(
        Agreements agreed, (string Id, LandlordId Landlord) of, Instant until, string by, Instant now,
        IReadOnlySet<BillingMonth> closed)
    {
        var locks = Find(agreed, of.Id, of.Landlord);
        if (locks.Count == 0)
        {
            return Unknown(of);
        }

        var end = locks.Max(one => one.Period.End);
        var rest = agreed with { Locks = agreed.Locks.RemoveRange(locks) };
        return end < now ? new Refusal(
                "agreement/over", $"{of.Id} ended at {Text.Of(end)}. Save a new quote and accept it.", of.Id)
            : until <= end ? new Refusal(
                "agreement/wrong", $"{of.Id} holds until {Text.Of(end)} already. Name a later end.", of.Id)
            : (Leasing.Beyond(new(now, until), now, of.Id) ?? Leasing.Closed(of.Id, new(end, until), closed) ??
                locks.Select(one => Overlaps(rest, Longer(one, until))).FirstOrDefault(found => found is not null))
                is { } refusal ? refusal
            : [new AgreementEvent.LockExtended(of.Id, of.Landlord, until, by, now)];
    }

    /// <summary>Another price of a SKU from an instant on; what lies before stays as it was agreed.</summary>
    public static Decision<AgreementEvent> Reprice(
        Agreements agreed, PriceBooks books, (string Id, LandlordId Landlord) of, LockRate rate, string by, Instant now)
    {
        var locks = Find(agreed, of.Id, of.Landlord).Where(one => one.Skus.Contains(rate.Sku)).ToList();
        return locks.Count == 0 ? Unknown(of)
            : Reserving.WrongRate(rate.Rate, of.Id) is { } wrong ? wrong
            : rate.From < now || !locks.Exists(one => one.Period.Contains(rate.From)) ||
                locks.Exists(one => one.Repriced is [.., var last] && last.From > rate.From) ? new Refusal(
                    "agreement/past", $"{of.Id} can have another price from now until " +
                    $"{Text.Of(locks.Max(one => one.Period.End))}, and not before one that was agreed on later; not " +
                    $"at {Text.Of(rate.From)}.", of.Id)
            : locks.SelectMany(one => one.Sheets).Select(sheet => books.Sheet(sheet.Sheet)).OfType<PublishedSheet>()
                .SelectMany(sheet => sheet.Sheet.Skus).Where(sku => sku.Id == rate.Sku)
                .Select(sku => Reserving.OfEgress(sku.At(rate.Rate), of.Id)).FirstOrDefault(found => found is not null)
                is { } egress ? egress
            : [new AgreementEvent.LockRepriced(of.Id, of.Landlord, rate, by, now)];
    }

    /// <summary>Why prices cannot be locked beside what is agreed; null where they can.</summary>
    internal static Refusal? Overlaps(Agreements agreed, PriceLock one) =>
        agreed.Locks.FirstOrDefault(one.Overlaps) is { } other ? new(
            "agreement/overlaps",
            $"{other.Id} has locked prices of {string.Join(", ", one.Skus.Intersect(other.Skus))} at " +
            $"{other.Landlord}, {other.Cluster} for {other.Project} from {Text.Of(other.Period.Start)} until " +
            $"{Text.Of(other.Period.End)}. End it first, or save a quote for another time.", one.Id)
        : agreed.Standing.FirstOrDefault(standing => Concerns(one, standing)) is { } beside ? new(
            "agreement/overlaps",
            $"{beside.Id} prices {beside.Sku} at {beside.Landlord}, {beside.Cluster} for {one.Project} from " +
            $"{Text.Of(beside.Period.Start)} until {Text.Of(beside.Period.End)}. Plan another time, or without it.",
            one.Id)
        : null;

    /// <summary>Whether a reservation or commitment prices some of what prices are locked of.</summary>
    internal static bool Concerns(PriceLock one, StandingAgreement standing) => one.Landlord == standing.Landlord &&
        one.Cluster == standing.Cluster && one.Skus.Contains(standing.Sku) && standing.Parts().Any(part =>
            part.Project == one.Project && part.Period.Overlaps(one.Period));

    internal static ImmutableArray<PriceLock> Evolve(ImmutableArray<PriceLock> locks, AgreementEvent happened) =>
        happened switch
        {
            AgreementEvent.PricesLocked e => locks.Add(e.Lock),
            AgreementEvent.LockEnded e => [.. locks.Select(one => one.Id == e.Id ? Ended(one, e.From) : one)],
            AgreementEvent.LockExtended e => [.. locks.Select(one =>
                one.Id == e.Id && one.Landlord == e.Landlord ? Longer(one, e.Until) : one)],
            AgreementEvent.LockRepriced e => [.. locks.Select(one =>
                one.Id == e.Id && one.Landlord == e.Landlord && one.Skus.Contains(e.Rate.Sku)
                    ? one with { Repriced = one.Repriced.Add(e.Rate) }
                    : one)],
            _ => throw new CorruptStreamException(locks, happened),
        };

    private static List<PriceLock> Find(Agreements agreed, string id, LandlordId landlord) =>
        [.. agreed.Locks.Where(one => one.Id == id && one.Landlord == landlord)];

    /// <summary>Sheets that held at its end hold on.</summary>
    private static PriceLock Longer(PriceLock one, Instant until) => one with
    {
        Period = new(one.Period.Start, Instant.Max(one.Period.End, until)),
        Sheets = [.. one.Sheets.Select(sheet => sheet.Period.End < one.Period.End ? sheet : sheet with
        {
            Period = new(sheet.Period.Start, Instant.Max(sheet.Period.End, until)),
        })],
    };

    /// <summary>One that had not begun is empty from then on.</summary>
    private static PriceLock Ended(PriceLock one, Instant from) => one with
    {
        Period = new(one.Period.Start, Instant.Max(one.Period.Start, Instant.Min(one.Period.End, from))),
    };

    private static Refusal Unknown((string Id, LandlordId Landlord) of) => new(
        "agreement/unknown",
        $"There is no agreement '{of.Id}' with {of.Landlord} on that. 'exchange agreements list' shows them.", of.Id);
}
