using System.Collections.Immutable;

namespace Exchange.Rating;

/// <summary>Reads what a SKU says of who is behind it, and what each of them gets.</summary>
internal static class WholesaleReader
{
    /// <summary>A landlord behind a service, and the price of its own: a rate, or tiers; or none.</summary>
    private sealed record Own(BackEnd BackEnd, decimal? Rate, Graduated? Tiers);

    public static Wholesale Read(YamlMap yaml)
    {
        List<Own> behind = [.. yaml.Maps("behind").Select(ReadOwn)];
        var payee = behind.Count == 0 ? YamlValues.Name(yaml, "payee") : "";
        var tiers = behind.Count == 0 ? ReadTiers(yaml) : null;
        var rate = yaml.Number("rate");
        if (rate is null && tiers is null &&
            (behind.Count == 0 || behind.Exists(one => one is { Rate: null, Tiers: null })))
        {
            throw yaml.Missing("rate");
        }

        if (rate is not null && tiers is not null)
        {
            throw yaml.Bad("rate", "a rate or tiers, not both");
        }

        var owners = behind.GroupBy(one => one.BackEnd.Landlord.Value, one => (one.Rate, one.Tiers)).ToList();
        if (owners.Find(of => of.Distinct().Count() > 1) is { } several)
        {
            throw yaml.Bad("behind", $"one rate for all meters of '{several.Key}', or the same tiers");
        }

        var wholesale = new Wholesale(payee, rate ?? 0)
        {
            Behind = [.. behind.Select(one => one.BackEnd)],
            OwnRates = owners.Where(of => of.First().Rate is not null).ToImmutableSortedDictionary(
                of => of.Key, of => of.First().Rate!.Value, StringComparer.Ordinal),
            Tiers = owners.Where(of => of.First().Tiers is not null).ToImmutableSortedDictionary(
                of => of.Key, of => of.First().Tiers!, StringComparer.Ordinal),
        };
        yaml.NoOthers();
        return tiers is null ? wholesale : wholesale with { Tiers = wholesale.Tiers.SetItem(payee, tiers) };
    }

    private static Own ReadOwn(YamlMap yaml)
    {
        var one = new Own(
            new(new(YamlValues.Name(yaml, "landlord")), YamlValues.Name(yaml, "meter")), yaml.Number("rate"),
            ReadTiers(yaml));
        if (one is { Rate: not null, Tiers: not null })
        {
            throw yaml.Bad("rate", "a rate or tiers, not both");
        }

        yaml.NoOthers();
        return one;
    }

    private static Graduated? ReadTiers(YamlMap yaml) => !yaml.Has("tiers") ? null
        : yaml.Maps("tiers").Count > 0 ? new(ModelReader.Tiers(yaml))
        : throw yaml.Bad(
            "tiers", "one tier or more, like [{up_to: \"100\", rate: \"0.02\"}, {rate: \"0.01\"}], or left out");
}
