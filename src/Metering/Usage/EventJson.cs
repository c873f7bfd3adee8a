using System.Text.Json;

namespace Exchange.Metering;

/// <summary>Fields of JSON whose names and texts need not be text: an escape may be half of a character.</summary>
internal static class EventJson
{
    /// <summary>Whether an object has a field; a name beside it that is not text says nothing of it.</summary>
    public static bool Has(JsonElement json, string field, out JsonElement value)
    {
        try
        {
            return json.TryGetProperty(field, out value);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair in some name: the others are looked at one by one, the last of a name counts.
            value = default;
            foreach (var property in json.EnumerateObject())
            {
                value = Readable(property) && property.NameEquals(field) ? property.Value : value;
            }

            return value.ValueKind != JsonValueKind.Undefined;
        }
    }

    /// <summary>Whether the name of a field is text.</summary>
    public static bool Readable(JsonProperty property)
    {
        try
        {
            return property.Name.Length >= 0;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>The text of a field; nothing where it has none.</summary>
    public static string Word(JsonElement json, string field) =>
        json.ValueKind == JsonValueKind.Object && Has(json, field, out var value) ? TextOf(value) ?? "" : "";

    /// <summary>The bytes of a value if it is text in base64.</summary>
    public static byte[]? BytesOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out var bytes) ? bytes : null;
        }
        catch (InvalidOperationException)
        {
            return null; // Half of a surrogate pair: not text.
        }
    }

    /// <summary>What a value says if it is text.</summary>
    public static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // Half of a surrogate pair: not text.
        }
    }
}
