using System.Text.Json;
using System.Text.Json.Serialization;

namespace Exchange.Portal.Api;

/// <summary>
/// An amount as a program sends it: below a billion dollars, as in forms, so that sums of what was taken are amounts.
/// </summary>
internal sealed class SentMoney : JsonConverter<Money>
{
    private static readonly Money MaxAmount = new(100_000_000_000);

    /// <summary>How bodies of requests are read.</summary>
    public static JsonSerializerOptions Json { get; } = Options();

    public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Money.TryParse(reader.GetString(), null, out var amount)
            ? amount < MaxAmount && amount > -MaxAmount ? amount
                : throw new FormatException($"An amount is below a billion dollars; '{amount}' is not.")
            : throw new FormatException(reader.TokenType == JsonTokenType.String
                ? $"'{Start(reader.GetString()!)}' is not money. Write whole cents, like '12.34 USD'."
                : "An amount is text, like '12.34 USD'.");

    public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());

    private static string Start(string text) => text.Length > 100 ? text[..100] : text;

    private static JsonSerializerOptions Options()
    {
        var json = new JsonSerializerOptions(Text.Sent);
        json.Converters.Insert(0, new SentMoney());
        return json;
    }
}
