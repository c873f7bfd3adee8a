using System.Net;
using Exchange.Metering;
using Exchange.Metering.Collectors;
using Exchange.Metering.Collectors.Live;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// An operator corrects readings, many at once, and collects a window again, on a page: first what it would do, then
/// doing it. 960 SU-hours of Ada's server were 480 (4 SU that were 2), Ben's server never was.
/// </summary>
public sealed class CorrectingUsageOnPages
{
    private const string Page = "/operator/corrections";
    private static readonly Period October = UsedMonth.Month.Period;

    [Fact]
    public async Task Many_readings_at_once_after_a_look_at_them()
    {
        await using var serving = await UsedMonth.Start();
        using var opal = await serving.As("operator");
        Assert.Contains($"href=\"{Page}\"", await opal.GetStringAsync(
            new Uri("/operator", UriKind.Relative), Serving.Ct), StringComparison.Ordinal);
        (string, string)[] typed =
        [
            ("landlord", "nerc"), ("source", "urn:test"), ("ids", "vm-ben\r\n"),
            ("events", UsedMonth.Event("vm-ada", "p-ada", 2)), ("reason", "half the size"),
        ];
        using var looked = await UsedMonth.Submit(opal, Page, Page, [.. typed, ("do", "look")]);
        var html = await looked.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Contains("1 readings of", html, StringComparison.Ordinal);
        Assert.Contains("Apply corrections", html, StringComparison.Ordinal);
        Assert.Equal([4m, 800m], await Vcpus(serving));

        using var done = await UsedMonth.Submit(opal, Page, Page, [.. typed, ("do", "commit")]);
        Assert.Contains("1 retracted, 1 replaced, 0 added, 0 unchanged",
            (await done.Content.ReadAsStringAsync(Serving.Ct)).ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Equal([2m], await Vcpus(serving));
        Assert.Contains("urn:test vm-ben vm-ada half the size", await opal.GetStringAsync(
            new Uri("/operator/audit", UriKind.Relative), Serving.Ct), StringComparison.Ordinal);
        Assert.Empty(await serving.Exchange.Meter.Verify(Serving.Ct));
    }

    [Theory]
    [InlineData("ids", "", "", "Name from 1 to 1000 readings")]
    [InlineData("ids", "vm-ada\nvm-ada", "", "named twice")]
    [InlineData("events", "", "{\"cut", "These are no CloudEvents")]
    [InlineData("events", "", "{\"specversion\":\"1.0\",\"id\":\"\\ud800\"}", "events-wrong")]
    [InlineData("events", "", "OTHER", "not of nerc")]
    public async Task What_is_no_correction_changes_nothing_and_says_where(
        string field, string ids, string events, string why)
    {
        await using var serving = await UsedMonth.Start();
        using var opal = await serving.As("operator");
        events = events == "OTHER"
            ? UsedMonth.Event("vm-ada", "p-ada", 2).Replace("\"nerc\"", "\"other\"", StringComparison.Ordinal)
            : events;
        using var answer = await UsedMonth.Submit(opal, Page, Page, ("landlord", "nerc"), ("source", "urn:test"),
            ("ids", ids), ("events", events), ("reason", "r"), ("do", "commit"));
        var html = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains($"id=\"{field}-wrong\"", html, StringComparison.Ordinal);
        Assert.Contains(why, html, StringComparison.Ordinal);
        Assert.Equal([4m, 800m], await Vcpus(serving));
    }

    [Fact]
    public async Task A_window_of_a_collector_that_told_it_wrong()
    {
        var source = new Retelling();
        await using var serving = await Serving.Start(
            new StoppedClock(UsedMonth.Now), with: options => options with { Collectors = [source] });
        await serving.Exchange.Meter.IngestEach([Hour("a", 1, 4), Hour("b", 2, 4)], Serving.Ct);
        source.Says = [Hour("a", 1, 2), Hour("c", 3, 2)];
        using var opal = await serving.As("operator");
        using var wrong = await UsedMonth.Submit(opal, Page, $"{Page}/window",
            ("collector", "pods"), ("from", "2026-10-02"), ("to", "2026-10-01"), ("because", "labels"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var done = await UsedMonth.Submit(opal, Page, $"{Page}/window",
            ("collector", "pods"), ("from", "2026-10-01"), ("to", "2026-10-02T00:00:00Z"), ("because", "labels"));
        Assert.Contains("1 retracted, 1 replaced, 1 added, 0 unchanged",
            (await done.Content.ReadAsStringAsync(Serving.Ct)).ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Equal([2m, 2m], await Vcpus(serving));

        source.Says = null;
        using var partly = await UsedMonth.Submit(opal, Page, $"{Page}/window",
            ("collector", "pods"), ("from", "2026-10-01"), ("to", "2026-10-02"), ("because", "labels"));
        Assert.Equal(HttpStatusCode.BadRequest, partly.StatusCode);
        Assert.Equal([2m, 2m], await Vcpus(serving));
    }

    private static async Task<List<decimal>> Vcpus(Serving serving) => (await serving.Exchange.Meter.Segments(
        new(October), Serving.Ct).ToListAsync(Serving.Ct)).ConvertAll(one => one.Shape.VCpu);

    private static Reading Hour(string id, int hour, int vcpu) => new()
    {
        Source = "urn:pods",
        Id = id,
        Type = ReadingType.Interval,
        Resource = new(Serving.Nerc, new("ocp"), "pod", id),
        Project = new("p"),
        From = October.Start + Duration.FromHours(hour),
        To = October.Start + Duration.FromHours(hour + 1),
        State = ResourceState.Running,
        Shape = Shape.Of([new("vcpu", $"{vcpu}")]),
    };

    /// <summary>A collector whose source says other things now; null where it does not say all of them.</summary>
    private sealed class Retelling : ICollectsAgain
    {
        public IReadOnlyList<Reading>? Says { get; set; } = [];

        public CollectorIdentity Identity { get; } =
            new("pods", "prometheus", Serving.Nerc, new("ocp"), Duration.FromHours(1));

        public Task Collect(Metering.Collectors.Live.Collecting collecting, bool stay, CancellationToken ct) =>
            Task.CompletedTask;

        public Period Whole(Period window) => window;

        public Task<ToldAgain> Tell(Period window, CollectorContext context, CancellationToken ct) => Says is { } all
            ? Task.FromResult(new ToldAgain(all, ["urn:pods"]))
            : throw new RefusedException(new("prometheus/partial-answer", "A store is away. Nothing is taken."));
    }
}
