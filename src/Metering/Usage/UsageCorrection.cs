using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime;

namespace Exchange.Metering;

/// <summary>
/// Takes a reading of a landlord's source back, or says what it should have said. It is a reading itself: it counts
/// once, is stored for ever, and may be corrected; what it corrects may come later.
/// </summary>
public sealed record UsageCorrection
{
    public const string Type = "exchange.usage.correction.v1";
    private const int MaxReasonLength = 1_000;

    public required LandlordId Landlord { get; init; }
    public required string Source { get; init; }
    public required string Id { get; init; }

    /// <summary>The id of the reading, or of the correction, that is corrected.</summary>
    public required string Corrects { get; init; }

    /// <summary>Of several corrections of one reading the latest holds.</summary>
    public required Instant Time { get; init; }

    public required string Reason { get; init; }

    /// <summary>What is true instead; null where the reading is taken back.</summary>
    public Reading? Replacement { get; init; }

    /// <summary>Whether the replacement is of the resource of what it replaces: it names no subject.</summary>
    public bool KeepsResource { get; init; }

    /// <summary>Whether the replacement is of the time of what it replaces: it names none itself.</summary>
    public bool KeepsTime { get; init; }

    internal static bool IsOne(JsonElement json) => EventJson.Word(json, "type") == Type;

    /// <exception cref="RefusedException">It is not as corrections are.</exception>
    internal static UsageCorrection Read(JsonElement json, JsonElement data)
    {
        var landlord = new LandlordId(UsageEvent.PartIn(data, "landlord"));
        var reason = EventJson.Word(data, "reason");
        if (Text.IsBlank(reason) || reason.Length > MaxReasonLength || reason.Any(char.IsControl))
        {
            throw UsageEvent.Bad(
                "reading/no-reason", $"'reason' is missing, longer than {MaxReasonLength} or not plain text. Say why.");
        }

        var correction = new UsageCorrection
        {
            Landlord = landlord,
            Source = UsageEvent.NameIn(json, "source"),
            Id = UsageEvent.NameIn(json, "id"),
            Corrects = UsageEvent.NameIn(data, "corrects"),
            Time = UsageEvent.Time(json, "time"),
            Reason = reason,
        };
        return EventJson.Has(data, "replacement", out var replacement) && replacement.ValueKind != JsonValueKind.Null
            ? correction.With(json, replacement)
            : correction;
    }

    /// <summary>The landlord that the replacement names, where it is another; or null.</summary>
    internal static LandlordId? OtherLandlord(JsonElement data) =>
        EventJson.Has(data, "replacement", out var replacement) && UsageEvent.LandlordOf(replacement) is { } named &&
        named.Value != EventJson.Word(data, "landlord") ? named : null;

    /// <summary>The replacement as an event of its own; what was sent stands in it as it came.</summary>
    private string Whole(string type, string subject, string time, string data) =>
        $$"""
        {"specversion":"1.0","id":{{Quoted(Id)}},"source":{{Quoted(Source)}},"type":{{Quoted(type)}},
        "subject":{{subject}},"time":{{Quoted(time)}},"data":{{data}}}
        """;

    /// <summary>The data, and what it does not say of itself.</summary>
    private string Filled(JsonElement data, bool keepsResource)
    {
        string[] filled = keepsResource ? ["landlord", "cluster", "kind"] : ["landlord"];
        var said = data.EnumerateObject()
            .Where(one => !EventJson.Readable(one) || !filled.Contains(one.Name, StringComparer.Ordinal))
            .Select(one => one.ToString());
        return $"{{{string.Join(',', said.Concat(filled.Select(name =>
            $"{Quoted(name)}:{Quoted(name == "landlord" ? Landlord.Value : "-")}")))}}}";
    }

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private UsageCorrection With(JsonElement json, JsonElement replacement)
    {
        if (replacement.ValueKind != JsonValueKind.Object || !EventJson.Has(replacement, "data", out var data) ||
            data.ValueKind != JsonValueKind.Object || OtherLandlord(json.GetProperty("data")) is not null ||
            IsOne(replacement))
        {
            throw UsageEvent.Bad(
                "reading/bad-replacement",
                "'replacement' is no object of 'type', perhaps 'subject', and 'data' of the same landlord.");
        }

        var keepsResource = !EventJson.Has(replacement, "subject", out var subject);
        var type = EventJson.Word(replacement, "type");
        var isRanged = type.EndsWith(".interval.v1", StringComparison.Ordinal) ||
            (type.EndsWith(".count.v1", StringComparison.Ordinal) && EventJson.Has(data, "from", out _));
        var keepsTime = !isRanged && !EventJson.Has(replacement, "time", out _);
        using var read = JsonDocument.Parse(Whole(
            type, keepsResource ? "\"-\"" : subject.GetRawText(),
            keepsTime || isRanged ? Text.Of(Time) : EventJson.Word(replacement, "time"),
            Filled(data, keepsResource)));
        return UsageEvent.Read(read.RootElement) is { Misfit: { } misfit }
            ? throw UsageEvent.Bad(misfit.Reason, $"The replacement cannot be taken: {misfit.Why}")
            : this with
            {
                Replacement = UsageEvent.Read(read.RootElement).Reading,
                KeepsResource = keepsResource,
                KeepsTime = keepsTime,
            };
    }

    /// <summary>It as an event, on one line.</summary>
    public string ToEvent()
    {
        var data = new JsonObject
        {
            ["landlord"] = Landlord.Value,
            ["corrects"] = Corrects,
            ["reason"] = Reason,
        };
        if (Replacement is { } reading)
        {
            data["replacement"] = ReplacementOf(reading);
        }

        return new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = Id,
            ["source"] = Source,
            ["type"] = Type,
            ["time"] = Text.Of(Time),
            ["data"] = data,
        }.ToJsonString();
    }

    private JsonObject ReplacementOf(Reading reading)
    {
        var data = DataOf(reading);
        var replacement = new JsonObject
        {
            ["type"] = $"exchange.usage.{reading.Type.ToString().ToLowerInvariant()}.v1",
            ["data"] = data,
        };
        if (!KeepsResource)
        {
            replacement["subject"] = reading.Resource.Subject;
        }

        if (!KeepsTime && !data.ContainsKey("from"))
        {
            replacement["time"] = Text.Of(reading.From);
        }

        return replacement;
    }

    private JsonObject DataOf(Reading reading)
    {
        var isCount = reading.Type == ReadingType.Count;
        var data = new JsonObject
        {
            ["landlord"] = Landlord.Value,
            ["cluster"] = reading.Resource.Cluster.Value,
            ["kind"] = reading.Resource.Kind,
            ["project"] = reading.Project.Value,
        };
        if (isCount)
        {
            (data["meter"], data["quantity"]) = (reading.Meter, Text.Of(reading.Quantity));
        }
        else
        {
            data["state"] = reading.State.ToString().ToLowerInvariant();
            data["shape"] = JsonNode.Parse(reading.Shape.ToString());
        }

        if (reading.Type == ReadingType.Interval || (isCount && reading.To > reading.From))
        {
            (data["from"], data["to"]) = (Text.Of(reading.From), Text.Of(reading.To));
        }

        if (reading.Type == ReadingType.Sample)
        {
            data["step_seconds"] = Text.Of((decimal)(reading.To - reading.From).BclCompatibleTicks / 10_000_000m);
        }

        return data;
    }
}
