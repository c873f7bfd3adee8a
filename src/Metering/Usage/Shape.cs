using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace Exchange.Metering;

/// <summary>
/// The dimensions of a resource at a time: vCPU, RAM, GPUs, GiB, and whatever else its reporter says, kept as it comes.
/// Numbers are decimals. Two shapes are equal when their text is: a JSON object with sorted keys and plain numbers.
/// </summary>
public sealed class Shape : IEquatable<Shape>, IParsable<Shape>
{
    /// <summary>How many keys a shape may have that enters; what is stored with more stays as it is.</summary>
    public const int MaxKeys = 64;

    /// <summary>How long the value under a key may be.</summary>
    public const int MaxValueLength = 1_000;

    /// <summary>How long all keys and values may be together.</summary>
    public const int MaxLength = 4_000;

    /// <summary>No number that enters is as large: sums and prices of them stay exact.</summary>
    public const decimal NumberLimit = 1_000_000_000_000m;

    private static readonly string[] Amounts = ["vcpu", "ram_mib", "gpu", "storage_gib"];

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

    /// <summary>Values by key, sorted.</summary>
    internal IReadOnlyDictionary<string, string> All => _values;

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

    /// <summary>
    /// The number under a key; 0 when there is none that can be counted. Whoever counts asks <see cref="AmountOf"/>
    /// first, so that what was stored before there were bounds is not taken for nothing.
    /// </summary>
    public decimal Number(string key) => _values.TryGetValue(key, out var text) && NumberOf(text) is { } number
        ? number
        : 0m;

    /// <summary>What stands under a key, for whoever counts it.</summary>
    public AmountSaid AmountOf(string key) => !_values.TryGetValue(key, out var text) ? AmountSaid.Nothing
        : NumberOf(text) is { } number ? number < 0 ? AmountSaid.NoNumber : AmountSaid.Number
        : IsDigits(text) ? AmountSaid.TooLarge
        : AmountSaid.NoNumber;

    private static bool IsDigits(string text) => text.All(letter => char.IsAsciiDigit(letter) || letter == '.') &&
        text.Count(letter => letter == '.') <= 1 && text.Any(char.IsAsciiDigit);

    /// <summary>Whether under this key stands how much of something there is.</summary>
    internal static bool IsAmount(string key) => Amounts.Contains(key, StringComparer.Ordinal);

    /// <summary>Why a reading cannot have such a shape; null where it can.</summary>
    internal static Refusal? Problem(IReadOnlyCollection<KeyValuePair<string, string>> values)
    {
        if (values.Count > MaxKeys || values.Sum(pair => pair.Key.Length + pair.Value.Length) > MaxLength)
        {
            return new(
                "reading/shape-too-large",
                $"The shape has {values.Count} keys. At most {MaxKeys} are taken, and {MaxLength} characters in all.");
        }

        foreach (var (key, value) in values)
        {
            if (!Name.IsOne(key) || value.Length > MaxValueLength || value.Any(char.IsControl))
            {
                return new(
                    "reading/bad-shape",
                    $"The shape's '{UsageEvent.Shown(key)}' is neither a number nor a short text.");
            }

            if (NumberOf(value) is < 0)
            {
                return new("reading/negative-quantity", $"The shape's '{key}' is {value}; it cannot be below 0.");
            }

            if (IsAmount(key) && NumberOf(value) is null)
            {
                return new("reading/not-a-number", $"The shape's '{key}' is no decimal below {NumberLimit:#,0}.");
            }
        }

        return null;
    }

    private static decimal? NumberOf(string text) =>
        decimal.TryParse(text, Text.PlainNumber, CultureInfo.InvariantCulture, out var number) &&
        Math.Abs(number) < NumberLimit ? number : null;

    /// <summary>The text under a key, or null.</summary>
    public string? Word(string key) => _values.GetValueOrDefault(key);

    /// <summary>
    /// Numbers written as plain decimals lose zeros at their end; every other value is kept as it comes.
    /// </summary>
    public static Shape Of(IEnumerable<KeyValuePair<string, string>> values)
    {
        var sorted = values.ToImmutableSortedDictionary(
            pair => Name.Stored(pair.Key), pair => Plain(pair.Value), StringComparer.Ordinal);
        return new(sorted, JsonSerializer.Serialize<IReadOnlyDictionary<string, string>>(sorted, Text.Json));
    }

    private static string Plain(string value) =>
        !decimal.TryParse(value, Text.PlainNumber, CultureInfo.InvariantCulture, out var number) ? value
        : number == 0 ? "0" : Text.Of(number);

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

/// <summary>What a shape says of how much of something there is.</summary>
public enum AmountSaid
{
    /// <summary>The key is not there.</summary>
    Nothing,

    /// <summary>A number of at least 0 that sums and prices stay exact with.</summary>
    Number,

    /// <summary>A word, or a number below 0; nothing like it enters any more.</summary>
    NoNumber,

    /// <summary>Digits of a number that is larger than anything there is.</summary>
    TooLarge,
}
