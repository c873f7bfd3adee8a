using System.Text;
using Exchange.Metering.Collectors;
using NodaTime;

namespace Exchange.Metering.Tests.Collectors;

/// <summary>How collector tests read their inputs: text written in the test.</summary>
internal static class Input
{
    public static readonly Instant Now = Instant.FromUtc(2026, 11, 1, 0, 0);

    public static CollectorContext Context(string file = "-", string? cluster = "stack") =>
        new(new("nerc"), cluster is null ? null : new ClusterId(cluster), Now, file);

    public static Stream Text(string text) => new MemoryStream(Encoding.UTF8.GetBytes(text));

    public static List<Reading> Readings(IEnumerable<Collected> collected) =>
        [.. collected.Select(c => c.Reading ?? throw new InvalidOperationException(c.Misfit!.ToString()))];

    public static string Show(IEnumerable<Collected> collected) => string.Join('\n', collected.Select(Show));

    /// <summary>Segments as one line each, the way golden files hold them.</summary>
    public static string Show(IEnumerable<Segment> segments) => string.Join('\n', segments.Select(s =>
        $"{s.Resource} {s.Project} {s.Period} {s.State} {s.Shape}"));

    private static string Show(Collected one) => one switch
    {
        { Misfit: { } m } => $"misfit {m.Reason} {m.Id}",
        { Reading: { } r } => $"{r.Type} {r.Resource} {r.Project} {r.From}/{r.To} {r.State} {r.Shape} {r.Id}",
        _ => "nothing",
    };
}
