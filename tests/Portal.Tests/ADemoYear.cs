using System.Text.Json;
using Exchange.Portal.Demo;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>The year that a demonstration plays when asked: the same each time, growing, of its own time.</summary>
public class ADemoYear
{
    private static DemoYear Year => new(new(DemoPlay.Seed));

    private static List<JsonElement> Read(IEnumerable<UsageEvent> events) =>
        [.. events.Select(one => JsonDocument.Parse(one.Line).RootElement)];

    [Fact]
    public void Is_the_same_each_time_and_no_id_comes_twice()
    {
        static IEnumerable<string> Lines() =>
            Year.UntilTheTrial().Concat(Year.UntilToday()).Append(Year.Correction()).Select(one => one.Line);
        string[] once = [.. Lines()];
        Assert.Equal(once, Lines());
        Assert.Equal(once.Length, Read(Year.UntilTheTrial().Concat(Year.UntilToday())).Select(
            one => one.GetProperty("id").GetString()).Distinct().Count() + 1);
    }

    /// <summary>September and October come to what they always do: nothing of the year is in them.</summary>
    [Fact]
    public void Keeps_away_from_the_months_of_the_demonstration()
    {
        Assert.All(Year.UntilTheTrial(), one => Assert.InRange(
            one.Due, DemoYear.First.Start, Instant.FromUtc(2026, 8, 29, 0, 0)));
        Assert.All(Year.UntilToday(), one => Assert.InRange(one.Due, DemoPlay.Today, DemoYear.Today));
        var last = Read(Year.UntilTheTrial()).GroupBy(one => one.GetProperty("subject").GetString()).Select(of =>
            of.MaxBy(one => one.GetProperty("time").GetString()).GetProperty("data").GetProperty("state").GetString());
        Assert.All(last, state => Assert.Equal("deleted", state));
    }

    [Fact]
    public void Grows_by_a_few_groups_each_month_and_corrects_what_was_told()
    {
        var starts = Read(Year.UntilTheTrial())
            .Where(one => one.GetProperty("data").GetProperty("kind").GetString() == "vm")
            .GroupBy(one => one.GetProperty("subject").GetString()).GroupBy(of =>
                of.Min(one => one.GetProperty("time").GetString())![..7]).OrderBy(of => of.Key).ToList();
        Assert.Equal("2025-11", starts[0].Key);
        Assert.True(starts.Count >= 5, $"{starts.Count} months begin something.");
        Assert.All(starts, of => Assert.InRange(of.Count(), 1, 4));

        var corrected = Read([Year.Correction()])[0].GetProperty("data");
        var wrong = Read(Year.UntilToday()).Single(
            one => one.GetProperty("id").GetString() == corrected.GetProperty("corrects").GetString());
        Assert.Equal("2026-11-11T11:00:00Z", wrong.GetProperty("time").GetString());
        Assert.Equal(
            "2026-11-12T11:00:00Z", corrected.GetProperty("replacement").GetProperty("time").GetString());
    }
}
