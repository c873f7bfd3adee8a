using System.Collections.Immutable;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// What landlords, the exchange and owners of hardware get more or less of closed months whose terms were corrected
/// since the close before: all that was sold then by the terms of now, less what was settled. The month stays as it was
/// told; the correction is told in the month in which it happens.
/// </summary>
internal static class CorrectTerms
{
    private const string Number = "terms";

    /// <summary>By landlord and month; none where no terms of closed months changed.</summary>
    public static async Task<ImmutableArray<SettlementEvent.Corrected>> Of(
        Sources sources, Months months, Instant now, CancellationToken ct)
    {
        var corrected = ImmutableArray.CreateBuilder<SettlementEvent.Corrected>();
        foreach (var (landlord, from) in Changed(sources, months))
        {
            foreach (var month in months.Closed.Keys.Where(month => month.End.InUtc().Date > from))
            {
                var settled = Settlement.Fold.Of(
                    await sources.Journal.Read<SettlementEvent>(Settle.StreamOf(landlord, month), ct));
                var one = Settle.Correct(
                    settled with { Landlord = landlord }, month, Number, [], sources.Landlords, now);
                if (!one.Share.IsZero || !one.Hardware.IsEmpty)
                {
                    corrected.Add(one);
                }
            }
        }

        return corrected.ToImmutable();
    }

    /// <summary>Says it with the close, on the settlement and in the ledger.</summary>
    public static async Task Append(UnitOfWork work, ClosePlan plan, Instant now, CancellationToken ct)
    {
        foreach (var one in plan.Terms)
        {
            var stream = Settle.StreamOf(one.Landlord, one.Month);
            _ = await work.Read<SettlementEvent>(stream, ct);
            work.Append<SettlementEvent>(stream, [one]);
        }

        if (plan.Terms.Length > 0)
        {
            work.Create<LedgerEvent>($"ledger-terms:{plan.Month}",
            [
                .. plan.Terms.Select(one => Entry.OfSettlement(
                    one.Landlord, one.Month, $"The exchange's share of {one.Month} by corrected terms",
                    new(one.Share, one.Hardware, one.Transfers), now)),
            ]);
        }
    }

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
