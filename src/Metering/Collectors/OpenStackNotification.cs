using System.Text.Json;
using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>One notification without its wrapping: what happened, when it was said, and the facts told of it.</summary>
internal sealed class OpenStackNotification
{
    private OpenStackNotification(string eventType, string id, JsonElement facts, string? said) =>
        (EventType, Id, Facts, Said) = (eventType, id, facts, said);

    public string EventType { get; }
    public string Id { get; }

    /// <summary>The payload; of a flat record, the record itself.</summary>
    public JsonElement Facts { get; }

    private string? Said { get; }

    /// <summary>When the notification was made.</summary>
    public Instant Generated => Said is null
        ? throw MisfitException.Missing("time at which it was made (timestamp or generated)")
        : ReportedTime.Parse(Said) ?? throw MisfitException.NotATime("when it was made", Said);

    public bool KnowsWhenGenerated => Said is not null;

    /// <summary>Null for what is not a notification of Nova or Cinder about usage at all.</summary>
    /// <exception cref="MisfitException">The record has no event type, or its envelope holds no JSON.</exception>
    public static OpenStackNotification? Unwrap(JsonElement record)
    {
        if (record.Text("oslo.message") is { } inner)
        {
            try
            {
                using var document = JsonDocument.Parse(inner);
                MisfitException.Once(document.RootElement);
                return Unwrap(document.RootElement.Clone());
            }
            catch (JsonException)
            {
                throw MisfitException.BrokenEnvelope();
            }
        }

        if (record.Inside("oslo.message") is { } unquoted)
        {
            return Unwrap(unquoted);
        }

        var type = record.Text("event_type") ?? throw MisfitException.Missing("event_type");
        if (!MaySpeakOfUsage(type))
        {
            return null;
        }

        var facts = record.Inside("payload") ?? record;
        var said = record.Text("timestamp", "generated", "_context_timestamp");
        var id = IdOf(record) ?? Record.Hash(record.Raw());
        return new(type, id, facts.Inside("nova_object.data") ?? facts, said);
    }

    public static string? IdOf(JsonElement record)
    {
        try
        {
            return record.Text("message_id") is { } id && Name.IsOne(id) ? id : null;
        }
        catch (InvalidOperationException)
        {
            return null; // Half a letter names nothing.
        }
    }

    /// <summary>A field of the facts as a time; null when it is not told.</summary>
    public Instant? When(string field) => Time(Facts, field);

    /// <summary>The audit period; versioned notifications keep it in an object of its own.</summary>
    public (Instant? From, Instant? To) Audited =>
        Facts.Inside("audit_period")?.Inside("nova_object.data") is { } period
            ? (Time(period, "audit_period_beginning"), Time(period, "audit_period_ending"))
            : (When("audit_period_beginning"), When("audit_period_ending"));

    /// <summary>The same of an audit, which must have one.</summary>
    /// <exception cref="MisfitException">It has none, or an empty one.</exception>
    public (Instant From, Instant To) AuditPeriod
    {
        get
        {
            var (begin, end) = Audited;
            var from = begin ?? throw MisfitException.Missing("audit_period_beginning");
            var to = end ?? throw MisfitException.Missing("audit_period_ending");
            return from < to ? (from, to) : throw MisfitException.EmptyPeriod($"audit period {from}/{to}");
        }
    }

    /// <summary>A number of the facts, as text that a shape takes; '0' is a number.</summary>
    public static string Number(JsonElement facts, string field) => facts.Text(field) switch
    {
        null => throw MisfitException.Missing(field),
        { } text when decimal.TryParse(text, Text.PlainNumber, null, out var number) => Text.Of(number),
        { } text => throw MisfitException.NotANumber(field, text),
    };

    public ProjectId Project => Facts.Text("tenant_id", "project_id") switch
    {
        null => throw MisfitException.Missing("project (tenant_id or project_id)"),
        { } text when Name.IsOne(text) => new(text),
        { } text => throw MisfitException.NotAName("a project", text),
    };

    private static Instant? Time(JsonElement facts, string field) => facts.Text(field) is { } text and not "None"
        ? ReportedTime.Parse(text) ?? throw MisfitException.NotATime(field, text)
        : null;

    private static bool MaySpeakOfUsage(string type) =>
        type.StartsWith("compute.instance.", StringComparison.Ordinal) ||
        type.StartsWith("instance.", StringComparison.Ordinal) ||
        type.StartsWith("volume.", StringComparison.Ordinal);
}
