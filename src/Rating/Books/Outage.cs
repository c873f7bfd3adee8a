using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Rating;

/// <summary>A time in which clusters of a landlord did not work; it is not charged for.</summary>
/// <param name="Until">The first instant after it; null while it lasts.</param>
/// <param name="KnownTo">The names of the policies that know of it.</param>
public sealed record Outage(
    string Name, LandlordId Landlord, ImmutableArray<ClusterId> Clusters, Instant From, Instant? Until,
    ImmutableArray<string> KnownTo)
{
    /// <summary>The policies that know of an outage of which nothing else is said.</summary>
    public static ImmutableArray<string> KnownToAll { get; } = [Policies.Corrected, Policies.NercCompatible];

    /// <summary>What it was, or where that is told.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Why the clusters did not work: what a service level asks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public OutageKind Kind { get; init; }

    /// <summary>When maintenance was announced as it was then done; null for other kinds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Instant? Announced { get; init; }

    public bool Is(LandlordId landlord, string name) => Landlord == landlord && Name == name;

    /// <summary>Whether both say the same.</summary>
    public bool Says(Outage other) => other.Is(Landlord, Name) && From == other.From && Until == other.Until &&
        Clusters.SequenceEqual(other.Clusters) && KnownTo.SequenceEqual(other.KnownTo) && Kind == other.Kind;

    /// <summary>Maintenance is announced when its time was first told; less than was told needs no new word.</summary>
    internal Outage ToldAt(Instant at, Outage? before) => this with
    {
        Announced = Kind != OutageKind.Maintenance ? null
            : before is { Kind: OutageKind.Maintenance, Announced: { } first } && before.From <= From &&
                Until <= (before.Until ?? Instant.MaxValue) && Clusters.All(before.Clusters.Contains) ? first : at,
    };

    /// <summary>Reads pricing/outages.yaml.</summary>
    public static ImmutableArray<Outage> Read(string text, string file) => Read(YamlMap.Read(text, file));

    /// <summary>Reads outages that were published, as they were meant when they were.</summary>
    public static ImmutableArray<Outage> ReadPublished(string text, string file) =>
        Read(YamlMap.ReadPublished(text, file));

    private static ImmutableArray<Outage> Read(YamlMap yaml)
    {
        var outages = yaml.Maps("outages").Select(ReadOne).ToImmutableArray();
        yaml.NoOthers();
        return outages;
    }

    /// <summary>Stretches of time without what some of them share, in order; each is in ticks.</summary>
    public static IReadOnlyList<(long Start, long End)> Merged(IEnumerable<(long Start, long End)> spans)
    {
        var merged = new List<(long Start, long End)>();
        foreach (var span in spans.Order())
        {
            if (merged.Count > 0 && span.Start <= merged[^1].End)
            {
                merged[^1] = (merged[^1].Start, long.Max(merged[^1].End, span.End));
            }
            else
            {
                merged.Add(span);
            }
        }

        return merged;
    }

    private static Outage ReadOne(YamlMap yaml)
    {
        var source = yaml.Word("source") ?? "";
        var known = yaml.Words("known_to");
        var outage = new Outage(
            YamlValues.Name(yaml, "name"), new(YamlValues.Name(yaml, "landlord")),
            [.. yaml.Words("clusters").Select(name => new ClusterId(name))],
            YamlValues.Instant(yaml, "from") ?? throw yaml.Bad("from", "an instant in UTC"),
            YamlValues.Instant(yaml, "until"),
            known.Count == 0 ? KnownToAll : [.. known])
        {
            Reason = source,
            Kind = yaml.Word("kind") is not { } kind ? OutageKind.Failure : ServiceLevel.KindOf(kind)
                ?? throw yaml.Bad("kind", "failure, maintenance, customer or force-majeure"),
        };
        yaml.NoOthers();
        return outage.Until <= outage.From ? throw yaml.Bad("until", "an instant after 'from'") : outage;
    }
}
