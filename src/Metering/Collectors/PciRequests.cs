using System.Text.Json;

namespace Exchange.Metering.Collectors;

/// <summary>The PCI devices that a server asked for, as Nova keeps them: which GPUs, and how many.</summary>
internal static class PciRequests
{
    /// <summary>
    /// Null when there are none. Devices without an alias are network ports. Two kinds of GPU are both named,
    /// as 'a100+v100', and it is for the price sheet to know them.
    /// </summary>
    /// <param name="unreadable">The text, when it is not what Nova writes.</param>
    public static (string Model, long Count)? Gpus(string? text, out string? unreadable)
    {
        unreadable = null;
        if (string.IsNullOrWhiteSpace(text) || text == "null")
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            var requests = document.RootElement.Inside("requests") ?? document.RootElement;
            SortedSet<string> models = new(StringComparer.Ordinal);
            long count = 0;
            foreach (var request in requests.EnumerateArray())
            {
                if (request.Text("alias_name") is { } alias)
                {
                    models.Add(alias.Trim().ToLowerInvariant());
                    count += request.TryGetProperty("count", out var many) ? many.GetInt64() : 1;
                }
            }

            return count > 0 ? (string.Join('+', models), count) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            unreadable = text;
            return null;
        }
    }
}
