using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// One machine that two landlords report at the same time is named: faults D9, a state without an end at one and a new
/// one at the other, which both billed.
/// </summary>
public sealed class ReportingTwice
{
    private static readonly Instant Start = Instant.FromUtc(2026, 10, 1, 0, 0);
    private static readonly Period October = new(Start, Instant.FromUtc(2026, 11, 1, 0, 0));
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_overlaps_is_named_and_what_moved_or_is_something_else_is_not()
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        await meter.Ingest(
            [
                State("nerc/stack/vm/both", 1), State("bu/cloud/vm/both", 3),
                State("nerc/stack/vm/moved", 1), State("nerc/stack/vm/moved", 5, ResourceState.Deleted),
                State("bu/cloud/vm/moved", 5),
                State("nerc/stack/vm/other-kind", 1), State("bu/cloud/volume/other-kind", 1),
                State("nerc/stack/vm/own", 1), State("nerc/second/vm/own", 1),
                State("nerc/stack/vm/later", 1), State("bu/cloud/vm/later", 45),
            ], Ct);
        var twice = Assert.Single(await meter.ReportedTwice(October, Ct));
        Assert.Equal(("nerc/stack/vm/both", "bu/cloud/vm/both"), ($"{twice.First}", $"{twice.Second}"));
        Assert.Equal(new Period(Start + Duration.FromDays(3), October.End), twice.Period);
        Assert.Equal(2, (await meter.ReportedTwice(new(October.Start, October.End + Duration.FromDays(30)), Ct)).Count);
    }

    /// <summary>
    /// An id in large letters at one and in small ones at the other is one machine: seen to be named by nobody. Of three
    /// who claim it each two are named, and what one landlord calls nearly alike hides nothing.
    /// </summary>
    [Theory]
    [InlineData("vm/3F2A-b", "vm/3f2a-B")]
    [InlineData("VM/node", "vm/Node")]
    [InlineData("bucket/Größe", "bucket/GRÖßE")]
    public async Task What_differs_in_large_and_small_letters_alone_is_one(string ours, string theirs)
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        await meter.Ingest(
            [
                State($"nerc/stack/{ours}", 1), State($"nerc/second/{theirs}", 1), State($"bu/cloud/{theirs}", 3),
                State($"mit/cloud/{ours}", 4), State("mit/cloud/vm/none", 1),
            ], Ct);
        var twice = await meter.ReportedTwice(October, Ct);
        Assert.Equal(
            ["bu mit", "bu nerc", "bu nerc", "mit nerc", "mit nerc"],
            twice.Select(of => string.Join(' ', new[] { of.First.Landlord.Value, of.Second.Landlord.Value }.Order()))
                .Order());
    }

    /// <summary>Buckets and networks are counted and claim nothing: seen to be named by nobody.</summary>
    [Theory]
    [InlineData("1,2", "2,3", "moved")]
    [InlineData("1,2,3", "2,3", "2")]
    [InlineData("2", "2", "2")]
    [InlineData("5,2", "4,2", "2")]
    [InlineData("1", "2", "")]
    [InlineData("2,9 other", "9", "")]
    [InlineData("state", "7", "7")]
    public async Task What_is_counted_on_the_same_day_is_named_too(string ours, string theirs, string named)
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        await meter.Ingest(Counts("nerc/stack/bucket/b", ours).Concat(Counts("bu/cloud/bucket/b", theirs)), Ct);
        var twice = await meter.ReportedTwice(October, Ct);
        if (int.TryParse(named, out var day))
        {
            Assert.Equal(
                new Period(Start + Duration.FromDays(day), Start + Duration.FromDays(day + 1)), Assert.Single(twice).Period);
        }
        else
        {
            Assert.Empty(twice);
        }
    }

    private static IEnumerable<Collected> Counts(string resource, string days) => days.Split(',')
        .Select(day => day.Split(' ')).Select(day => day[0] == "state" ? State(resource, 1) : new Reading
        {
            Source = $"urn:{resource.Split('/')[0]}",
            Id = $"{resource}@{day[0]}",
            Type = ReadingType.Count,
            Resource = ResourceId.Parse(resource),
            Project = new("p"),
            From = Start + Duration.FromDays(int.Parse(day[0])) + Duration.FromHours(3),
            To = Start + Duration.FromDays(int.Parse(day[0])) + Duration.FromHours(3),
            Meter = day.Length > 1 ? day[1] : "gib_stored",
            Quantity = 2,
        });

    private static Collected State(string resource, int day, ResourceState state = ResourceState.Running) => new Reading
    {
        Source = $"urn:{resource.Split('/')[0]}",
        Id = $"{resource}@{day}",
        Type = ReadingType.State,
        Resource = ResourceId.Parse(resource),
        Project = new("p"),
        From = Start + Duration.FromDays(day),
        To = Start + Duration.FromDays(day),
        State = state,
        Shape = Shape.Empty,
    };
}
