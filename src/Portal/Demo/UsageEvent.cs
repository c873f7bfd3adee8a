using System.Text.Json;
using NodaTime;

namespace Exchange.Portal.Demo;

/// <summary>A reading as a collector of the demonstration sends it: a CloudEvent on one line.</summary>
/// <param name="Due">When the collector sends it; readings are sent in this order.</param>
internal sealed record UsageEvent(LandlordId Landlord, Instant Due, string Line)
{
    /// <summary>The thing that is used.</summary>
    public sealed record Thing(LandlordId Landlord, ClusterId Cluster, string Kind, string Subject, ProjectId Project);

    public static UsageEvent Interval(Thing thing, Period period, Dictionary<string, string> shape) => Of(
        thing, "interval", period.End, Text.Of(period.Start), new()
        {
            ["from"] = Text.Of(period.Start),
            ["to"] = Text.Of(period.End),
            ["state"] = "running",
            ["shape"] = shape,
        });

    public static UsageEvent State(Thing thing, Instant at, string state, Dictionary<string, string> shape) => Of(
        thing, "state", at, $"{Text.Of(at)}:{state}", new() { ["state"] = state, ["shape"] = shape });

    public static UsageEvent Count(Thing thing, Instant at, string meter, decimal quantity) => Of(
        thing, "count", at, $"{Text.Of(at)}:{meter}", new() { ["meter"] = meter, ["quantity"] = Text.Of(quantity) });

    /// <summary>Replaces what was told of a thing by what should have been.</summary>
    public static UsageEvent Correction(
        UsageEvent wrong, Thing thing, Instant at, string reason, UsageEvent replacement)
    {
        using var told = JsonDocument.Parse(wrong.Line);
        using var right = JsonDocument.Parse(replacement.Line);
        var id = told.RootElement.GetProperty("id").GetString();
        return new(thing.Landlord, at, JsonSerializer.Serialize(new
        {
            specversion = "1.0",
            id = $"{id}:corrected",
            source = told.RootElement.GetProperty("source").GetString(),
            type = "exchange.usage.correction.v1",
            subject = thing.Subject,
            time = at,
            data = new
            {
                landlord = thing.Landlord,
                corrects = id,
                reason,
                replacement = new
                {
                    type = right.RootElement.GetProperty("type").GetString(),
                    time = right.RootElement.GetProperty("time").GetString(),
                    data = right.RootElement.GetProperty("data"),
                },
            },
        }, Text.Json));
    }

    private static UsageEvent Of(
        Thing thing, string type, Instant time, string fact, Dictionary<string, object> data)
    {
        data["landlord"] = thing.Landlord;
        data["cluster"] = thing.Cluster;
        data["project"] = thing.Project;
        data["kind"] = thing.Kind;
        return new(thing.Landlord, time, JsonSerializer.Serialize(new
        {
            specversion = "1.0",
            id = $"{thing.Subject}:{fact}",
            source = $"urn:demo:{thing.Cluster}",
            type = $"exchange.usage.{type}.v1",
            subject = thing.Subject,
            time,
            data,
        }, Text.Json));
    }
}
