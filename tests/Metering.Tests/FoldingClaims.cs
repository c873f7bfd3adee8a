using Exchange.Metering.Tests.Collectors;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>Run-length pages come to what the slow fold comes to, in whatever order readings arrive.</summary>
public sealed class FoldingClaims
{
    private static readonly Instant Start = Instant.FromUtc(2025, 6, 1, 0, 0);
    private static readonly Instant End = Start + Duration.FromDays(30);
    private static readonly ResourceId Vm = ResourceId.Parse("nerc/stack/vm/1");

    [Fact]
    public void Any_set_of_readings_in_any_order_comes_to_the_slow_fold()
    {
        for (var seed = 0; seed < 600; seed++)
        {
            var readings = Some(new Random(seed));
            var expected = NaiveFold.Of(readings, End);
            Assert.Equal((seed, string.Join('\n', expected)), (seed, string.Join('\n', Folded(readings, seed))));
        }
    }

    [Fact]
    public void A_lease_that_is_told_again_longer_is_extended_whatever_it_says_now()
    {
        foreach (var (first, second) in ((int, int)[])[(0, 5), (5, 0), (1, 3), (3, 1)])
        {
            Reading[] told = [Reading(ReadingType.Interval, 0, 4, first), Reading(ReadingType.Interval, 0, 9, second)];
            var segment = Assert.Single(Folded([.. told], first));
            Assert.Equal(
                (told[1].To, told[1].Project, told[1].Shape), (segment.Period.End, segment.Project, segment.Shape));
        }
    }

    [Fact]
    public void A_month_of_hours_that_arrive_in_any_order_is_one_run()
    {
        var hours = Enumerable.Range(0, 720).Select(h => Reading(ReadingType.Interval, h * 2, 2, 0)).ToArray();
        new Random(3).Shuffle(hours);
        var page = Paged(hours, new());
        Assert.Equal(720, Assert.Single(page[1]).Count);
    }

    private static List<Reading> Some(Random random)
    {
        var readings = new List<Reading>();
        for (var part = random.Next(1, 6); part > 0; part--)
        {
            var (from, content) = (random.Next(60), random.Next(8));
            var type = (ReadingType)random.Next(3);
            var length = type == ReadingType.State ? 0 : random.Next(1, 5);
            var step = type == ReadingType.State || random.Next(3) == 0 ? random.Next(1, 9) : length;
            for (var left = random.Next(1, 12); left > 0; left--, from += step)
            {
                readings.Add(Reading(type, from, length, random.Next(10) == 0 ? random.Next(8) : content));
            }
        }

        return readings;
    }

    private static Reading Reading(ReadingType type, int halfHour, int length, int content) => new()
    {
        Source = "urn:test",
        Id = $"{type} {halfHour} {length} {content}",
        Type = type,
        Resource = Vm,
        Project = new($"p{content & 1}"),
        From = Start + Duration.FromMinutes(30 * halfHour),
        To = Start + Duration.FromMinutes(30 * (halfHour + length)),
        State = (content >> 1) switch
        {
            0 or 1 => ResourceState.Running,
            2 => ResourceState.Stopped,
            _ => ResourceState.Deleted,
        },
        Shape = Shape.Of([new("vcpu", $"{1 + (content >> 2)}")]),
    };

    private static IEnumerable<Segment> Folded(List<Reading> readings, int seed)
    {
        var random = new Random(seed);
        var sent = readings.Concat(readings.Where(_ => random.Next(4) == 0)).ToArray();
        random.Shuffle(sent);
        var names = new Names();
        var page = Paged(sent[..(sent.Length / 2)], new(), names);
        page = Paged(sent[(sent.Length / 2)..], Page.Unpack(page.Pack()), names);
        var contents = page.Contents.Select(c => new Content(
            c.Type, c.State, Readings.Text(names, c.Project), Readings.Text(names, c.Shape))).ToList();
        var stretches = new List<ClaimFold.Stretch>();
        ClaimFold.Of(page[1], contents, stretches);
        return stretches.Select(s => new Segment(
            Vm, new(s.Content.Project),
            new(Readings.At(s.From), s.To == long.MaxValue ? End : Readings.At(s.To)),
            s.Content.State, Shape.Parse(s.Content.Shape)));
    }

    private static Page Paged(IEnumerable<Reading> readings, Page page, Names? names = null)
    {
        names ??= new();
        var batch = new Batch(names);
        foreach (var reading in readings)
        {
            batch.Add(reading, End);
        }

        batch.Resolve(names);
        foreach (ref readonly var row in batch.Rows)
        {
            page.Add(FoldRow.Of(row) with { Resource = 1 });
        }

        return page;
    }
}
