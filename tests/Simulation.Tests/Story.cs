using Exchange.Metering;
using NodaTime;

namespace Exchange.Simulation.Tests;

/// <summary>A reading on its way: when it arrives among the others, and whether after its month was closed.</summary>
internal sealed record Delivery(Reading Reading, int Place, bool IsLate);

/// <summary>
/// Two invented months of servers, the same for the same seed: audits by the hour, states between them, deletions, and
/// what was counted; sent up to three times, out of order, some after the close.
/// </summary>
internal sealed class Story
{
    public static readonly LandlordId Acme = new("acme");
    public static readonly ClusterId Cluster = new("a1");
    public static readonly BillingMonth March = new(2026, 3);
    public static readonly BillingMonth April = new(2026, 4);
    public static readonly Instant PriceChange = Instant.FromUtc(2026, 3, 16, 6, 30);
    public static readonly Duration Slot = Duration.FromMinutes(15);
    private static readonly int Slots = (int)((April.End - March.Start) / Slot);

    private readonly Random _random;

    public Story(int seed)
    {
        _random = new(seed);
        Readings = [.. Enumerable.Range(0, 7).SelectMany(Server), .. Enumerable.Range(0, 40).Select(Counted)];
        Deliveries =
        [
            .. Readings.SelectMany(reading => Enumerable.Range(0, 1 + _random.Next(3)).Select(_ => new Delivery(
                reading, _random.Next(), _random.Next(12) == 0))).OrderBy(delivery => delivery.Place),
        ];
    }

    /// <summary>The readings as a set: what the months come to depends on nothing else.</summary>
    public IReadOnlyList<Reading> Readings { get; }
    public IReadOnlyList<Delivery> Deliveries { get; }

    public static string Sheet(string from, string vm, string request, string usedVm) => $$$"""
        landlord: acme
        service: compute
        clusters: [a1]
        from: {{{from}}}
        skus:
          - name: vCPU
            unit: vcpu-hour
            rate: "{{{vm}}}"
            counts: dimension
            dimension: vcpu
            per: hour
            match: {kind: vm}
          - {name: Request, unit: request, rate: "{{{request}}}", counts: meter, meter: requests, match: {kind: vm}}
        examples:
          - {name: a thousand hours, usage: [{kind: vm, hours: "1000", shape: {vcpu: "1"}}], total: "{{{usedVm}}}"}
        """;

    public static string Owner(ProjectId project) => $"pi{project.Value[^1]}@example.org";

    private IEnumerable<Reading> Server(int n)
    {
        var resource = new ResourceId(Acme, Cluster, "vm", $"vm{n}");
        var project = new ProjectId($"p{n % 3}");
        var id = 0;
        for (var slot = _random.Next(400); slot < Slots; slot += 1 + _random.Next(300))
        {
            if (_random.Next(3) == 0)
            {
                var state = (ResourceState[])[ResourceState.Running, ResourceState.Stopped, ResourceState.Deleted];
                yield return Fact(
                    resource, project, $"s{++id}", ReadingType.State, slot, slot, state[_random.Next(3)]);
                continue;
            }

            // Audits of whole hours, one after the other; sometimes a stretch that was told in one piece.
            slot -= slot % 4;
            for (var hours = _random.Next(1, 30); hours > 0 && slot + 4 <= Slots; hours--, slot += 4)
            {
                yield return Fact(
                    resource, project, $"i{++id}", ReadingType.Interval, slot, slot + 4, ResourceState.Running);
            }
        }
    }

    private Reading Counted(int n)
    {
        var at = March.Start + (_random.Next(Slots) * Slot);
        return new()
        {
            Source = "urn:acme",
            Id = $"c{n}",
            Type = ReadingType.Count,
            Resource = new(Acme, Cluster, "vm", $"vm{_random.Next(7)}"),
            Project = new($"p{_random.Next(3)}"),
            From = at,
            To = at,
            Meter = "requests",
            Quantity = _random.Next(1, 100_000) / 8m,
        };
    }

    private Reading Fact(
        ResourceId resource, ProjectId project, string id, ReadingType type, int from, int to, ResourceState state) =>
        new()
        {
            Source = "urn:acme",
            Id = $"{resource}:{id}",
            Type = type,
            Resource = resource,
            Project = project,
            From = March.Start + (from * Slot),
            To = March.Start + (to * Slot),
            State = state,
            Shape = Shape.Of([new("vcpu", (1 << _random.Next(4)).ToString(provider: null))]),
        };
}
