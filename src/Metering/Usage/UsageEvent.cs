using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Metering;

/// <summary>Reads one CloudEvent of usage into a reading or a correction, or says why it cannot be one.</summary>
public static class UsageEvent
{
    private const int FirstYear = 1; // An offset from the first day that there is leads out of the calendar.
    private const int LastYear = 9_990; // A step after it must not leave the calendar.
    private const string Prefix = "exchange.usage.";

    /// <summary>Whether this is a CloudEvent at all, good or bad.</summary>
    public static bool IsOne(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && EventJson.Word(json, "specversion") == "1.0" &&
        EventJson.Word(json, "id").Length > 0 && EventJson.Word(json, "source").Length > 0 &&
        EventJson.Word(json, "type").Length > 0;

    /// <summary>The landlord that the event names, or null.</summary>
    public static LandlordId? LandlordOf(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && HasData(json, out var data) &&
        LandlordId.TryParse(EventJson.Word(data, "landlord"), null, out var landlord) ? landlord : null;

    public static Collected Read(JsonElement json)
    {
        try
        {
            Once(json);
            if (!IsOne(json))
            {
                return new RejectedReading(
                    "reading/not-a-cloudevent", "The event lacks specversion '1.0', id, source or type.",
                    Shown(EventJson.Word(json, "source")), Shown(EventJson.Word(json, "id")), LandlordOf(json),
                    json.GetRawText());
            }

            return UsageCorrection.IsOne(json) ? UsageCorrection.Read(json, DataOf(json)) : Understand(json);
        }
        catch (RefusedException e)
        {
            return new RejectedReading(
                e.Refusal.Code, e.Refusal.Message, Shown(EventJson.Word(json, "source")),
                Shown(EventJson.Word(json, "id")), LandlordOf(json), json.GetRawText());
        }
    }

    /// <exception cref="RefusedException">It says something twice, and nobody knows which of them is so.</exception>
    private static void Once(JsonElement json)
    {
        if (NamesInObjects.Wrong(json) is { } twice)
        {
            throw Bad("reading/key-twice", $"{twice} Send each name once.");
        }

        if (json.ValueKind == JsonValueKind.Object && EventJson.Has(json, "data_base64", out _) &&
            (EventJson.Has(json, "data", out _) ||
                (HasData(json, out var data) && NamesInObjects.Wrong(data) is not null)))
        {
            throw Bad(
                "reading/key-twice",
                "The event has 'data' beside 'data_base64', or a name twice in the latter. Send one of them, once.");
        }
    }

    /// <summary>The data of an event: an object, or one as JSON in base64, as some libraries send it.</summary>
    private static bool HasData(JsonElement json, out JsonElement data)
    {
        if (!EventJson.Has(json, "data", out data) && EventJson.Has(json, "data_base64", out var packed) &&
            EventJson.BytesOf(packed) is { } bytes)
        {
            try
            {
                using var unpacked = JsonDocument.Parse(bytes, new() { MaxDepth = 32 });
                data = unpacked.RootElement.Clone();
            }
            catch (JsonException)
            {
                return false;
            }
        }

        return data.ValueKind == JsonValueKind.Object;
    }

    private static Reading Understand(JsonElement json)
    {
        var type = EventJson.Word(json, "type") switch
        {
            Prefix + "interval.v1" => ReadingType.Interval,
            Prefix + "state.v1" => ReadingType.State,
            Prefix + "sample.v1" => ReadingType.Sample,
            Prefix + "count.v1" => ReadingType.Count,
            var other => throw Bad(
                "reading/unknown-type",
                $"'{Shown(other)}' is not a type of usage. Send one of the five."),
        };
        var data = DataOf(json);

        var ranged = type == ReadingType.Interval || (type == ReadingType.Count && EventJson.Has(data, "from", out _));
        var from = ranged ? Time(data, "from") : Time(json, "time");
        return new()
        {
            Source = NameIn(json, "source"),
            Id = NameIn(json, "id"),
            Type = type,
            Resource = new(new(PartIn(data, "landlord")), new(PartIn(data, "cluster")), PartIn(data, "kind"),
                NameIn(json, "subject")),
            Project = new(NameIn(data, "project")),
            From = from,
            To = ranged ? Time(data, "to") : type == ReadingType.Sample ? from + Step(data) : from,
            State = type == ReadingType.Count ? default : State(data),
            Shape = type == ReadingType.Count ? Shape.Empty : ShapeOf(data),
            Meter = type == ReadingType.Count ? NameIn(data, "meter") : null,
            Quantity = type == ReadingType.Count ? NumberIn(data, "quantity") : 0m,
        };
    }

    private static JsonElement DataOf(JsonElement json) => HasData(json, out var data)
        ? data
        : throw Bad("reading/no-data", "The event's 'data' is not a JSON object.");

    /// <summary>Whether an event speaks of what is not this landlord's.</summary>
    internal static bool IsForeign(JsonElement json, LandlordId only) =>
        (LandlordOf(json) is { } named && named != only) ||
        (UsageCorrection.IsOne(json) && HasData(json, out var data) &&
            UsageCorrection.OtherLandlord(data) is { } other && other != only);

    private static ResourceState State(JsonElement data) => EventJson.Word(data, "state") switch
    {
        "running" => ResourceState.Running,
        "stopped" => ResourceState.Stopped,
        "paused" => ResourceState.Paused,
        "suspended" => ResourceState.Suspended,
        "shelved" => ResourceState.Shelved,
        "error" => ResourceState.Error,
        "deleted" => ResourceState.Deleted,
        var other => throw Bad(
            "reading/unknown-state",
            $"'{Shown(other)}' is not a state. Send one of the seven known ones."),
    };

    private static Shape ShapeOf(JsonElement data) =>
        EventJson.Has(data, "shape", out var shape) ? ShapeFrom(shape) : Shape.Empty;

    /// <exception cref="RefusedException">It is no JSON object of numbers and short texts.</exception>
    internal static Shape ShapeFrom(JsonElement shape)
    {
        if (shape.ValueKind != JsonValueKind.Object)
        {
            throw Bad("reading/bad-shape", "The event's 'shape' is not a JSON object.");
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in shape.EnumerateObject())
        {
            if (!EventJson.Readable(entry))
            {
                throw Bad("reading/not-text", "A key of the shape is not text. Correct its reporter.");
            }

            var kind = entry.Value.ValueKind;
            var value = Shape.IsAmount(entry.Name) || kind == JsonValueKind.Number
                ? Text.Of(NumberOf(entry.Value, entry.Name))
                : kind == JsonValueKind.String && EventJson.TextOf(entry.Value) is { } text ? text
                : throw Bad(
                    "reading/bad-shape",
                    $"The shape's '{Shown(entry.Name)}' is neither a number nor a short text.");
            if (!values.TryAdd(entry.Name, value))
            {
                throw Bad("reading/key-twice", $"'{Shown(entry.Name)}' is there twice in the shape. Send it once.");
            }

            if (values.Count > Shape.MaxKeys)
            {
                break;
            }
        }

        if (Shape.Problem(values) is { } problem)
        {
            throw new RefusedException(problem);
        }

        return Shape.Of(values);
    }

    private static Duration Step(JsonElement data)
    {
        var seconds = NumberIn(data, "step_seconds");
        return seconds is > 0 and <= 86_400 * 31
            ? Duration.FromTicks((long)(seconds * NodaConstants.TicksPerSecond))
            : throw Bad("reading/bad-step", "A sample's 'step_seconds' is more than 0 and at most 31 days.");
    }

    // Twelve digits on each side of the point: sums of them stay exact.
    private static decimal NumberIn(JsonElement json, string field) =>
        NumberOf(EventJson.Has(json, field, out var value) ? value : default, field);

    private static decimal NumberOf(JsonElement value, string field)
    {
        var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : EventJson.TextOf(value) ?? "";
        return text.Length <= 40 &&
            decimal.TryParse(
                text, Text.PlainNumber | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var n) &&
            Math.Abs(n) < Shape.NumberLimit && n.Scale <= 12
                ? n >= 0
                    ? Bounds.Plain(n)
                    : throw Bad("reading/negative-quantity", $"'{field}' is {text}; it cannot be below 0.")
                : throw Bad(
                    "reading/not-a-number",
                    $"'{field}' is no decimal of at most 12 digits on each side of the point.");
    }

    internal static Instant Time(JsonElement json, string field)
    {
        var parsed = OffsetDateTimePattern.ExtendedIso.Parse(EventJson.Word(json, field).ToUpperInvariant());
        return !parsed.Success
            ? throw Bad("reading/bad-time", $"'{field}' is not a time like '2026-11-01T00:00:00Z'.")
            : parsed.Value.Year < FirstYear
                ? throw Bad("reading/too-early", $"'{field}' is before our era. Correct the clock.")
            : parsed.Value.Year < LastYear
                ? parsed.Value.ToInstant()
                : throw Bad("reading/in-the-future", $"'{field}' is in {LastYear} or later. Correct the clock.");
    }

    internal static string PartIn(JsonElement json, string field) =>
        NameIn(json, field) is var name && !name.Contains('/', StringComparison.Ordinal)
            ? name
            : throw Bad("reading/bad-name", $"'{field}' must not hold a slash.");

    internal static string NameIn(JsonElement json, string field) =>
        EventJson.Word(json, field) is var name && Name.IsOne(name)
        ? name
        : throw Bad(
            "reading/bad-name",
            $"'{field}' is missing, empty, longer than {Name.MaxLength} or not plain text.");

    internal static string Shown(string text) =>
        new([.. text.Take(Name.MaxLength).Where(c => !char.IsControl(c) && !char.IsSurrogate(c))]);

    internal static RefusedException Bad(string code, string message) => new(new(code, message));
}
