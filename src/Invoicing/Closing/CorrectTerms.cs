using System.Collections.Immutable;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>A correction of a settlement, and as of which version of that it was worked out.</summary>
public sealed record CorrectedTerms(SettlementEvent.Corrected Of, long Version);

/// <summary>
/// What landlords, the exchange and owners of hardware get more or less of closed months whose terms were corrected
/// since the close before: all that was sold then by the terms of now, less what was settled. The month stays as it was
/// told; the correction is told in the month in which it happens.
/// </summary>
internal static class CorrectTerms
{
    private const string Number = "terms";

    /// <summary>By landlord and month; none where no terms of closed months changed.</summary>
    public static async Task<ImmutableArray<CorrectedTerms>> Of(
        Sources sources, Months months, Instant now, CancellationToken ct)
    {
        var corrected = ImmutableArray.CreateBuilder<CorrectedTerms>();
        foreach (var (landlord, from) in Changed(sources, months))
        {
            foreach (var month in months.Closed.Keys.Where(month => month.End.InUtc().Date > from))
            {
                var events = await sources.Journal.Read<SettlementEvent>(Settle.StreamOf(landlord, month), ct);
                var settled = Settlement.Fold.Of(events) with { Landlord = landlord };
                var one = Settle.Correct(settled, month, Number, [], sources.Landlords, now);
                if (!one.Share.IsZero || !one.Hardware.IsEmpty)
                {
                    corrected.Add(new(one, events.Count));
                }
            }
        }

        return corrected.ToImmutable();
    }

    /// <summary>Says it with the close, on each settlement as it was looked at, and in the ledger.</summary>
    public static IEnumerable<StreamAppend> Appends(ClosePlan plan, Instant now) => plan.Terms.IsEmpty ? [] :
    [
        .. plan.Terms.Select(terms => StreamAppend.Of<SettlementEvent>(
            Settle.StreamOf(terms.Of.Landlord, terms.Of.Month), terms.Version, [terms.Of])),
        StreamAppend.Of<LedgerEvent>($"ledger-terms:{plan.Month}", 0,
        [
            .. plan.Terms.Select(terms => terms.Of).Select(one => Entry.OfSettlement(
                one.Landlord, one.Month, $"The exchange's share of {one.Month} by corrected terms",
                new(one.Share, one.Hardware, one.Transfers), now)),
        ]),
    ];

    /// <summary>What whoever closes is told of it.</summary>
    public static Check CheckOf(SettlementEvent.Corrected one)
    {
        var hardware = Money.Sum(one.Hardware.Select(due => due.Amount));
        return new(
            "close/terms-corrected", false,
            $"The terms of {one.Landlord} in {one.Month} were corrected: the exchange keeps {Said(one.Share)}, " +
            $"owners of hardware get {Said(hardware)}, and {one.Landlord} gets {Said(-one.Share - hardware)}.");
    }

    private static string Said(Money more) => more < Money.Zero ? $"{-more} less" : $"{more} more";

    /// <summary>Of whom something was published since the close before, and from which day it holds.</summary>
    private static IEnumerable<(LandlordId Landlord, LocalDate From)> Changed(Sources sources, Months months) =>
        months.LastClosedAt is not { } last || sources.Facts is not { } facts ? []
            : from of in facts.Facts.Versions
              where of.Key.Kind == Landlord.Facts.Name
              let since = of.Value.Where(version => version.KnownSince >= last).ToList()
              where since.Count > 0
              orderby of.Key.Name
              select (new LandlordId(of.Key.Name), since.Min(version => version.From));
}
