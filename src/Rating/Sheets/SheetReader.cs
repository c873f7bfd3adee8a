using System.Collections.Immutable;

namespace Exchange.Rating;

/// <summary>Reads a price sheet from YAML. Whatever is wrong with it is refused with file, line and rule.</summary>
public static class SheetReader
{
    /// <summary>SKUs, rules and examples of one sheet, each.</summary>
    public const int MaxOfAKind = 1_000;

    /// <summary>What no unit of anything costs, in dollars.</summary>
    internal const decimal MaxRate = 1_000_000_000m;

    private static readonly ImmutableDictionary<string, long> Times = new Dictionary<string, long>
    {
        ["second"] = 1_000_000,
        ["minute"] = 60_000_000,
        ["hour"] = 3_600_000_000,
        ["day"] = 86_400_000_000,
    }.ToImmutableDictionary();

    /// <exception cref="RefusedException">The text is no price sheet; the refusal names file, line and
    /// rule.</exception>
    public static PriceSheet Read(string text, string file) => Bounded(Read(YamlMap.Read(text, file), isNew: true));

    /// <summary>Reads a sheet that was published, as it was meant when it was.</summary>
    public static PriceSheet ReadPublished(string text, string file) =>
        Read(YamlMap.ReadPublished(text, file), isNew: false);

    private static PriceSheet Read(YamlMap yaml, bool isNew)
    {
        var from = YamlValues.Instant(yaml, "from") ?? throw yaml.Missing("from");
        var until = YamlValues.Instant(yaml, "until");
        if (until <= from)
        {
            throw new RefusedException(new("prices/empty-period",
                "The sheet ends before it begins. Let 'until' come after 'from', or leave it out.",
                yaml.WhereOf("until")));
        }

        var clusters = yaml.Words("clusters").Select(name => new ClusterId(name)).ToImmutableArray();
        var sheet = new PriceSheet
        {
            Landlord = YamlValues.Landlord(yaml, "landlord"),
            Service = YamlValues.Name(yaml, "service"),
            Clusters = clusters.IsEmpty ? throw yaml.Missing("clusters") : clusters,
            From = from,
            Until = until,
            Currency = yaml.Word("currency") is null or "USD" ? Currency.USD : throw yaml.Bad("currency", "USD"),
            Policies = PolicyReader.Read(yaml.Map("policies"), isNew),
            Skus = [.. yaml.Maps("skus").Select(sku => ReadSku(sku, clusters, isNew))],
            Unbilled = [.. yaml.Maps("unbilled").Select(map => ReadUnbilled(map, clusters))],
            Examples = [.. yaml.Maps("examples").Select(map => ExampleReader.Read(map, from, clusters[0], isNew))],
            File = yaml.File,
        };
        yaml.NoOthers();
        if (sheet.Skus.IsEmpty)
        {
            throw yaml.Missing("skus");
        }

        return sheet;
    }

    /// <summary>An amount that is paid as it stands there; one published with parts of a cent is made whole.</summary>
    private static Money ReadMinimumCharge(YamlMap yaml, bool isNew)
    {
        var amount = yaml.Number("minimum_charge") ?? 0m;
        return !isNew || decimal.IsInteger(amount * 100m)
            ? Money.Round(amount)
            : throw yaml.Bad("minimum_charge", "whole cents in quotes, like \"5.00\"");
    }

    /// <summary>Rules are compared with each other, so their number decides how long a check takes.</summary>
    private static PriceSheet Bounded(PriceSheet sheet) =>
        new[] { sheet.Skus.Length, sheet.Unbilled.Length, sheet.Examples.Length }.Max() <= MaxOfAKind
            ? sheet
            : throw new RefusedException(new("prices/too-many",
                $"A sheet has at most {MaxOfAKind} SKUs, rules of what is not billed, and examples. Make several " +
                "services of it.", sheet.File));

    private static Sku ReadSku(YamlMap yaml, ImmutableArray<ClusterId> clusters, bool isNew)
    {
        var id = new SkuId(YamlValues.Name(yaml, "name"));
        var (counts, counted, bundle) = ReadCounting(yaml);
        var model = ModelReader.Read(yaml, counts, clusters[0]);
        var hasOwnRates = model is Graduated or Volume or PassThrough;
        var sku = new Sku
        {
            Id = id,
            Unit = Unit.TryParse(yaml.Required("unit"), null, out var unit)
                ? unit
                : throw yaml.Bad("unit", "a unit without blanks, like SU-hour"),
            Rate = yaml.Number("rate") ?? (hasOwnRates ? 0m : throw yaml.Missing("rate")),
            Counts = counts,
            Counted = counted,
            Bundle = bundle,
            DivideBy = yaml.Number("divide_by") ?? 1m,
            Microseconds = ReadTime(yaml, counts),
            Minimum = yaml.Number("minimum") ?? 0m,
            MinimumCharge = ReadMinimumCharge(yaml, isNew),
            Model = model,
            Scope = ModelReader.ReadScope(yaml, model),
            Wholesale = yaml.Map("wholesale") is { } wholesale ? WholesaleReader.Read(wholesale) : null,
            Match = ReadMatches(yaml, clusters, counts == CountedBy.Meter ? counted : null),
            Otherwise = yaml.Flag("otherwise") ?? false,
            ListedAs = yaml.Word("listed_as") ?? id.Value,
            NotEgress = yaml.Word("not_egress"),
            BelowWholesale = yaml.Word("below_wholesale"),
            Where = yaml.Where,
        };
        CheckAmounts(sku, yaml, isNew);
        yaml.NoOthers();
        return sku;
    }

