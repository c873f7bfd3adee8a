using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// An id is unique within its landlord's source, so that nobody can occupy those that another will use. Seen to fail
/// where (source, id) was one for all: 24 of 24 readings of the other were set aside.
/// </summary>
public sealed class IdsAreTheirLandlords
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1_000)]
    [InlineData(9)]
    public async Task Who_sends_the_ids_of_another_first_takes_none_of_them(int readingsInMemory)
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance, readingsInMemory);
        foreach (var (landlord, i) in ((string[])["hostile", "nerc", "third"]).Select((l, i) => (l, i)))
        {
            Assert.Equal(new(24, 0, 0), await Ingest(meter, landlord));
            Assert.Equal(new(0, 24, 0), await Ingest(meter, landlord));
            meter = new(database, SystemClock.Instance, readingsInMemory);
            Assert.Equal(new(0, 24, 0), await Ingest(meter, landlord));
            Assert.Equal(new(0, 0, 24), await Ingest(meter, landlord, project: "other"));
            Assert.Equal(24 * (i + 1), await KnowingReadings.Hours(meter));
        }

        var behind = await meter.ReadingsBehind(Day("nerc")[0].Resource, Day("nerc")[0].ToPeriod(), Ct);
        Assert.Equal(["urn:shared"], behind.Select(one => one.Source).Distinct());
        Assert.Empty(await meter.Verify(Ct));
        await meter.Replay(Ct);
        Assert.Equal(new(0, 24, 0), await Ingest(meter, "third"));
        Assert.Empty(await meter.Verify(Ct));
    }

    [Fact]
    public async Task Two_meters_tell_the_sources_of_landlords_apart_alike()
    {
        await using var database = await KnowingReadings.Database();
        Meter[] meters = [new(database, SystemClock.Instance, 30), new(database, SystemClock.Instance, 50)];
        var random = new Random(3);
        var sent = new HashSet<(string, int)>();
        for (var step = 0; step < 200; step++)
        {
            var landlord = $"landlord-{random.Next(5)}";
            var readings = Day(landlord, source: $"urn:{random.Next(4)}").Skip(random.Next(20)).Take(4).ToList();
            var fresh = readings.Count(r => sent.Add(($"{landlord} {r.Source}", int.Parse(r.Id,
                System.Globalization.CultureInfo.InvariantCulture))));
            Assert.Equal(new(fresh, 4 - fresh, 0), await KnowingReadings.Ingest(meters[random.Next(2)], readings));
        }

        Assert.Empty(await meters[0].Verify(Ct));
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(5)]
    public async Task Readings_of_before_sources_were_told_apart_are_known_whosever_they_are(int readingsInMemory)
    {
        await using var database = await KnowingReadings.Database();
        await StoreAsBefore(database, [.. Day("first")[..12], .. Day("second")[12..]]);
        for (var i = 0; i < 2; i++)
        {
            var meter = new Meter(database, SystemClock.Instance, readingsInMemory);
            // Whose the source is collides with what another stored under it then, as it did then.
            Assert.Equal(new(0, 12, 12), await Ingest(meter, "first"));
            Assert.Equal(new(12 * (1 - i), 12 + (12 * i), 0), await Ingest(meter, "second"));
            Assert.Equal(new(24 * (1 - i), 24 * i, 0), await Ingest(meter, "third"));
            Assert.Equal(60, await KnowingReadings.Hours(meter));
            Assert.Empty(await meter.Verify(Ct));
        }
    }

    /// <summary>Stores rows whose source has the one number that it had for all landlords.</summary>
    private static async Task StoreAsBefore(NpgsqlDataSource database, Reading[] readings)
    {
        var names = new Names();
        int Of(byte kind, string name) => names.FindOrAdd([kind, .. System.Text.Encoding.UTF8.GetBytes(name)]);
        var rows = readings.Select(reading => new Row
        {
            From = reading.From.ToUnixTimeTicks() / 10,
            To = reading.To.ToUnixTimeTicks() / 10,
            Id = RowId.Of(reading.Id),
            Source = Of(Names.Source, reading.Source),
            Resource = Of(Names.Resource, reading.Resource.ToString()),
            Project = Of(Names.Project, reading.Project.Value),
            Shape = Of(Names.Shape, reading.Shape.ToString()),
            Type = reading.Type,
        }).ToArray();
        await using var connection = await database.OpenConnectionAsync(Ct);
        var head = await Head.Read(connection, Ct);
        var block = Block.Pack(1, rows, names, 0, new());
        Assert.True(await BlockChain.Append(connection, head, [(block, block.Link(head.Hash))], Ct));
    }

    private static Task<IngestOutcome> Ingest(Meter meter, string landlord, string project = "p") =>
        KnowingReadings.Ingest(meter, Day(landlord).Select(r => r with { Project = new(project) }));

    private static Reading[] Day(string landlord, string source = "urn:shared") =>
        [.. Enumerable.Range(0, 24).Select(i => KnowingReadings.Hour(i * 10) with
        {
            Id = $"{i}",
            Source = source,
            Resource = ResourceId.Parse($"{landlord}/stack/vm/1"),
        })];
}

/// <summary>The time of a reading.</summary>
internal static class PeriodsOfReadings
{
    public static Period ToPeriod(this Reading reading) => new(reading.From, reading.To);
}
