using System.Text.Json;

namespace Exchange.Rating;

/// <summary>An allocation of ColdFront that gave a project to a PI on one cluster.</summary>
/// <param name="Pi">As ColdFront has it, letter by letter; null when it has none.</param>
/// <param name="Code">Null when the allocation has no institution-specific code, empty when it is null there.</param>
public sealed record ColdFrontAllocation(
    string ProjectId, string Cluster, string Name, string? Pi, string? Code, bool IsCourse)
{
    /// <summary>The title of the project that it belongs to; null when ColdFront tells none.</summary>
    public string? Title { get; init; }

    /// <summary>'Active', 'Denied', 'Revoked', 'Expired' and others; null where the file tells none.</summary>
    public string? Status { get; init; }

    /// <summary>The day on which it began, as it is written; null where the file tells none.</summary>
    public string? Start { get; init; }

    /// <summary>The allocation's own number, as it is written; null where the file tells none.</summary>
    public string? Number { get; init; }
}

/// <summary>Reads the answer of ColdFront's allocation list, as JSON.</summary>
public static class ColdFrontAllocations
{
    /// <summary>What ColdFront calls NERC's clusters; other resources keep their names.</summary>
    public static string ClusterOf(string resource) => resource switch
    {
        "NERC" => "stack",
        "NERC-OCP" => "ocp-prod",
        "NERC-OCP-EDU" => "academic",
        _ => resource,
    };

    /// <summary>Every allocation that has an id, a name, a PI and a resource; others say nothing.</summary>
    /// <exception cref="RefusedException">The text is not JSON, or not a list.</exception>
    public static IReadOnlyList<ColdFrontAllocation> Parse(string json, string file)
    {
        try
        {
            using var document = Exchange.Text.Document(json.TrimStart('\uFEFF'));
            return document.RootElement.ValueKind == JsonValueKind.Array
                ? [.. document.RootElement.EnumerateArray().Select(Read).OfType<ColdFrontAllocation>()]
                : throw Refuse(file, "It must be a list of allocations, as /api/allocations?all=true answers.");
        }
        catch (JsonException e)
        {
            throw Refuse($"{file}:{e.LineNumber + 1}", $"It is not JSON: {e.Message}");
        }
        catch (InvalidOperationException)
        {
            throw Refuse(
                file, "A text in it holds half of a character, like '\\ud800'. Correct it where it was written.");
        }
    }

    private static ColdFrontAllocation? Read(JsonElement one)
    {
        if (Member(one, "attributes") is not { } attributes || Member(one, "project") is not { } project ||
            Member(attributes, "Allocated Project ID") is not { ValueKind: JsonValueKind.String } id ||
            Member(attributes, "Allocated Project Name") is not { ValueKind: JsonValueKind.String } name ||
            Member(project, "pi") is not { } pi ||
            Member(one, "resource") is not { } resource ||
            Member(resource, "name") is not { ValueKind: JsonValueKind.String } cluster)
        {
            return null;
        }

        return new(
            id.GetString()!, ClusterOf(cluster.GetString()!), name.GetString()!,
            Words(pi), Member(attributes, "Institution-Specific Code") is { } code ? Words(code) ?? "" : null,
            Member(attributes, "Is Course?") is { } course &&
                string.Equals(Words(course), "yes", StringComparison.OrdinalIgnoreCase))
        {
            Title = Text(project, "title"),
            Status = Text(one, "status"),
            Start = Text(one, "start_date"),
            Number = Text(one, "id"),
        };
    }

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;

    private static string? Text(JsonElement element, string name) =>
        Member(element, name) is { } member && Words(member) is { Length: > 0 } words ? words : null;

    private static string? Words(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };

    private static RefusedException Refuse(string where, string why) => new(new("file/not-json", why, where));
}
