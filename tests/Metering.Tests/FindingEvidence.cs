using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>The readings behind a segment are those that speak of its time, and no others are read for them.</summary>
public sealed class FindingEvidence
{
    private const int Vms = 600; // Three pages.
    private static readonly Instant Start = Instant.FromUtc(2025, 6, 1, 0, 0);
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_readings_of_each_resource_and_period_are_found_whatever_blocks_they_are_in()
    {
        await using var database = await TestDatabase.New(typeof(IJournal).Assembly, typeof(Meter).Assembly);
        var meter = new Meter(database, SystemClock.Instance);
        var random = new Random(3);
        var readings = Enumerable.Range(0, 12).SelectMany(hour => Enumerable.Range(0, Vms)
            .Select(vm => Hour(vm, hour))).Concat(Enumerable.Range(0, 40).Select(i => State(i % 4, i)))
            .Concat(Enumerable.Range(0, 60).Select(Count)).ToArray();
        random.Shuffle(readings);
        var lines = readings.ToDictionary(r => r.Id, r => r.ToLine());
        foreach (var part in readings.Chunk(500))
        {
            await meter.Ingest(part.Select(r => (Collected)r), Ct);
        }

        foreach (var vm in (int[])[0, 1, 3, 255, 256, 257, 511, 512, 599])
        {
            foreach (var (from, to) in ((int, int)[])[(0, 12), (3, 5), (11, 30), (4, 4), (200, 300)])
            {
                var period = new Period(Start + Duration.FromHours(from), Start + Duration.FromHours(to));
                var expected = Behind(readings.Where(r => r.Resource == Vm(vm)).ToList(), period);
                var found = await meter.ReadingsBehind(Vm(vm), period, Ct);
                Assert.Equal(expected, found.Select(r => r.Id).Order(StringComparer.Ordinal));
                Assert.All(found, r => Assert.Equal(lines[r.Id], r.Text));
            }
        }

        Assert.Empty(await meter.ReadingsBehind(Vm(Vms), new(Start, Start + Duration.FromDays(1)), Ct));
    }

    [Fact]
    public async Task A_block_is_looked_for_under_the_pages_that_it_has_readings_of()
    {
        await using var database = await TestDatabase.New(typeof(IJournal).Assembly, typeof(Meter).Assembly);
        var meter = new Meter(database, SystemClock.Instance);
        foreach (var hour in Enumerable.Range(0, 3))
        {
            foreach (var part in Enumerable.Range(0, Vms).Chunk(100))
            {
                await meter.Ingest(part.Select(vm => (Collected)Hour(vm, hour)), Ct);
            }
        }

        await meter.Fold(Ct);
        await using var command = database.CreateCommand(
            "select count(*) filter (where pages @> array[2]), count(*) from metering.block_pages");
        await using var rows = await command.ExecuteReaderAsync(Ct);
        Assert.True(await rows.ReadAsync(Ct));
        Assert.Equal((3, 18), (rows.GetInt64(0), rows.GetInt64(1)));
    }

    /// <summary>What the answer is to be, from all readings: of the states before only the last.</summary>
    private static IEnumerable<string> Behind(List<Reading> readings, Period period)
    {
        var standing = readings.Where(r => r.Type == ReadingType.State && r.From <= period.Start && r.From < period.End)
            .OrderBy(r => r.From).TakeLast(1);
        return readings.Where(r => r.From < period.End && (r.Type == ReadingType.State
                ? r.From > period.Start
                : r.To >= period.Start))
            .Concat(standing).Select(r => r.Id).Order(StringComparer.Ordinal);
    }

    private static ResourceId Vm(int number) => ResourceId.Parse($"nerc/stack/vm/{number}");

    private static Reading Hour(int vm, int hour) => new()
    {
        Source = "urn:test",
        Id = (vm + hour) % 3 == 0 ? $"{vm}-{hour}" : Uuid(vm, hour),
        Type = ReadingType.Interval,
        Resource = Vm(vm),
        Project = new("p"),
        From = Start + Duration.FromHours(hour),
        To = Start + Duration.FromHours(hour + 1),
        Shape = Shape.Of([new("vcpu", "1")]),
    };

    private static string Uuid(int vm, int number) => new Guid(vm, 0, 0, BitConverter.GetBytes((long)number)).ToString();

    private static Reading Count(int number) => new()
    {
        Source = "urn:test",
        Id = number % 2 == 0 ? $"count-{number}" : Uuid(-1, number),
        Type = ReadingType.Count,
        Resource = Vm(number % 3),
        Project = new("p"),
        From = Start + Duration.FromMinutes(7 * number),
        To = Start + Duration.FromMinutes(7 * number),
        Meter = "egress_bytes",
        Quantity = number + 0.5m,
    };

    private static Reading State(int vm, int number) => new()
    {
        Source = "urn:test",
        Id = $"state-{number}",
        Type = ReadingType.State,
        Resource = Vm(vm),
        Project = new("p"),
        From = Start + Duration.FromMinutes(11 * number),
        To = Start + Duration.FromMinutes(11 * number),
        Shape = Shape.Of([new("vcpu", "1")]),
    };
}
