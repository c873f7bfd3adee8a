using System.Text.Json;

namespace Exchange.Metering.Collectors;

/// <summary>
/// What an answer of a Prometheus says of itself beside its series. Prometheus, Mimir and Cortex write 'warnings'
/// beside 'data', Thanos in it too, VictoriaMetrics 'isPartial'; what is new under a name that says the same is refused
/// by that name. 'infos' are remarks about the query: nothing is missing.
/// </summary>
internal static class AnswerSigns
{
    private static readonly string[] Missing = ["partial", "incomplete", "truncated"];
    private static readonly string[] Settings = ["strategy", "deny", "allow"];

    /// <summary>Reads a member whose name was read; the members of an object inside it come next.</summary>
    /// <exception cref="RefusedException">The answer is an error, or a part.</exception>
    public static void Check(JsonTokens tokens)
    {
        var name = tokens.Value;
        var plain = name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal)
            .ToLowerInvariant();
        switch (plain)
        {
            case "error" or "errors" when Said(tokens) is { } error:
                throw Failed(error, tokens);
            case "status" when Said(tokens) is { } status && status != "success":
                throw Failed($"the status is '{status}'", tokens);
            case "warning" or "warnings" when Said(tokens) is { } warning:
                throw new RefusedException(new(PrometheusAnswers.Partial,
                    $"Prometheus answered a part only, with the warning '{warning}'. Nothing of it is taken: " +
                    "ask again when every store answers.", tokens.Where));
            case "complete" or "iscomplete" when Said(tokens) is null:
                throw Part(name, "false", tokens);
            case var _ when Array.Exists(Missing, plain.Contains) && !Array.Exists(Settings, plain.Contains) &&
                Said(tokens) is { } said:
                throw Part(name, said, tokens);
        }
    }

    private static RefusedException Failed(string error, JsonTokens tokens) => new(new("prometheus/failed-query",
        $"Prometheus answered with an error: {error}. Ask again and replace the file.", tokens.Where));

    private static RefusedException Part(string name, string said, JsonTokens tokens) =>
        new(new(PrometheusAnswers.Partial,
            $"The answer says that it is a part only ('{name}': {said}). Nothing of it is taken: ask again when " +
            "every store answers.", tokens.Where));

    /// <summary>The value that comes next, or the first in it; null for no, nothing and none.</summary>
    private static string? Said(JsonTokens tokens)
    {
        for (var depth = 0; tokens.Next();)
        {
            switch (tokens.Type)
            {
                case JsonTokenType.StartArray or JsonTokenType.StartObject:
                    depth++;
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    depth--;
                    break;
                case JsonTokenType.True:
                    return "true";
                case JsonTokenType.PropertyName:
                    return tokens.Value;
                case JsonTokenType.String or JsonTokenType.Number when IsYes(tokens.Value):
                    return tokens.Value;
            }

            if (depth <= 0)
            {
                return null;
            }
        }

        return null;
    }

    private static bool IsYes(string value) =>
        !(value is "" or "0" or "no" || value.Equals("false", StringComparison.OrdinalIgnoreCase));
}
