using System.Text;
using Exchange.Journal;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// Ids that end in '@' and the time of their reading are found by it: no filter in memory knows them once runs are
/// merged, and all the same each counts once for ever, and other content of one is set aside.
/// </summary>
public sealed class IdsThatNameTheirTime
{
    private const int InMemory = 40;
    private const int Vms = 10;
    private static readonly Instant Start = Instant.FromUtc(2025, 6, 1, 0, 0);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 30)];

    private static Meter Meter(NpgsqlDataSource database) => new(database, SystemClock.Instance, InMemory);

    /// <summary>Every seventh has an id that says nothing.</summary>
    private static Reading Hour(int number)
    {
        var (vm, from) = (number % Vms, Start + Duration.FromHours(number / Vms));
        return KnowingReadings.Hour(number) with
        {
            Id = number % 7 == 0 ? $"{number:00000000}-0000-4000-8000-000000000000"
                : vm % 2 == 0 ? $"{vm}@{from.ToUnixTimeSeconds()}" : $"{vm}@{from:uuuu-MM-dd'T'HH:mm:ss'Z'}",
        };
    }

    private static async Task Take(Meter meter, IEnumerable<Reading> readings, IngestOutcome each)
    {
        foreach (var part in readings.Chunk(InMemory))
        {
            var outcome = await KnowingReadings.Ingest(meter, part);
            Assert.Equal(
                (each.Accepted * part.Length, each.Duplicate * part.Length, each.Quarantined * part.Length),
                (outcome.Accepted, outcome.Duplicate, outcome.Quarantined));
            await meter.Merged;
        }
    }

    [Fact]
    public async Task Each_counts_once_for_ever_and_no_merged_filter_knows_it()
    {
        await using var database = await KnowingReadings.Database();
        var meter = Meter(database);
        var readings = Enumerable.Range(0, 1_000).Select(Hour).ToArray();
        await Take(meter, readings, new(1, 0, 0));
        await NoMergedFilterKnows(database, readings.Count(one => one.Id.Contains('@', StringComparison.Ordinal)));

        var again = readings.ToArray();
        new Random(3).Shuffle(again);
        await Take(meter, again, new(0, 1, 0));
        meter = Meter(database);
        await Take(meter, again, new(0, 1, 0));
        await Take(meter, again[..200].Select(one => one with { Project = new("q") }), new(0, 0, 1));
        await Take(meter, again[..200].Select(one => one with // The same id, of another time: its own no more.
        {
            From = one.From + Duration.FromMinutes(10),
        }), new(0, 0, 1));
        await Take(meter, again[..80].Select(one => one with
        {
            Type = ReadingType.Count,
            Meter = "x",
            Quantity = 1,
            Shape = Shape.Empty,
        }), new(0, 0, 1));

        // Late, amid hours that were merged long ago.
        var late = readings[..200].Select(one => one with
        {
            Resource = one.Resource with { Subject = $"late-{one.Resource.Subject}" },
            Id = $"late-{one.Id}",
        }).ToArray();
        await Take(meter, late, new(1, 0, 0));
        await Take(Meter(database), late, new(0, 1, 0));
        Assert.Equal(1_200, await KnowingReadings.Hours(meter));
        Assert.Empty(await meter.Verify(Ct));
        await meter.Replay(Ct);
        await Take(meter, again, new(0, 1, 0));
        Assert.Empty(await meter.Verify(Ct));
    }

    /// <summary>The way of 2 hours taken back or halved, told before, between and after restarts.</summary>
    [Fact]
    public async Task They_are_corrected_by_id_and_what_the_index_lost_is_named()
    {
        await using var database = await KnowingReadings.Database();
        var readings = Enumerable.Range(0, 700).Select(Hour).ToArray();
        await Take(Meter(database), readings, new(1, 0, 0));
        var meter = Meter(database);
        var now = SystemClock.Instance.GetCurrentInstant();
        await meter.Ingest([
            Corrections.Of(new("nerc"), "urn:test", readings[1].Id, "never ran", null, now),
            Corrections.Of(new("nerc"), "urn:test", readings[2].Id, "half", readings[2] with
            {
                To = readings[2].From + Duration.FromMinutes(30),
            }, now),
            Corrections.Of(new("nerc"), "urn:test", readings[3].Id, "other half", readings[3] with
            {
                To = readings[3].From + Duration.FromMinutes(30),
            }, now)], Ct);
        Assert.Equal(698, await KnowingReadings.Hours(meter));
        await Take(Meter(database), readings[..40], new(0, 1, 0));
        Assert.Equal(698, await KnowingReadings.Hours(Meter(database)));
        Assert.Empty(await meter.Verify(Ct));

        await using (var connection = await database.OpenConnectionAsync(Ct))
        {
            Assert.True(await connection.Execute(
                "update metering.key_run set hours = '{}' where level > 0", [], Ct) > 0);
        }

        var outcome = await KnowingReadings.Ingest(Meter(database), readings[..60]);
        Assert.True(outcome.Accepted > 40, "Nothing in memory knew them.");
        var found = await meter.Verify(Ct);
        Assert.Contains(found, one => one.Code == "meter/index-differs");
        Assert.Contains(found, one => one.Code == "meter/counted-twice" &&
            one.Where!.Contains(readings[5].Id, StringComparison.Ordinal));
    }

    private static async Task NoMergedFilterKnows(NpgsqlDataSource database, int derived)
    {
        await using var connection = await database.OpenConnectionAsync(Ct);
        var runs = await SortedRuns.Stored(connection, Ct);
        Assert.Contains(runs, run => run.Level > 0);
        var fingerprint = new Fingerprint((await Head.Read(connection, Ct)).Secret);
        Row[] room = [];
        var (known, plain, seen) = (0, 0, 0);
        foreach (var stored in runs.Where(run => run.Level > 0))
        {
            var run = await SortedRuns.WithFilters(connection, stored, Ct);
            Assert.Null(run.Derived);
            await foreach (var (block, _) in BlockChain.BlocksAfter(
                connection, run.First - 1, (int)(run.Last - run.First + 1), Ct))
            {
                foreach (var row in block.Unpack(ref room).ToArray())
                {
                    var isDerived = DerivedId.Is(row, out _);
                    var isKnown = run.IsFiltered(fingerprint.Of(row).Trace);
                    (seen, known) = (seen + (isDerived ? 1 : 0), known + (isDerived && isKnown ? 1 : 0));
                    plain += !isDerived && isKnown ? 1 : 0;
                }
            }
        }

        Assert.InRange(seen, derived / 2, derived);
        Assert.InRange(known, 0, 3); // A filter is wrong once in 65,536.
        Assert.InRange(plain, seen / 8, seen);
    }

    [Theory]
    [InlineData("vm@2025-06-01T00:00:00Z", true)]
    [InlineData("a@b@2025-06-01T00:00:00.000Z", true)]
    [InlineData("vm@1748736000", true)]
    [InlineData("vm@2025-06-01T01:00:00Z", true)] // Its end.
    [InlineData("vm@2025-06-01T00:00:01Z", false)]
    [InlineData("vm@2025-06-01T00:00:00", false)]
    [InlineData("vm@1748736001", false)]
    [InlineData("@1748736000", false)] // Of nothing.
    [InlineData("vm1748736000", false)]
    [InlineData("vm@174873600", false)]
    [InlineData("vm@2025-02-31T00:00:00Z", false)]
    [InlineData("Z", false)]
    public void An_id_is_derived_where_it_ends_in_the_time_of_its_reading(string id, bool isDerived)
    {
        var from = Start.ToUnixTimeTicks() / 10;
        var row = new Row { Id = RowId.Of(id), From = from, To = from + 3_600_000_000, Type = ReadingType.Interval };
        Assert.Equal(isDerived, DerivedId.Is(row, out var hour));
        Assert.Equal(hour, DerivedId.HourOf(RowId.Of(Encoding.UTF8.GetBytes(id))));
        row.Type = ReadingType.Sample;
        Assert.Equal(isDerived && !id.Contains("T01", StringComparison.Ordinal), DerivedId.Is(row, out _));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Spans_of_hours_are_a_set_of_hours(int seed)
    {
        var random = new Random(seed);
        var sets = Enumerable.Range(0, 4).Select(_ => Enumerable.Range(0, random.Next(30))
            .Select(_ => random.Next(60)).ToHashSet()).ToList();
        var spans = HourSpans.Union(sets.Select(HourSpans.Of));
        var all = sets.SelectMany(set => set).ToHashSet();
        Assert.Equal(Enumerable.Range(-2, 64).Where(all.Contains), Enumerable.Range(-2, 64).Where(spans.Has));
        Assert.Equal(spans.Ends, HourSpans.Read(spans.Ends).Ends);
        Assert.Equal(all.Count(hour => !all.Contains(hour - 1)) * 2, spans.Ends.Length);
    }
}