    private static void CheckAmounts(Sku sku, YamlMap yaml, bool isNew)
    {
        if (sku.Model.Rates.Append(sku.Rate).Append(sku.Minimum).Append(sku.MinimumCharge.Amount)
            .Concat(sku.Wholesale?.Rates ?? []).Any(number => number < 0))
        {
            throw new RefusedException(new(
                "prices/negative", "A rate or minimum is below 0. Give discounts as programs, not as prices.",
                yaml.Where));
        }

        if (isNew && sku.Model.Rates.Append(sku.Rate).Append(sku.MinimumCharge.Amount)
            .Concat(sku.Wholesale?.Rates ?? []).Any(number => number > MaxRate))
        {
            throw new RefusedException(new(
                "prices/too-high", $"A rate is above {MaxRate:#,0} dollars a unit. Check its point.",
                yaml.Where));
        }

        if (sku.DivideBy <= 0)
        {
            throw yaml.Bad("divide_by", "a decimal above 0");
        }
    }

    private static (CountedBy, string?, ImmutableArray<BundlePart>) ReadCounting(YamlMap yaml)
    {
        var bundle = yaml.Map("bundle");
        var (dimension, meter) = (yaml.Word("dimension"), yaml.Word("meter"));
        switch (yaml.Required("counts"))
        {
            case "bundle" when bundle is not null && dimension is null && meter is null:
                var parts = bundle.Keys().Select(key => new BundlePart(
                    key, bundle.Number(key) is > 0 and var size
                        ? size
                        : throw bundle.Bad(key, "a size above 0"))).ToImmutableArray();
                return parts.IsEmpty ? throw yaml.Bad("bundle", "at least one dimension")
                    : (CountedBy.Bundle, null, parts);
            case "dimension" when dimension is not null && bundle is null && meter is null:
                return (CountedBy.Dimension, dimension, []);
            case "resource" when dimension is null && bundle is null && meter is null:
                return (CountedBy.Resource, null, []);
            case "meter" when meter is not null && bundle is null && dimension is null:
                return (CountedBy.Meter, meter, []);
            default:
                throw yaml.Bad("counts", "'bundle' with 'bundle:', 'dimension' with 'dimension:', 'meter' with " +
                    "'meter:', " +
                    "or 'resource' alone");
        }
    }

    private static long ReadTime(YamlMap yaml, CountedBy counts) => (yaml.Word("per"), counts) switch
    {
        (null, CountedBy.Meter) => 0,
        ({ } time, not CountedBy.Meter) when Times.TryGetValue(time, out var microseconds) => microseconds,
        _ => throw yaml.Bad("per", "second, minute, hour or day; nothing for a meter"),
    };

    private static Unbilled ReadUnbilled(YamlMap yaml, ImmutableArray<ClusterId> clusters)
    {
        var unbilled = new Unbilled(
            [.. MatchesOf(yaml).Select(map => ReadMatch(
                map, clusters, [.. YamlValues.OneOrMore(map, "meter")], ["kind", "cluster", "meter"]))],
            yaml.Required("because"));
        yaml.NoOthers();
        return unbilled;
    }

    private static ImmutableArray<Match> ReadMatches(
        YamlMap yaml, ImmutableArray<ClusterId> clusters, string? meter) =>
        [.. MatchesOf(yaml).Select(map => ReadMatch(map, clusters, meter is null ? [] : [meter], ["kind", "cluster"]))];

    private static IReadOnlyList<YamlMap> MatchesOf(YamlMap yaml) => yaml.IsList("match")
        ? yaml.Maps("match")
        : yaml.Map("match") is { } one ? [one] : throw yaml.Missing("match");

    /// <param name="meters">Of which meters counts match; none for usage by time.</param>
    /// <param name="known">The keys that do not ask for something of a shape.</param>
    private static Match ReadMatch(
        YamlMap yaml, ImmutableArray<ClusterId> clusters, ImmutableArray<string> meters, string[] known)
    {
        ImmutableArray<ClusterId> some = [.. YamlValues.OneOrMore(yaml, "cluster").Select(name => new ClusterId(name))];
        if (some.FirstOrDefault(cluster => !clusters.Contains(cluster)) is { Value: not null } stranger)
        {
            throw new RefusedException(new("prices/unreachable",
                $"'{stranger}' is not a cluster of this sheet, so nothing can match. Correct it, or add it to " +
                "'clusters'.",
                yaml.WhereOf("cluster")));
        }

        ImmutableArray<string> kinds = [.. YamlValues.OneOrMore(yaml, "kind")];
        if (kinds.IsEmpty && meters.IsEmpty)
        {
            throw yaml.Missing("kind");
        }

        var shape = yaml.Keys().Where(key => !known.Contains(key))
            .Select(key => Condition.Of(key, YamlValues.OneOrMore(yaml, key))).ToImmutableArray();
        if (!meters.IsEmpty && shape.Length > 0)
        {
            throw new RefusedException(new("prices/unreachable",
                $"Counts of meter '{meters[0]}' have no shape, so nothing can match '{shape[0].Key}'. Take it out.",
                yaml.WhereOf(shape[0].Key)));
        }

        return new(kinds, some, meters, shape);
    }
}
