using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Text;

namespace Exchange;

/// <summary>
/// Every small value here has one text form: <c>ToString</c> writes it and <c>Parse</c> reads it back.
/// JSON, URLs, the command line, CSV and golden files all use that form and no other.
/// </summary>
public static class Text
{
    /// <summary>Digits, a leading sign and a point: no exponent, no thousands mark, no blanks.</summary>
    public const NumberStyles PlainNumber = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;

    /// <summary>How events are stored and the API speaks. To change it is to change history.</summary>
    public static JsonSerializerOptions Json { get; } = Options(isSent: false);

    /// <summary>How bodies of requests are read: as what is stored, but a name must be one that may be given.</summary>
    public static JsonSerializerOptions Sent { get; } = Options(isSent: true);

    private static JsonSerializerOptions Options(bool isSent) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        AllowOutOfOrderMetadataProperties = true,
        AllowDuplicateProperties = false, // Whatever names them is NamesInObjects.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // Stored bytes are read by people; pages encode again.
        Converters =
        {
            new ListedWord.Converter(), new InstantConverter(), new DateConverter(), new DecimalConverter(),
            new ParsableConverter(isSent),
        },
    };

    /// <summary>JSON of others in which each name stands once in its object.</summary>
    /// <exception cref="JsonException">It is none, or says something twice.</exception>
    public static JsonDocument Document(string json)
    {
        var document = JsonDocument.Parse(json);
        if (NamesInObjects.Wrong(document.RootElement) is { } twice)
        {
            document.Dispose();
            throw new JsonException(twice);
        }

        return document;
    }

    /// <summary>An instant as '2026-10-01T00:00:00Z', with as many decimals of the second as it has.</summary>
    public static string Of(Instant instant) => InstantPattern.ExtendedIso.Format(instant);

    /// <summary>A decimal without an exponent and without zeros at its end: '0.013', '744'.</summary>
    public static string Of(decimal number) =>
        number.ToString("0.############################", CultureInfo.InvariantCulture);

    /// <exception cref="FormatException">The text is not an instant in UTC.</exception>
    public static Instant Instant(string text) => InstantPattern.ExtendedIso.Parse(text) is { Success: true } parsed
        ? parsed.Value
        : throw new FormatException($"'{text}' is not an instant. Write it in UTC, like '2026-11-01T00:00:00Z'.");

    /// <exception cref="FormatException">The text is not a plain decimal.</exception>
    public static decimal Number(string text) =>
        decimal.TryParse(text, PlainNumber, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"'{text}' is not a number. Write it like '0.013'.");

    /// <summary>Whether nothing of a text can be seen: spaces, marks without a letter, letters that are drawn as
    /// nothing.</summary>
    public static bool IsBlank([NotNullWhen(false)] string? text)
    {
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            if (Blank.IsVisible(rune))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Turns a parser that throws into one that answers no. It is for what is sent: a blank is no value of any kind.
    /// </summary>
    public static bool TryParse<T>(
        [NotNullWhen(true)] string? text, Func<string, IFormatProvider?, T> parse, out T result)
        where T : struct
    {
        result = default;
        if (IsBlank(text))
        {
            return false;
        }

        try
        {
            result = parse(text, null);
            return true;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return false;
        }
    }

    /// <exception cref="JsonException">It says null, which is no value of any kind.</exception>
    private static string Said(ref Utf8JsonReader reader) => reader.GetString()
        ?? throw new JsonException("A value is null. Write it out, or leave its field out.");

    private sealed class ParsableConverter(bool isSent) : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) =>
            typeToConvert.Namespace?.StartsWith("Exchange", StringComparison.Ordinal) == true &&
            !typeToConvert.IsEnum && !typeToConvert.IsInterface &&
            typeToConvert.GetInterfaces().Any(i => i.IsGenericType &&
                i.GetGenericTypeDefinition() == typeof(IParsable<>) && i.GenericTypeArguments[0] == typeToConvert);

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(typeToConvert), [isSent])!;

        private sealed class Of<T>(bool isSent) : JsonConverter<T> where T : IParsable<T>
        {
            public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
                Parse(Said(ref reader));

            public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
                writer.WriteStringValue(value.ToString());

            public override T ReadAsPropertyName(
                ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
                Parse(reader.GetString()!);

            public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
                writer.WritePropertyName(value.ToString()!);

            private T Parse(string text) => isSent && IsBlank(text)
                ? throw new FormatException("A value is empty, or nothing of it can be seen. Write it out.")
                : T.Parse(text, null);
        }
    }

    private sealed class InstantConverter : JsonConverter<Instant>
    {
        public override Instant Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Text.Instant(Said(ref reader));

        public override void Write(Utf8JsonWriter writer, Instant value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Text.Of(value));
    }

    private sealed class DateConverter : JsonConverter<LocalDate>
    {
        public override LocalDate Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            LocalDatePattern.Iso.Parse(Said(ref reader)).Value;

        public override void Write(Utf8JsonWriter writer, LocalDate value, JsonSerializerOptions options) =>
            writer.WriteStringValue(LocalDatePattern.Iso.Format(value));
    }

    /// <summary>Decimals are text in JSON, so that no reader can turn them into binary floating point.</summary>
    private sealed class DecimalConverter : JsonConverter<decimal>
    {
        public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number ? reader.GetDecimal() : Text.Number(Said(ref reader));

        public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Text.Of(value));
    }
}
