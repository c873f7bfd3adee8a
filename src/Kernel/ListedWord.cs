using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Exchange;

/// <summary>
/// The one door from a word to a value of a list, such as a state or a scope: exactly one word, in large or small
/// letters. The framework's own doors also take numbers, several words at once and blanks, and make values of them that
/// no list has.
/// </summary>
public static class ListedWord
{
    /// <summary>
    /// Whether it is a word of the list: 'resource-hours', or 'ResourceHours', as read models and claims have it.
    /// </summary>
    public static bool TryRead<T>(string? text, out T value)
        where T : struct, Enum
    {
        value = default;
        return text is not null &&
            (Of<T>.Values.TryGetValue(text, out value) || Of<T>.Names.TryGetValue(text, out value));
    }

    /// <exception cref="FormatException">It is no word of the list.</exception>
    public static T Read<T>(string text)
        where T : struct, Enum => TryRead(text, out T value) ? value : throw new FormatException(Sentence<T>(text));

    /// <summary>The words of a list, as they are written.</summary>
    public static IReadOnlyList<string> All<T>()
        where T : struct, Enum => Of<T>.Words.Values;

    private static string Sentence<T>(string? text)
        where T : struct, Enum =>
        $"'{(text?.Length > 100 ? text[..100] : text)}' is none of {string.Join(", ", Of<T>.Words.Values)}.";

    /// <summary>The same of a list that is known by its type alone.</summary>
    public static IReadOnlyList<string> All(Type list) =>
        [.. Enum.GetNames(list).Select(JsonNamingPolicy.KebabCaseLower.ConvertName)];

    /// <summary>A list, read once.</summary>
    private static class Of<T>
        where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> Words = Enum.GetValues<T>().Distinct().ToFrozenDictionary(
            value => value, value => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()));

        public static readonly FrozenDictionary<string, T> Values =
            Words.ToFrozenDictionary(word => word.Value, word => word.Key, StringComparer.OrdinalIgnoreCase);

        public static readonly FrozenDictionary<string, T> Names = Words.Keys.ToFrozenDictionary(
            value => value.ToString(), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Reads and writes values of lists as their words.</summary>
    internal sealed class Converter : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(Word<>).MakeGenericType(typeToConvert))!;
    }

    private sealed class Word<T> : JsonConverter<T>
        where T : struct, Enum
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String ? Named(reader.GetString())
            : throw new JsonException($"A word is one of {string.Join(", ", Of<T>.Words.Values)}, as text.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Written(value));

        public override T ReadAsPropertyName(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Named(reader.GetString());

        public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WritePropertyName(Written(value));

        private static T Named(string? text) => text is not null && Of<T>.Values.TryGetValue(text, out var value)
            ? value
            : throw new JsonException(Sentence<T>(text));

        private static string Written(T value) => Of<T>.Words.TryGetValue(value, out var word) ? word
            : throw new JsonException($"'{value}' is no value of {typeof(T).Name}, and cannot be stored.");
    }
}
