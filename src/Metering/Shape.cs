using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Exchange.Metering;

/// <summary>
/// The dimensions of a resource at a time: vCPU, RAM, GPUs, GiB, and whatever else its reporter says, kept as it comes.
/// Numbers are decimals. Two shapes are equal when their text is: a JSON object with sorted keys and plain numbers.
/// </summary>
public sealed class Shape : IEquatable<Shape>, IParsable<Shape>
{
    private readonly string _text;
    private readonly ImmutableSortedDictionary<string, string> _values;

    private Shape(ImmutableSortedDictionary<string, string> values, string text)
    {
        _values = values;
        _text = text;
        VCpu = Number("vcpu");
        RamMib = Number("ram_mib");
        Gpu = Number("gpu");
        StorageGib = Number("storage_gib");
        GpuModel = Word("gpu_model");
    }

    public static Shape Empty { get; } = Of([]);

    /// <summary>Virtual CPUs, 0 when not said.</summary>
    public decimal VCpu { get; }

    /// <summary>Memory in MiB, 0 when not said.</summary>
    public decimal RamMib { get; }

    /// <summary>GPUs, 0 when not said.</summary>
    public decimal Gpu { get; }

    /// <summary>GiB of storage, 0 when not said.</summary>
    public decimal StorageGib { get; }

    /// <summary>The GPU's model as its reporter names it, or null.</summary>
    public string? GpuModel { get; }

    public IEnumerable<KeyValuePair<string, string>> Values => _values;

    /// <summary>The number under a key; 0 when there is none, or when what is there is a word.</summary>
    public decimal Number(string key) =>
        _values.TryGetValue(key, out var text) && decimal.TryParse(text, Text.PlainNumber, null, out var number)
            ? number
            : 0m;

    /// <summary>The text under a key, or null.</summary>
    public string? Word(string key) => _values.GetValueOrDefault(key);

    /// <summary>
    /// Numbers written as plain decimals lose zeros at their end; every other value is kept as it comes.
    /// </summary>
    public static Shape Of(IEnumerable<KeyValuePair<string, string>> values)
    {
        var sorted = values.ToImmutableSortedDictionary(
            pair => Name.Of(pair.Key), pair => Plain(pair.Value), StringComparer.Ordinal);
        return new(sorted, JsonSerializer.Serialize<IReadOnlyDictionary<string, string>>(sorted, Text.Json));
    }

    private static string Plain(string value) =>
        decimal.TryParse(value, Text.PlainNumber, null, out var number) ? Text.Of(number) : value;

    public static Shape Parse(string s, IFormatProvider? provider = null)
    {
        try
        {
            return Of(JsonSerializer.Deserialize<Dictionary<string, string>>(s, Text.Json) ?? []);
        }
        catch (JsonException)
        {
            throw new FormatException($$"""'{{s}}' is not a shape. Write it like '{"ram_mib":"4096","vcpu":"1"}'.""");
        }
    }

    public static bool TryParse(
        [NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out Shape result)
    {
        result = null;
        try
        {
            result = s is null ? null : Parse(s);
            return result is not null;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    public override string ToString() => _text;
    public bool Equals(Shape? other) => other is not null && (ReferenceEquals(this, other) || _text == other._text);
    public override bool Equals(object? obj) => Equals(obj as Shape);
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);
}
