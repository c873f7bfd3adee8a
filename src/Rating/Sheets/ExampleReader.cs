using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>Reads the worked examples of a sheet.</summary>
internal static class ExampleReader
{
    private static readonly ProjectId Anyone = new("example");

    public static WorkedExample Read(YamlMap yaml, Instant sheetFrom, ClusterId cluster, bool isNew)
    {
        var total = yaml.Number("total") ?? throw yaml.Bad("total", "an amount in quotes, like \"46.80\"");
        var example = new WorkedExample(
            YamlValues.Name(yaml, "name"), yaml.Word("policies") ?? Policies.Corrected,
            YamlValues.Instant(yaml, "from") ?? sheetFrom,
            [.. yaml.Maps("usage").Select(usage => ReadUsage(usage, cluster, isNew))],
            decimal.IsInteger(total * 100)
                ? Money.Round(total)
                : throw yaml.Bad("total", "whole cents in quotes, like \"46.80\""),
            yaml.WhereOf("total"));
        yaml.NoOthers();
        return example.Usage.IsEmpty ? throw yaml.Bad("usage", "a list of usage") : example;
    }

    private static ExampleUsage ReadUsage(YamlMap yaml, ClusterId cluster, bool isNew)
    {
        var meter = yaml.Word("meter");
        var shape = yaml.Map("shape");
        var usage = new ExampleUsage(
            yaml.Required("kind"),
            yaml.Word("cluster") is { } named ? new(named) : cluster,
            yaml.Word("project") is { } project ? new(project) : Anyone,
            yaml.Word("state") switch
            {
                null => ResourceState.Running,
                { } word when SheetWord.Read<ResourceState>(word, isNew) is { } state => state,
                _ => throw yaml.Bad("state", "a state such as running"),
            },
            shape is null ? Shape.Empty : Shape.Of(shape.Keys().Select(key => new KeyValuePair<string, string>(
                Name.IsStored(key)
                    ? key : throw yaml.Bad("shape", "names of 1 to 200 characters"), shape.Required(key)))),
            Length(yaml), yaml.Whole("resources") ?? 1, meter, Quantity(yaml, isNew));
        yaml.NoOthers();
        return (meter is null) == (usage.Length > Duration.Zero)
            ? usage
            : throw new RefusedException(new("yaml/bad-value",
                "Usage of an example has either 'hours' or 'seconds', or a 'meter' with its 'quantity'.", yaml.Where));
    }

    private static decimal Quantity(YamlMap yaml, bool isNew) =>
        (yaml.Number("quantity") ?? 0) is var quantity && (quantity >= 0 || !isNew)
            ? quantity
            : throw yaml.Bad("quantity", "a number of at least 0, as readings have");

    private static Duration Length(YamlMap yaml)
    {
        var seconds = (yaml.Number("hours") * 3600m) ?? yaml.Number("seconds") ?? 0m;
        yaml.Word("seconds");
        return decimal.IsInteger(seconds * 1_000_000) && seconds is >= 0 and < 1_000_000_000
            ? Duration.FromTicks((long)(seconds * NodaConstants.TicksPerSecond))
            : throw yaml.Bad("hours", "a length above 0 that is whole in microseconds");
    }
}
