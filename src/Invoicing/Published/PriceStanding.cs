using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Published;

/// <summary>What publishing prices must respect here: months that are closed, and usage that there is.</summary>
public static class PriceStanding
{
    /// <summary>How many characters a landlord may publish by itself, all versions of all sheets together.</summary>
    public const long MaxOfLandlord = 4 << 20;

    public static async Task<PricePublishContext> Of(
        Sources sources, IReadOnlyList<PricingText> texts, Instant now, CancellationToken ct)
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

        var months = await sources.Journal.State(Months.Fold, Months.Id, ct);
        return new(
            months.Closed.Keys.ToHashSet(), await UsedSpans.Of(sources.Meter, landlords, now, ct))
        {
            Known = Payees(sources.Landlords).ToHashSet(),
        };
    }

    /// <summary>The same for withdrawing one.</summary>
    public static Task<PricePublishContext> Of(
        Sources sources, PublishedSheet sheet, Instant now, CancellationToken ct) =>
        Of(sources, [new PricingText(sheet.Sheet.File, sheet.Yaml)], now, ct);

    /// <summary>Whom a sheet may pay although they have none of their own.</summary>
    public static IEnumerable<LandlordId> Payees(Landlords landlords) => landlords.All.SelectMany(one =>
        one.Hardware.Select(terms => new LandlordId(terms.Owner)).Prepend(one.Id)).Distinct();
}
