using System.Text;
using System.Text.Json;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>docs/reference/api.md is what the OpenAPI description says, for who reads rather than generates.</summary>
public class TheReferenceOfTheApi
{
    private readonly StringBuilder _text = new();

    [Fact]
    public async Task Is_current()
    {
        await using var serving = await Serving.Start();
        using var anyone = serving.Anonymous();
        using var description = JsonDocument.Parse(
            await anyone.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), Serving.Ct));

        Line("# The API");
        Line("");
        Line("Every route for programs, as `/openapi/v1.json` of a running server describes it. Written by a test");
        Line("(`UPDATE_GOLDEN=1`), never by hand. Programs show a key as `Authorization: Bearer KEY`; refusals are");
        Line("`application/problem+json` with a code of [refusals](../refusals.md).");
        foreach (var path in Sorted(description.RootElement.GetProperty("paths")))
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                Write($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value);
            }
        }

        Line("");
        Line("## Schemas");
        foreach (var schema in Sorted(description.RootElement.GetProperty("components").GetProperty("schemas")))
        {
            Write(schema);
        }

        Golden.Match("../../../docs/reference/api.md", _text.ToString());
    }

    private void Write(string route, JsonElement operation)
    {
        Line("");
        Line($"## {route}");
        Line("");
        Line(Word(operation, "summary") ?? Word(operation, "description") ?? "");
        if (operation.TryGetProperty("parameters", out var parameters) && parameters.GetArrayLength() > 0)
        {
            Line("");
            Line("| parameter | in | type | needed | says |");
            Line("|---|---|---|---|---|");
            foreach (var one in parameters.EnumerateArray())
            {
                var isNeeded = one.TryGetProperty("required", out var required) && required.GetBoolean();
                Line($"| `{Word(one, "name")}` | {Word(one, "in")} | {Type(one.GetProperty("schema"))} | " +
                    $"{(isNeeded ? "yes" : "")} | {Cell(Word(one, "description"))} |");
            }
        }

        if (operation.TryGetProperty("requestBody", out var body))
        {
            Line("");
            Line($"Takes {Cell(Word(body, "description"))} {Content(body)}".Replace("  ", " ", StringComparison.Ordinal));
        }

        Line("");
        Line("| answer | is |");
        Line("|---|---|");
        foreach (var answer in operation.GetProperty("responses").EnumerateObject())
        {
            Line($"| {answer.Name} {Cell(Word(answer.Value, "description"))} | {Content(answer.Value)} |");
        }
    }

    private void Write(JsonProperty schema)
    {
        Line("");
        Line($"### {schema.Name}");
        if (!schema.Value.TryGetProperty("properties", out var properties))
        {
            Line("");
            Line(Type(schema.Value));
            return;
        }

        Line("");
        Line("| field | type |");
        Line("|---|---|");
        foreach (var field in properties.EnumerateObject())
        {
            Line($"| `{field.Name}` | {Type(field.Value)} |");
        }
    }

    private static string Content(JsonElement of) => !of.TryGetProperty("content", out var content) ? "" : string.Join(
        ", ", content.EnumerateObject().Select(one => one.Value.TryGetProperty("schema", out var schema)
            ? $"`{one.Name}`: {Type(schema)}" : $"`{one.Name}`"));

    private static string Type(JsonElement schema)
    {
        if (Word(schema, "$ref") is { } named)
        {
            return $"{named[(named.LastIndexOf('/') + 1)..]}";
        }

        foreach (var (word, between) in new[] { ("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ") })
        {
            if (schema.TryGetProperty(word, out var several))
            {
                return string.Join(between, several.EnumerateArray().Select(Type));
            }
        }

        if (schema.TryGetProperty("enum", out var values))
        {
            return string.Join(", ", values.EnumerateArray().Select(value => $"`{value}`"));
        }

        var type = !schema.TryGetProperty("type", out var said) ? "any"
            : said.ValueKind == JsonValueKind.Array ? string.Join(" or ", said.EnumerateArray()) : said.ToString();
        return schema.TryGetProperty("items", out var items) ? $"{type} of {Type(items)}"
            : Word(schema, "format") is { } format ? $"{type} ({format})" : type;
    }

    private static IEnumerable<JsonProperty> Sorted(JsonElement of) =>
        of.EnumerateObject().OrderBy(one => one.Name, StringComparer.Ordinal);

    private static string? Word(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var word) &&
        word.ValueKind == JsonValueKind.String ? word.GetString() : null;

    private static string Cell(string? text) =>
        (text ?? "").ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    private void Line(string line) => _text.Append(line.TrimEnd()).Append('\n');
}
