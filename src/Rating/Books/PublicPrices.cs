using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Rating;

/// <summary>One step of graduated list prices: so much up to here costs this for each unit.</summary>
/// <param name="UpTo">The end of the step in the unit; null for the last.</param>
public readonly record struct PublicTier(decimal? UpTo, decimal Rate);

/// <summary>What a public cloud asks for data that leaves it, from its list prices of a date.</summary>
public sealed record PublicPrices(
    string Provider, string Region, LocalDate AsOf, string Source, ImmutableArray<PublicTier> EgressPerGib)
{
    /// <summary>What it sells that is like a SKU of the exchange.</summary>
    public ImmutableArray<PublicOffer> Offers { get; init; } = [];

    /// <summary>SKUs that have no like there, with the reason.</summary>
    public ImmutableDictionary<string, string> NotComparable { get; init; } =
        ImmutableDictionary<string, string>.Empty;

    /// <summary>Reads one file of pricing/public/.</summary>
    public static PublicPrices Read(string text, string file) => Read(YamlMap.Read(text, file));

    /// <summary>Reads prices that were published, as they were meant when they were.</summary>
    public static PublicPrices ReadPublished(string text, string file) => Read(YamlMap.ReadPublished(text, file));

    private static PublicPrices Read(YamlMap yaml)
    {
        var prices = new PublicPrices(
            YamlValues.Name(yaml, "provider"), YamlValues.Name(yaml, "region"),
            YamlValues.Instant(yaml, "as_of")?.InUtc().Date ?? throw yaml.Bad("as_of", "a date"),
            yaml.Required("source"),
            [.. yaml.Maps("egress_per_gib").Select(ReadTier)])
        {
            Offers = [.. yaml.Maps("offers").Select(ReadOffer)],
            NotComparable = ReadReasons(yaml),
        };
        yaml.NoOthers();
        if (prices.EgressPerGib.IsEmpty || prices.EgressPerGib[^1].UpTo is not null)
        {
            throw yaml.Bad("egress_per_gib", "steps, of which the last has no 'up_to'");
        }

        return prices;
    }

    private static ImmutableDictionary<string, string> ReadReasons(YamlMap yaml)
    {
        var reasons = yaml.Maps("not_comparable").SelectMany(ReadReason).ToList();
        return reasons.GroupBy(pair => pair.Sku, StringComparer.Ordinal).Any(twins => twins.Count() > 1)
            ? throw yaml.Bad("not_comparable", "each SKU once, with one reason")
            : reasons.ToImmutableDictionary(pair => pair.Sku, pair => pair.Because, StringComparer.Ordinal);
    }

    /// <summary>The exact list price in dollars of so many GiB leaving in a month.</summary>
    public decimal Egress(decimal gib)
    {
        var (price, from) = (0m, 0m);
        foreach (var tier in EgressPerGib)
        {
            var upTo = decimal.Min(gib, tier.UpTo ?? gib);
            price += decimal.Max(upTo - from, 0m) * tier.Rate;
            from = decimal.Max(from, upTo);
        }

        return price;
    }

    /// <summary>Of each provider the newest list by the day, or else its oldest; by provider.</summary>
    public static IEnumerable<PublicPrices> By(ImmutableArray<PublicPrices> lists, LocalDate day) => lists
        .GroupBy(list => list.Provider, StringComparer.Ordinal).OrderBy(of => of.Key, StringComparer.Ordinal)
        .Select(of => of.Where(list => list.AsOf <= day).MaxBy(list => list.AsOf) ?? of.MinBy(list => list.AsOf)!);

    /// <summary>The list that egress is compared with: the first provider's.</summary>
    public static PublicPrices? For(ImmutableArray<PublicPrices> lists, LocalDate day) =>
        By(lists, day).FirstOrDefault();

    private static PublicOffer ReadOffer(YamlMap yaml)
    {
        var offer = new PublicOffer(
            [.. yaml.Words("sku")], yaml.Required("offer"),
            yaml.Number("price") ?? throw yaml.Bad("price", "a decimal in quotes"),
            yaml.Number("units") is > 0 and var units
                ? units
                : throw yaml.Bad("units", "a decimal above 0 in quotes"),
            yaml.Word("assumes"));
        yaml.NoOthers();
        return offer;
    }

    private static List<(string Sku, string Because)> ReadReason(YamlMap yaml)
    {
        var because = yaml.Required("because");
        List<(string, string)> reasons = [.. yaml.Words("sku").Select(sku => (sku, because))];
        yaml.NoOthers();
        return reasons;
    }

    private static PublicTier ReadTier(YamlMap yaml)
    {
        var tier = new PublicTier(
            yaml.Number("up_to"),
            yaml.Number("rate") ?? throw yaml.Bad("rate", "a decimal in quotes"));
        yaml.NoOthers();
        return tier;
    }
}
