using System.Text.Json;

namespace Exchange.Metering.Collectors;

/// <summary>What a row of Nova's table 'instance_extra' says of a server's GPUs.</summary>
internal static class PciRequests
{
    /// <summary>
    /// The PCI requests, and of the flavor what they do not tell: classes of resources and profiles of Cyborg.
    /// </summary>
    /// <param name="unreadable">The text, when it is not what Nova writes.</param>
    public static (string Model, long Count)? Gpus(string? requests, string? flavor, out string? unreadable)
    {
        var gpus = new NovaGpus();
        unreadable = Read(requests, root =>
        {
            foreach (var request in (root.Inside("requests") ?? root).EnumerateArray())
            {
                gpus.AddDevice(
                    request.Text("alias_name"), request.TryGetProperty("count", out var many) ? many.GetInt64() : 1);
            }
        });
        unreadable ??= Read(flavor, root =>
        {
            var current = root.Inside("cur")?.Inside("nova_object.data") ?? root.Inside("nova_object.data") ?? root;
            if (current.Inside("extra_specs") is { } specs)
            {
                gpus.AddSpecs(specs, withAliases: !gpus.HasAliases);
            }
        });
        if (unreadable is not null)
        {
            gpus.AddUnreadable();
        }

        return gpus.Found;
    }

    private static string? Read(string? text, Action<JsonElement> read)
    {
        if (string.IsNullOrWhiteSpace(text) || text == "null")
        {
            return null;
        }

        try
        {
            using var document = Text.Document(text);
            read(document.RootElement);
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return text;
        }
    }
}
