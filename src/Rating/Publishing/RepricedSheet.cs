using System.Globalization;

namespace Exchange.Rating;

/// <summary>A price as it stands in the text of a sheet.</summary>
/// <param name="What">'OpenStack CPU, each SU-hour', 'Campus H100, up to 100'.</param>
public sealed record WrittenPrice(string What, decimal Rate);

/// <summary>
/// A sheet written anew with other prices from another month on. Only these, its end if it would come before, and what
/// its examples come to are changed in the text: comments and all else stay as they are.
/// </summary>
public static class RepricedSheet
{
    private const string File = "sheet.yaml";

    /// <summary>The prices that a sheet asks of everybody, in the order of its text.</summary>
    public static IReadOnlyList<WrittenPrice> Prices(string yaml) =>
        [.. Written(YamlMap.ReadPublished(Plain(yaml), File)).Select(one => new WrittenPrice(
            one.What, one.Map.Number("rate") ?? throw one.Map.Missing("rate")))];

    /// <param name="prices">One for each of <see cref="Prices"/>, in that order.</param>
    /// <exception cref="RefusedException">What comes of it is no sheet.</exception>
    public static string Write(string yaml, BillingMonth from, IReadOnlyList<decimal> prices)
    {
        var text = Plain(yaml);
        var map = YamlMap.ReadPublished(text, File);
        var written = Written(map);
        if (written.Count != prices.Count)
        {
            throw new ArgumentException(
                $"The sheet has {written.Count} prices; {prices.Count} are given.", nameof(prices));
        }

        List<(Range Place, string Value)> changes =
        [
            (map.SpanOf("from"), from.ToString()),
            .. written.Zip(prices, (one, price) => (one.Map.SpanOf("rate"), Quoted(Text.Of(price)))),
        ];
        if (YamlValues.Instant(map, "until") <= from.Start)
        {
            changes.Add((map.SpanOf("until"), "~"));
        }

        return WithExamples(Changed(text, changes));
    }

    /// <summary>What each example comes to by the sheet that it stands in.</summary>
    private static string WithExamples(string text)
    {
        var sheet = SheetReader.Read(text, File);
        return sheet.Skus.Any(sku => Egress.ChargedBy(sku) is not null)
            ? text // It cannot be published, and is not rated before that is said.
            : Changed(text, YamlMap.Read(text, File).Maps("examples").Zip(sheet.Examples, (map, example) => (
                map.SpanOf("total"),
                Quoted(Total(sheet, example).ToString("0.00", CultureInfo.InvariantCulture)))));
    }

    private static decimal Total(PriceSheet sheet, WorkedExample example) =>
        Money.Sum(ExampleRating.Of(sheet, example).Charges.Select(charge => charge.Amount)).Amount;

    private static List<(string What, YamlMap Map)> Written(YamlMap sheet) =>
        [.. sheet.Maps("skus").SelectMany(sku => OfSku(sku, sku.Required("name")))];

    private static IEnumerable<(string What, YamlMap Map)> OfSku(YamlMap sku, string name)
    {
        if (sku.Has("rate"))
        {
            yield return ($"{name}, each {sku.Required("unit")}", sku);
        }

        decimal? before = null;
        foreach (var tier in sku.Maps("tiers"))
        {
            var upTo = tier.Number("up_to");
            yield return ($"{name}, {Tier.Name(before, upTo)}", tier);
            before = upTo;
        }

        foreach (var hours in sku.Maps("hours"))
        {
            yield return ($"{name}, {hours.Required("name")}", hours);
        }
    }

    /// <summary>From the end on, so that what comes before stays where it is.</summary>
    private static string Changed(string text, IEnumerable<(Range Place, string Value)> changes) =>
        changes.OrderByDescending(change => change.Place.Start.Value).Aggregate(text, (all, change) =>
            string.Concat(all.AsSpan()[..change.Place.Start], change.Value, all.AsSpan()[change.Place.End..]));

    private static string Quoted(string number) => $"\"{number}\"";

    private static string Plain(string yaml) => yaml.TrimStart('\uFEFF').ReplaceLineEndings("\n");
}
