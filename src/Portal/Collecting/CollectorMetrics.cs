using System.Globalization;
using System.Text;
using Exchange.Metering;
using Exchange.Metering.Collectors.Live;
using NodaTime;

namespace Exchange.Portal.Collecting;

/// <summary>How far every collector is, and what the meter cannot do, in Prometheus' text format.</summary>
internal static class CollectorMetrics
{
    private const int MaxReporters = 200;

    public static async Task<string> Show(Composition exchange, CancellationToken ct)
    {
        var states = await new CollectorLog(exchange.Database).All(ct);
        var missing = await new BundleLog(exchange.Database).Missing(ct);
        var now = exchange.Clock.GetCurrentInstant();
        var text = new StringBuilder();
        Gauge(text, "exchange_collector_lag_seconds", "How far behind its source a collector is.", states,
            state => state.LagAt(now) is { } lag ? (long)lag.TotalSeconds : null);
        Gauge(text, "exchange_collector_read_until_seconds", "Until when the source was read, since 1970.", states,
            state => state.ReadUntil?.ToUnixTimeSeconds());
        Gauge(text, "exchange_collector_success_seconds", "When it last succeeded, since 1970.", states,
            state => state.SucceededAt?.ToUnixTimeSeconds());
        Gauge(text, "exchange_collector_waiting", "How much the source still holds.", states, state => state.Waiting);
        Gauge(text, "exchange_collector_failures", "Failures in a row.", states, state => state.Failures);
        Gauge(text, "exchange_collector_gap_seconds", "Time of which the source said nothing.", states,
            state => (long)state.Gaps.Aggregate(Duration.Zero, (sum, gap) => sum + gap.Period.Length).TotalSeconds);
        Header(text, "exchange_collector_records_total", "Records by what became of them.", "counter");
        foreach (var state in states)
        {
            foreach (var (outcome, count) in ((string, long)[])[
                ("accepted", state.Accepted), ("duplicate", state.Duplicate), ("quarantined", state.Quarantined),
                ("ignored", state.Ignored)])
            {
                Line(text, $"exchange_collector_records_total{{{Labels(state)},outcome=\"{outcome}\"}}", count);
            }
        }

        Header(text, "exchange_bundles_missing", "Bundles of offline meters that never came.", "gauge");
        foreach (var meter in missing.GroupBy(one => one.Meter))
        {
            Line(text, $"exchange_bundles_missing{{meter=\"{Quoted(meter.Key)}\"}}",
                meter.Sum(one => one.Last - one.First + 1));
        }

        Sources(text, await WatchSources.All(exchange, ct), now);
        Header(text, "exchange_meter_merge_failed", "Whether runs of known readings could not be merged.", "gauge");
        Line(text, "exchange_meter_merge_failed", exchange.Meter.NotMerged is null ? 0 : 1);
        Header(text, "exchange_meter_damaged_blocks", "Blocks of readings that are not what was written.", "gauge");
        Line(text, "exchange_meter_damaged_blocks", exchange.Meter.Damaged.Count);
        return text.ToString();
    }

    /// <summary>By who brings them, and of many the rest together: what senders name makes no series.</summary>
    private static void Sources(StringBuilder text, IReadOnlyList<HeardSource> sources, Instant now)
    {
        var reporters = sources.GroupBy(one => one.Reporter).OrderBy(of => of.Key, StringComparer.Ordinal)
            .Select((of, place) => (Name: place < MaxReporters ? of.Key : "others", Sources: of))
            .GroupBy(of => of.Name, of => of.Sources).ToList();
        foreach (var (name, help, value) in ((string, string, Func<IEnumerable<HeardSource>, long>)[])[
            ("exchange_source_heard_seconds", "When a source was last heard, since 1970, by who brings it.",
                of => of.Max(one => one.At).ToUnixTimeSeconds()),
            ("exchange_sources", "Sources that were heard, by who brings them.", of => of.Count()),
            ("exchange_sources_silent", "Sources that are expected and silent, by who brings them.",
                of => of.Count(one => one.IsSilent(now)))])
        {
            Header(text, name, help, "gauge");
            foreach (var of in reporters)
            {
                Line(text, $"{name}{{reporter=\"{Quoted(of.Key)}\"}}", value(of.SelectMany(one => one)));
            }
        }
    }

    private static void Gauge(
        StringBuilder text, string name, string help, IReadOnlyList<CollectorState> states,
        Func<CollectorState, long?> value)
    {
        Header(text, name, help, "gauge");
        foreach (var state in states)
        {
            if (value(state) is { } known)
            {
                Line(text, $"{name}{{{Labels(state)}}}", known);
            }
        }
    }

    private static void Header(StringBuilder text, string name, string help, string type) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ')
            .Append(type).Append('\n');

    private static void Line(StringBuilder text, string series, long value) =>
        text.Append(series).Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string Labels(CollectorState state) =>
        $"collector=\"{Quoted(state.Name)}\",kind=\"{Quoted(state.Kind)}\"";

    private static string Quoted(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal);
}
