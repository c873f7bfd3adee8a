using System.Text.Json.Nodes;

namespace Exchange.Portal.Bench;

/// <summary>What every bench prints under the same names; figures are numbers, for they are no money.</summary>
/// <param name="Seconds">How long the work took.</param>
/// <param name="PeakMib">The most memory that the process held.</param>
internal sealed record BenchFigures(string Work, JsonNode? Seconds, JsonNode? PeakMib)
{
    public JsonNode? PerSecond { get; init; }

    /// <summary>What could be done a second at most, measured in the same run; null where nothing was.</summary>
    public JsonNode? CeilingPerSecond { get; init; }

    /// <summary>Of the ceiling, or of the work before; null where there is none.</summary>
    public JsonNode? Ratio { get; init; }

    /// <summary>Those of every bench, and then a bench's own.</summary>
    public JsonObject With(JsonObject own) => new(
    [
        KeyValuePair.Create("work", (JsonNode?)Work),
        KeyValuePair.Create("seconds", Seconds),
        KeyValuePair.Create("per_second", PerSecond),
        KeyValuePair.Create("ceiling_per_second", CeilingPerSecond),
        KeyValuePair.Create("ratio", Ratio),
        KeyValuePair.Create("peak_mib", PeakMib),
        .. own.Select(one => KeyValuePair.Create(one.Key, one.Value?.DeepClone())),
    ]);
}
