using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Exchange.Testing;

namespace Exchange.Portal.Tests;

/// <summary>
/// Holds values of the chart to values.schema.json, by what of draft 7 it uses. YAML's scalars are text here: they are
/// read as the schema asks.
/// </summary>
internal static class ValuesSchema
{
    private const string Schema = "packaging/helm/exchange/values.schema.json";

    public static List<string> Wrong(object values) =>
        [.. Wrong(JsonNode.Parse(File.ReadAllText(Product.File(Schema)))!.AsObject(), values, "values")];

    private static IEnumerable<string> Wrong(JsonObject schema, object? value, string where)
    {
        if (schema["anyOf"] is JsonArray any && any.All(one => Wrong(one!.AsObject(), value, where).Any()))
        {
            yield return $"{where}: none of anyOf";
        }

        if (value is Dictionary<object, object> map)
        {
            foreach (var needed in (schema["required"] as JsonArray ?? []).Where(one => !map.ContainsKey($"{one}")))
            {
                yield return $"{where}.{needed} is missing";
            }

            foreach (var (name, of) in map)
            {
                var wrong = schema["properties"]?[$"{name}"] is JsonObject member ? Wrong(member, of, $"{where}.{name}")
                    : (bool?)schema["additionalProperties"] == false ? [$"{where}.{name} is unknown"] : [];
                foreach (var one in wrong)
                {
                    yield return one;
                }
            }
        }
        else if (value is List<object> list)
        {
            foreach (var one in list.SelectMany(item => Wrong(schema["items"]!.AsObject(), item, where)))
            {
                yield return one;
            }
        }
        else if (!IsRight(schema, $"{value}"))
        {
            yield return $"{where} cannot be '{value}'";
        }
    }

    private static bool IsRight(JsonObject schema, string text) => (string?)schema["type"] switch
    {
        "boolean" => text is "true" or "false",
        "object" or "array" => false,
        "integer" or null when schema.ContainsKey("maximum") || schema.ContainsKey("minimum") =>
            int.TryParse(text, out var number) && number >= ((int?)schema["minimum"] ?? int.MinValue) &&
            number <= ((int?)schema["maximum"] ?? int.MaxValue),
        _ => text.Length >= ((int?)schema["minLength"] ?? 0) &&
            (schema["pattern"] is null || Regex.IsMatch(text, (string)schema["pattern"]!)) &&
            (schema["enum"] is not JsonArray words || words.Any(word => (string?)word == text)),
    };
}
