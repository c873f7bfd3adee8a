using System.Globalization;
using Exchange.Metering.Collectors;
using Xunit;

namespace Exchange.Metering.Tests.Collectors;

/// <summary>
/// Replicas of one Prometheus scrape at moments of their own. In one file they are one pod, and its time is that of one
/// replica: seen to come to an hour and seven seconds of four moments, which was billed as two hours.
/// </summary>
public class ReadingReplicas
{
    private const long Start = 1_790_812_800; // 2026-10-01T00:00:00Z

    private static string Series(string labels, string value, int distance, IEnumerable<int> steps)
    {
        var samples = steps.Select(n => string.Create(
            CultureInfo.InvariantCulture, $"[{Start + distance + (n * 900)},\"{value}\"]"));
        return $$$"""{"metric":{"namespace":"ns","pod":"p"{{{labels}}}},"values":[{{{string.Join(',', samples)}}}]}""";
    }

    /// <summary>What a replica tells: CPU, memory and a GPU.</summary>
    private static string[] Replica(string labels, int distance, params int[] steps) =>
    [
        Series($",\"resource\":\"cpu\"{labels}", "2", distance, steps),
        Series($",\"resource\":\"memory\"{labels}", "1048576", distance, steps),
        Series($",\"resource\":\"nvidia.com/gpu\"{labels}", "1", distance, steps),
    ];

    private static double Minutes(params string[][] replicas)
    {
        var read = PrometheusAnswers.Read(
            Input.Text($$$"""{"data":{"result":[{{{string.Join(',', replicas.SelectMany(one => one))}}}]}}"""),
            Input.Context());
        return NaiveFold.Of(Input.Readings(read), Input.Now).Sum(one => one.Period.Length.TotalMinutes);
    }

    private const string A = ",\"prometheus_replica\":\"a\"";
    private const string B = ",\"prometheus_replica\":\"b\"";

    [Theory]
    [InlineData(7)]
    [InlineData(-7)]
    [InlineData(1)]
    [InlineData(450)]
    [InlineData(899)]
    public void The_time_is_that_of_one_replica(int distance)
    {
        Assert.Equal(60, Minutes(Replica(A, 0, 0, 1, 2, 3), Replica(B, distance, 0, 1, 2, 3)));
        Assert.Equal(60, Minutes(Replica(B, distance, 0, 1, 2, 3), Replica(A, 0, 0, 1, 2, 3)));
        // Two answers beside each other, of which neither names its replica; and three replicas.
        Assert.Equal(60, Minutes(Replica("", 0, 0, 1, 2, 3), Replica("", distance, 0, 1, 2, 3)));
        Assert.Equal(60, Minutes(
            Replica(A, 0, 0, 1, 2, 3), Replica(B, distance, 0, 1, 2, 3), Replica("", 13, 0, 1, 2, 3)));
    }

    [Fact]
    public void What_one_replica_missed_is_taken_from_the_other() =>
        Assert.Equal(60, Minutes(Replica(A, 0, 0, 3), Replica(B, 7, 0, 1, 2, 3)));

    [Fact]
    public void A_gap_of_all_replicas_stays_one() =>
        Assert.Equal(60, Minutes(Replica(A, 0, 0, 1, 5, 6), Replica(B, 7, 0, 1, 5, 6)));

    /// <summary>A restart, a move to another node, a next window: no replica is beside the other.</summary>
    [Fact]
    public void One_series_after_the_other_loses_nothing() =>
        Assert.Equal(55, Minutes(Replica(A, 0, 0, 1), Replica(B, 600, 1, 2)));

    [Fact]
    public void Of_replicas_at_the_same_moments_nothing_is_left_out() =>
        Assert.Equal(60, Minutes(Replica(A, 0, 0, 1, 3), Replica(B, 0, 0, 2, 3)));

    /// <summary>Drawn: replicas of which some miss moments; never more than one replica that missed none tells.</summary>
    [Fact]
    public void Drawn_replicas_come_to_the_time_of_one()
    {
        var random = new Random(16);
        for (var seed = 0; seed < 50; seed++)
        {
            var (count, distance) = (2 + random.Next(20), 1 + random.Next(60));
            int[] all = [.. Enumerable.Range(0, count)];
            int[] some = [.. all.Where(n => n == 0 || n == count - 1 || random.Next(4) > 0)];
            Assert.Equal(15 * count, Minutes(Replica(A, 0, some), Replica(B, distance, all)));
            Assert.Equal(15 * count, Minutes(Replica(A, 0, all), Replica(B, distance, some)));
        }
    }
}
