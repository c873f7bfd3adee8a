using System.Text.Json;

namespace Exchange.Metering;

/// <summary>Reads a text that was set aside, or its correction, as if it came now.</summary>
internal static class ReadAgain
{
    public static Collected Of(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return UsageEvent.IsOne(json.RootElement)
                ? UsageEvent.Read(json.RootElement)
                : JsonSerializer.Deserialize<Reading>(text, Text.Json) ?? throw Unreadable();
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw Unreadable();
        }
    }

    private static RefusedException Unreadable() => new(new(
        "quarantine/unreadable",
        "It is neither a CloudEvent nor a reading. Give a corrected event, or correct the file and ingest it again."));
}
