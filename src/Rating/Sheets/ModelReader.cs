using System.Collections.Immutable;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Rating;

/// <summary>Reads what a SKU says of its model.</summary>
internal static class ModelReader
{
    private static readonly LocalTimePattern Clock = LocalTimePattern.CreateWithInvariantCulture("HH:mm");

    /// <param name="cluster">The one that promises are about when they do not say.</param>
    public static PriceModel Read(YamlMap yaml, CountedBy counts, ClusterId cluster)
    {
        var isTimed = counts != CountedBy.Meter;
        switch (yaml.Word("model"))
        {
            case null or "flat":
                return Flat.Instance;
            case "graduated":
                return new Graduated(Tiers(yaml));
            case "volume":
                return new Volume(Tiers(yaml));
            case "package":
                return yaml.Number("size") is > 0 and var size
                    ? new Package(size)
                    : throw yaml.Bad("size", "a size above 0 in quotes");
            case "commitment":
                return new Commitment([.. NotEmpty(yaml, "commitments").Select(map => ReadPromise(map, cluster))]);
            case "reservation" when isTimed:
                return new Reservation([.. NotEmpty(yaml, "reservations").Select(map => ReadReserved(map, cluster))]);
            case "time-of-day" when isTimed:
                return new TimeOfDay(
                    DateTimeZoneProviders.Tzdb.GetZoneOrNull(yaml.Word("time_zone") ?? "")
                        ?? throw yaml.Bad("time_zone", "a time zone like America/New_York"),
                    [.. NotEmpty(yaml, "hours").Select(ReadHours)]);
            case "pass-through" when !isTimed:
                return new PassThrough(yaml.Number("markup") is >= 0 and var markup
                    ? markup
                    : throw yaml.Bad("markup", "a share of 0 or more in quotes, like \"0.05\""));
            default:
                throw yaml.Bad("model", "flat, graduated, volume, package, commitment, reservation, time-of-day or " +
                    "pass-through; the two before the last not for a meter, the last only for one");
        }
    }

    /// <summary>Only tiers and packages add up what several use; other models are of one project each.</summary>
    public static Scope ReadScope(YamlMap yaml, PriceModel model) => yaml.Word("scope") switch
    {
        null or "project" => Scope.Project,
        "pi" or "landlord" when model is not (Graduated or Volume or Package) =>
            throw yaml.Bad("scope", "project: only graduated, volume and package prices add up what several use"),
        "pi" => Scope.Pi,
        "landlord" => Scope.Landlord,
        _ => throw yaml.Bad("scope", "project, pi or landlord"),
    };

    /// <summary>Tiers that rise, the last one without an end.</summary>
    public static ImmutableArray<Tier> Tiers(YamlMap yaml)
    {
        var tiers = yaml.Maps("tiers").Select(map =>
        {
            var tier = new Tier(
                map.Number("up_to"),
                map.Number("rate") ?? throw map.Bad("rate", "a decimal in quotes"));
            map.NoOthers();
            return tier;
        }).ToImmutableArray();
        var rises = tiers.Zip(tiers.Skip(1))
            .All(pair => pair.Second.UpTo is null || pair.First.UpTo < pair.Second.UpTo);
        return tiers.Length > 0 && tiers[0].UpTo is null or > 0 && rises && tiers[^1].UpTo is null &&
            tiers.SkipLast(1).All(tier => tier.UpTo is not null)
            ? tiers
            : throw yaml.Bad("tiers", "tiers whose 'up_to' rises, and a last one without it");
    }

    private static Promise ReadPromise(YamlMap yaml, ClusterId cluster)
    {
        var promise = new Promise(
            yaml.Word("cluster") is { } named ? new(named) : cluster, new(YamlValues.Name(yaml, "project")),
            Positive(yaml, "quantity"),
            yaml.Number("rate") ?? throw yaml.Bad("rate", "a decimal in quotes"));
        yaml.NoOthers();
        return promise;
    }

    private static Reserved ReadReserved(YamlMap yaml, ClusterId cluster)
    {
        var from = YamlValues.Instant(yaml, "from") ?? throw yaml.Bad("from", "an instant in UTC");
        var until = YamlValues.Instant(yaml, "until") ?? SheetDates.Never;
        var reserved = new Reserved(
            yaml.Word("cluster") is { } named ? new(named) : cluster, new(YamlValues.Name(yaml, "project")),
            Positive(yaml, "count"),
            yaml.Number("rate") ?? throw yaml.Bad("rate", "a decimal in quotes"),
            from < until ? new(from, until) : throw yaml.Bad("until", "an instant after 'from'"));
        yaml.NoOthers();
        return reserved;
    }

    private static HoursOfDay ReadHours(YamlMap yaml)
    {
        var days = yaml.Words("days").Select(word => Enum.GetValues<IsoDayOfWeek>().FirstOrDefault(day =>
            word.Length == 3 && $"{day}".StartsWith(word, StringComparison.OrdinalIgnoreCase))).ToImmutableArray();
        var hours = new HoursOfDay(
            YamlValues.Name(yaml, "name"), days, Time(yaml, "from"), Time(yaml, "until"),
            yaml.Number("rate") ?? throw yaml.Bad("rate", "a decimal in quotes"));
        yaml.NoOthers();
        return days.IsEmpty || days.Contains(IsoDayOfWeek.None)
            ? throw yaml.Bad("days", "days like [mon, tue]")
            : hours.Until != LocalTime.Midnight && hours.Until <= hours.From
                ? throw yaml.Bad("until", "a time after 'from'; 24:00 for the end of the day")
                : hours;
    }

    private static LocalTime Time(YamlMap yaml, string key) => yaml.Required(key) switch
    {
        "24:00" when key == "until" => LocalTime.Midnight,
        var word => Clock.Parse(word) is { Success: true } time
            ? time.Value
            : throw yaml.Bad(key, "a time of day in quotes, like \"08:00\""),
    };

    private static decimal Positive(YamlMap yaml, string key) => yaml.Number(key) is > 0 and var number
        ? number
        : throw yaml.Bad(key, "a decimal above 0 in quotes");

    private static IReadOnlyList<YamlMap> NotEmpty(YamlMap yaml, string key) =>
        yaml.Maps(key) is { Count: > 0 } maps ? maps : throw yaml.Bad(key, "at least one entry");
}
