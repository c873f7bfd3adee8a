using Exchange.Metering;
using Exchange.Testing;
using NodaTime;

namespace Exchange.Simulation.Tests;

/// <summary>
/// Two invented years of ten projects, in a short run their first ten months, the same for the same seed: usage by whole
/// hours, some of it told months late, prices that change inside months, projects that change hands, an unknown one, and
/// two addresses of one person.
/// </summary>
internal sealed class LongStory
{
    public static readonly BillingMonth First = new(2026, 1);
    public static readonly BillingMonth Last = Draws.AreLong ? new(2027, 12) : new(2026, 10);
    public static readonly ClusterId Cluster = new("a1");
    public static readonly PiId Old = new("old@harvard.edu");
    public static readonly PiId Kept = new("new@harvard.edu");

    /// <summary>The months whose first days bring a merge of addresses, and an owner of what nobody owned.</summary>
    public static readonly BillingMonth Merged = new(2026, 9);
    public static readonly BillingMonth Found = new(2026, 7);

    /// <summary>Each version of the sheet: from when, and what an hour of a vCPU costs.</summary>
    public static readonly IReadOnlyList<(Instant From, decimal Hour)> Prices =
    [
        (Instant.FromUtc(2025, 12, 1, 0, 0), 0.2911m), (Instant.FromUtc(2026, 5, 17, 0, 0), 0.0137m),
        (Instant.FromUtc(2026, 12, 1, 0, 0), 0.0703m), (Instant.FromUtc(2027, 8, 9, 0, 0), 0.1234m),
    ];

    public const decimal Request = 0.00013m;
    private static readonly Instant Moves = Instant.FromUtc(2026, 9, 11, 0, 0);

    /// <summary>Whose each project is, from when; the ninth is nobody's until it is found.</summary>
    private static readonly (int Project, string From, string Pi)[] Owners =
    [
        (0, "2025-01", "pi0@bu.edu"), (1, "2025-01", "pi0@bu.edu"), (2, "2025-01", "pi1@bu.edu"),
        (3, "2025-01", "ada@mit.edu"), (4, "2025-01", "eve@example.org"), (5, "2025-01", "ada@mit.edu"),
        (5, Text.Of(Moves), "pi1@bu.edu"), (6, "2025-01", Old.Value), (7, "2025-01", Kept.Value),
        (9, "2025-01", "mia@example.org"),
    ];

    private readonly Random _random;

    public LongStory(int seed)
    {
        _random = new(seed);
        var readings = Months.SelectMany(month => Enumerable.Range(0, 10).SelectMany(p => Use(p, month))).ToList();
        Readings = readings;

        // A reading comes once or twice, in the month after its own or, one in eight, up to four months later.
        ByArrival = readings
            .SelectMany(reading => Enumerable.Range(0, 1 + _random.Next(2)).Select(_ => (
                Reading: reading, Month: Late(BillingMonth.Of(reading.From)), Place: _random.Next())))
            .OrderBy(one => one.Place).ToLookup(one => one.Month, one => one.Reading);
    }

    public static IEnumerable<BillingMonth> Months
    {
        get
        {
            for (var month = First; month <= Last; month = month.Next)
            {
                yield return month;
            }
        }
    }

    public IReadOnlyList<Reading> Readings { get; }

    /// <summary>What arrives before the close of a month.</summary>
    public ILookup<BillingMonth, Reading> ByArrival { get; }

    public static string Directory => "cluster,project,name,pi,from\n" + string.Concat(Owners.Select(
        of => $"a1,p{of.Project},project {of.Project},{of.Pi},{of.From}\n"));

    public static string FoundOwner => "cluster,project,name,pi,from\na1,p8,project 8,ada@mit.edu,2025-01\n";

    /// <summary>Who answers for a project at an instant, once all is told.</summary>
    public static string OwnerOf(ProjectId project, Instant at) => project.Value switch
    {
        "p5" => at < Moves ? "ada@mit.edu" : "pi1@bu.edu",
        "p6" => Kept.Value,
        "p8" => "ada@mit.edu",
        var other => Owners.Single(of => $"p{of.Project}" == other).Pi,
    };

    /// <summary>What the two years come to by owner and month, an hour at a time, as one would on paper.</summary>
    public SortedDictionary<(string Owner, BillingMonth Month), decimal> OnPaper()
    {
        var lines = new Dictionary<(string, BillingMonth, ProjectId, int Price, bool), decimal>();
        foreach (var reading in Readings)
        {
            var isCount = reading.Type == ReadingType.Count;
            for (var at = reading.From; isCount ? at == reading.From : at < reading.To; at += Duration.FromHours(1))
            {
                var price = Prices.Count(one => one.From <= at) - 1;
                var key = (OwnerOf(reading.Project, at), BillingMonth.Of(at), reading.Project, price, isCount);
                lines[key] = lines.GetValueOrDefault(key) + (isCount ? reading.Quantity : reading.Shape.VCpu);
            }
        }

        var owed = new SortedDictionary<(string, BillingMonth), decimal>();
        foreach (var ((owner, month, _, price, isCount), quantity) in lines)
        {
            owed[(owner, month)] = owed.GetValueOrDefault((owner, month)) + decimal.Round(
                quantity * (isCount ? Request : Prices[price].Hour), 2, MidpointRounding.AwayFromZero);
        }

        return owed;
    }

    private BillingMonth Late(BillingMonth month)
    {
        var months = _random.Next(8) == 0 ? _random.Next(1, 5) : 0;
        for (var i = 0; i < months; i++)
        {
            month = month.Next;
        }

        return month <= Last ? month : Last.Next;
    }

    private IEnumerable<Reading> Use(int project, BillingMonth month)
    {
        var hour = _random.Next(0, 100);
        for (var n = 0; n < 3; n++)
        {
            var until = hour + _random.Next(1, 120);
            yield return Of(project, $"{month}-{project}-{n}", ReadingType.Interval) with
            {
                From = month.Start + Duration.FromHours(hour),
                To = month.Start + Duration.FromHours(until),
                State = ResourceState.Running,
                Shape = Shape.Of([new("vcpu", (1 << _random.Next(6)).ToString(provider: null))]),
            };
            hour = until + _random.Next(0, 80);
        }

        var at = month.Start + Duration.FromHours(_random.Next(0, 600));
        yield return Of(project, $"{month}-{project}-count", ReadingType.Count) with
        {
            From = at,
            To = at,
            Meter = "requests",
            Quantity = _random.Next(1, 100_000) / 8m,
        };
    }

    private static Reading Of(int project, string id, ReadingType type) => new()
    {
        Source = "urn:acme",
        Id = id,
        Type = type,
        Resource = new(Story.Acme, Cluster, "vm", $"vm{project}"),
        Project = new($"p{project}"),
        From = First.Start,
        To = First.Start,
    };
}
