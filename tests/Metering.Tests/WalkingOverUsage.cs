using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>One walk over all usage tells the same as asking for it by name.</summary>
public sealed class WalkingOverUsage
{
    private static readonly Instant Start = Instant.FromUtc(2025, 6, 1, 0, 0);
    private static readonly Period June = new(Start, Start + Duration.FromDays(30));
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, null)]
    [InlineData("north", null)]
    [InlineData(null, "c2")]
    [InlineData("south", "c1")]
    [InlineData("nobody", null)]
    public async Task Tells_every_segment_and_total_once(string? landlord, string? cluster)
    {
        await using var database = await TestDatabase.New(typeof(IJournal).Assembly, typeof(Meter).Assembly);
        await Fill(database);
        var meter = new Meter(database, SystemClock.Instance);
        var query = new UsageQuery(
            new(June.Start + Duration.FromHours(30), June.End - Duration.FromHours(50)),
            landlord is null ? null : new(landlord), cluster is null ? null : new(cluster));
        var (segments, totals) = await Read(meter, query, byName: false);
        var expected = await meter.Segments(query, Ct).ToListAsync(Ct);
        Assert.Equal(expected, segments.OrderBy(s => s.Resource.ToString(), StringComparer.Ordinal));
        Assert.Equal(
            await meter.Totals(query, Ct),
            totals.OrderBy(t => t.Resource.ToString(), StringComparer.Ordinal)
                .ThenBy(t => t.Project.Value, StringComparer.Ordinal)
                .ThenBy(t => t.Meter, StringComparer.Ordinal).ThenBy(t => t.Day));
        Assert.Equal(landlord == "nobody", segments.Count == 0);
        Assert.Equal(landlord == "nobody", totals.Count == 0);
    }

    [Fact]
    public async Task Is_in_the_order_of_names_when_asked()
    {
        await using var database = await TestDatabase.New(typeof(IJournal).Assembly, typeof(Meter).Assembly);
        await Fill(database);
        var meter = new Meter(database, SystemClock.Instance);
        var (segments, _) = await Read(meter, new(June), byName: true);
        Assert.Equal(await meter.Segments(new(June), Ct).ToListAsync(Ct), segments);
    }

    /// <summary>
    /// Nine hundred resources, told of in an order that is not theirs, by batches of some; they move to projects and
    /// take shapes that are first heard of after them.
    /// </summary>
    private static async Task Fill(NpgsqlDataSource database)
    {
        var random = new Random(11);
        var readings = Enumerable.Range(0, 4000).Select(n => (Collected)Reading(n, random)).ToArray();
        foreach (var batch in readings.Chunk(170))
        {
            // A meter of its own, as if each batch had come to another process.
            await new Meter(database, SystemClock.Instance).Ingest(batch, Ct);
        }
    }

    private static Reading Reading(int n, Random random)
    {
        var from = Start + Duration.FromHours(random.Next(700));
        var kind = random.Next(4) == 0 ? "bucket" : "vm";
        return new()
        {
            Source = $"urn:{n % 7}",
            Id = $"{n}",
            Type = kind == "bucket" ? ReadingType.Count : (ReadingType)random.Next(3),
            Resource = new(new(random.Next(2) == 0 ? "north" : "south"), new($"c{random.Next(3)}"), kind,
                $"{random.Next(100)}"),
            Project = new($"p{random.Next(1 + (n / 20))}"),
            From = from,
            To = from + Duration.FromHours(kind == "bucket" ? 0 : 1 + random.Next(9)),
            State = (ResourceState)random.Next(3),
            Shape = kind == "bucket" ? Shape.Empty : Shape.Of([new("vcpu", $"{random.Next(1 + (n / 30))}")]),
            Meter = kind == "bucket" ? $"meter-{random.Next(3)}" : null,
            Quantity = random.Next(1000) / 8m,
        };
    }

    private static async Task<(List<Segment> Segments, List<DailyTotal> Totals)> Read(
        Meter meter, UsageQuery query, bool byName)
    {
        var (segments, totals) = (new List<Segment>(), new List<DailyTotal>());
        await meter.Read(query, byName, segments.Add, totals.Add, Ct);
        return (segments, totals);
    }
}
