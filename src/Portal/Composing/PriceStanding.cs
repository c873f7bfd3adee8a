using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>What publishing prices must respect here: months that are closed, and usage that there is.</summary>
internal static class PriceStanding
{
    public static async Task<PricePublishContext> Of(
        Composition exchange, IReadOnlyList<PricingText> texts, Instant now, CancellationToken ct)
    {
        var landlords = new HashSet<LandlordId>();
        foreach (var text in texts)
        {
            try
            {
                if (text.Kind() == PricingKind.Sheet)
                {
                    landlords.Add(SheetReader.Read(text.Yaml, text.File).Landlord);
                }
            }
            catch (RefusedException)
            {
                continue; // Publishing says what is wrong with it.
            }
        }

        var months = await exchange.Journal.State(Months.Fold, Months.Id, ct);
        return new(
            months.Closed.Keys.ToHashSet(), await UsedSpans.Of(exchange.Meter, landlords, now, ct))
        {
            Known = Payees(exchange.Landlords).ToHashSet(),
        };
    }

    /// <summary>The same for withdrawing one.</summary>
    public static Task<PricePublishContext> Of(
        Composition exchange, PublishedSheet sheet, Instant now, CancellationToken ct) =>
        Of(exchange, [new PricingText(sheet.Sheet.File, sheet.Yaml)], now, ct);

    /// <summary>Whom a sheet may pay although they have none of their own.</summary>
    public static IEnumerable<LandlordId> Payees(Landlords landlords) => landlords.All.SelectMany(one =>
        one.Hardware.Select(terms => new LandlordId(terms.Owner)).Prepend(one.Id)).Distinct();
}
