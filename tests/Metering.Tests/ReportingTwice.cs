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
