using System.Text;
using System.Text.Json;

namespace Exchange.Metering;

/// <summary>CloudEvents of a file as it may be written: one, an array, or several one after the other.</summary>
public static class EventFile
{
    /// <exception cref="JsonException">It is no JSON, or not all of it.</exception>
    public static IReadOnlyList<Collected> Read(string text)
    {
        var reader = new Utf8JsonReader(
            Encoding.UTF8.GetBytes(text.TrimStart('\uFEFF')), new JsonReaderOptions { AllowMultipleValues = true });
        var read = new List<Collected>();
        while (reader.Read())
        {
            using var json = JsonDocument.ParseValue(ref reader);
            read.AddRange(json.RootElement.ValueKind == JsonValueKind.Array
                ? [.. json.RootElement.EnumerateArray().Select(UsageEvent.Read)]
                : [UsageEvent.Read(json.RootElement)]);
        }

        return read;
    }
}
