using System.Globalization;
using System.Text.RegularExpressions;
using Exchange.Metering.Collectors;
using Exchange.Metering.Collectors.Live;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Collecting;

/// <summary>
/// Reads which collectors an installation runs: 'collectors.yaml' in the data directory, or the file that is named.
/// </summary>
internal static class CollectorFile
{
    private const string Kinds = "prometheus, dcgm, rabbitmq, files or bundles";

    /// <summary>Where the file stands when nobody names one.</summary>
    public static string In(DataLocation place) => Path.Combine(place.Data, "collectors.yaml");

    /// <summary>The collectors of a file; none when nobody named one and there is none.</summary>
    /// <exception cref="RefusedException">The file cannot be read, or something in it is wrong.</exception>
    public static async Task<IReadOnlyList<ICollector>> Read(
        Composition exchange, string? named, HttpClient http, CancellationToken ct)
    {
        var path = named ?? In(exchange.Place);
        if (named is null && !File.Exists(path))
        {
            return [];
        }

        var file = YamlMap.Read(await Portal.Files.Read(path, ct), path);
        List<ICollector> collectors = [.. file.Maps("collectors").Select(one => Collector(one, exchange, http))];
        file.NoOthers();
        return collectors.GroupBy(one => one.Identity.Name).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new RefusedException(new("collectors/name-used-twice",
                $"Two collectors are named '{twice.Key}'. Give each its own name: its position is kept under it.",
                path))
            : collectors;
    }

    private static ICollector Collector(YamlMap yaml, Composition exchange, HttpClient http)
    {
        var kind = yaml.Required("kind");
        var identity = new CollectorIdentity(
            Named(yaml, "name"), kind, new(Named(yaml, "landlord")),
            yaml.Word("cluster") is { } cluster ? new ClusterId(cluster) : null, Time(yaml, "every", "5m"));
        ICollector collector = kind switch
        {
            "prometheus" => PrometheusCollector.OfPods(Placed(identity, yaml), http, Address(yaml), Windows(yaml)),
            "dcgm" => PrometheusCollector.OfGpus(Placed(identity, yaml), http, Address(yaml), Windows(yaml)),
            "rabbitmq" => new NotificationCollector(
                Placed(identity, yaml),
                new(Url(yaml, "amqp", "amqps"), yaml.Word("user"), yaml.Word("password_file"), yaml.Required("queue"),
                    yaml.Word("exchange"), yaml.Words("topics") is { Count: > 0 } topics
                        ? topics
                        : ["notifications.info", "notifications.error"])),
            "files" when Format(yaml) is var format && Bills.Formats.Contains(format) => new BillDrop(
                identity, (yaml.Required("directory"), yaml.Word("pattern") ?? "*"), format, Parts(yaml),
                new Bills(exchange.Database)),
            "files" => Files(
                identity, (yaml.Required("directory"), yaml.Word("pattern") ?? "*"), Format(yaml), exchange),
            "bundles" => FileDrop.OfBundles(
                identity, yaml.Required("directory"), yaml.Word("pattern") ?? "*", Keys(yaml), exchange.Meter,
                new BundleLog(exchange.Database)),
            _ => throw Unknown(yaml, "kind", kind, Kinds),
        };
        yaml.NoOthers();
        return collector;
    }

    private static ICollector Files(
        CollectorIdentity identity, (string Directory, string Pattern) drop, string format, Composition exchange) =>
        FilesAgain.Of(
            FileDrop.Of(
                identity, drop.Directory, drop.Pattern, format, exchange.Meter, new FullDumps(exchange.Database)),
            drop.Directory, drop.Pattern, format, new CollectorLog(exchange.Database));

    private static CollectorIdentity Placed(CollectorIdentity identity, YamlMap yaml) => identity with
    {
        Cluster = new(Named(yaml, "cluster")),
    };

    private static PrometheusAddress Address(YamlMap yaml) =>
        new(Url(yaml, "http", "https"), yaml.Word("token_file"));

    private static PrometheusWindows Windows(YamlMap yaml) => new(
        From(yaml),
        Time(yaml, "step", "15m"), Time(yaml, "window", "6h"), Time(yaml, "overlap", "1h"),
        Time(yaml, "settle", "5m"));

    private static string Named(YamlMap yaml, string key) => Name.IsOne(yaml.Required(key))
        ? yaml.Required(key)
        : throw yaml.Bad(key, $"a name of 1 to {Name.MaxLength} printable characters");

    private static Instant From(YamlMap yaml) =>
        Exchange.Text.TryParse(yaml.Required("from"), (text, _) => Exchange.Text.Instant(text), out Instant from)
            ? from
            : throw yaml.Bad("from", "an instant like 2026-11-01T00:00:00Z");

    private static Uri Url(YamlMap yaml, params string[] schemes) =>
        Uri.TryCreate(yaml.Required("url").TrimEnd('/') + "/", UriKind.Absolute, out var url) &&
        schemes.Contains(url.Scheme)
            ? url.Scheme.StartsWith("amqp", StringComparison.Ordinal) ? new Uri(yaml.Required("url")) : url
            : throw yaml.Bad("url", $"an address that begins with {schemes[0]}://");

    private static string Format(YamlMap yaml)
    {
        var format = yaml.Required("format");
        IEnumerable<string> known = ["cloudevents", .. CollectorFormats.All.Keys, .. Bills.Formats];
        return known.Contains(format) ? format : throw Unknown(yaml, "format", format, string.Join(", ", known));
    }

    private static BillParts Parts(YamlMap yaml)
    {
        Regex? together = null;
        try
        {
            together = yaml.Word("together") is { } text ? new(text, RegexOptions.NonBacktracking) : null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw yaml.Bad("together", "a regular expression like '^(\\d{4}-\\d{2})-'");
        }

        var (manifest, reissues) = (yaml.Word("manifest"), yaml.Flag("reissues") ?? false);
        var said = (together is null ? 0 : 1) + (manifest is null ? 0 : 1) + (reissues ? 1 : 0);
        return said > 1
            ? throw yaml.Bad("together", "only one of 'together', 'manifest' and 'reissues'")
            : new(together, manifest, reissues);
    }

    private static Func<string, string?> Keys(YamlMap yaml)
    {
        var meters = yaml.Maps("meters").ToDictionary(
            meter => meter.Required("name"), meter => meter.Required("public_key_file"), StringComparer.Ordinal);
        return meter => meters.TryGetValue(meter, out var file) ? File.ReadAllText(file) : null;
    }

    /// <summary>A length of time as '15m'; null when it is none.</summary>
    public static Duration? TryTime(string text)
    {
        var seconds = text is [] ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3_600, 'd' => 86_400, _ => 0 };
        return seconds > 0 &&
            int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) &&
            count is > 0 and <= 100_000
                ? Duration.FromSeconds((long)count * seconds)
                : null;
    }

    private static Duration Time(YamlMap yaml, string key, string otherwise)
    {
        var text = yaml.Word(key) ?? otherwise;
        return TryTime(text) ?? throw new RefusedException(new("collectors/bad-duration",
            $"'{key}' is '{text}'. Write a number and s, m, h or d, like '{otherwise}'.", yaml.WhereOf(key)));
    }

    private static RefusedException Unknown(YamlMap yaml, string key, string said, string known) => new(new(
        "collectors/unknown-kind", $"'{said}' is no {key} of a collector. Known are {known}.", yaml.WhereOf(key)));
}
