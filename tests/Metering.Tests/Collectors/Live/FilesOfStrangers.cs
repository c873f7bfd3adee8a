using Exchange.Metering.Collectors.Live;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests.Collectors.Live;

/// <summary>
/// Whoever may put files into a landlord's directory says nothing of another landlord, and has nothing read that they
/// could not read themselves. Seen before: events of anybody were taken, and links were followed wherever they led.
/// </summary>
public sealed class FilesOfStrangers : IDisposable
{
    private static readonly Instant Now = Instant.FromUtc(2026, 10, 1, 12, 0);
    private readonly string _folder = Directory.CreateTempSubdirectory("exchange-drop-").FullName;
    private readonly string _elsewhere = Directory.CreateTempSubdirectory("exchange-elsewhere-").FullName;
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hold_nothing_of_another_landlord(bool isUsual)
    {
        await using var live = await LiveMeter.New(Now);
        List<string> events = [Event("a", "lenovo"), Event("b", "nerc"), Event("c", "lenovo"), Event("d", "NERC")];
        await File.WriteAllTextAsync(Path.Combine(_folder, "1.json"), string.Join('\n', isUsual ? events
            : events.Select(line => line.Replace("\"subject\"", "\"odd\":[1],\"subject\"", StringComparison.Ordinal))), Ct);
        var taken = (await live.Runner.Once(Collector(live), Ct))!;
        Assert.Equal((2, 2), (taken.Accepted, taken.Quarantined));
        var aside = await live.Meter.Quarantine(10, Ct);
        Assert.Equal(["lenovo file/not-its-landlord", "lenovo file/not-its-landlord"],
            aside.Select(one => $"{one.Landlord} {one.Reason}"));
    }

    [Fact]
    public async Task Are_no_links_that_lead_out_of_the_directory()
    {
        await using var live = await LiveMeter.New(Now);
        await File.WriteAllTextAsync(Path.Combine(_elsewhere, "x.json"), Event("a", "lenovo"), Ct);
        await File.WriteAllTextAsync(Path.Combine(_folder, "own.json"), Event("b", "lenovo"), Ct);
        File.CreateSymbolicLink(Path.Combine(_folder, "1.json"), Path.Combine(_elsewhere, "x.json"));
        File.CreateSymbolicLink(Path.Combine(_folder, "2.json"), $"../{Path.GetFileName(_elsewhere)}/x.json");
        File.CreateSymbolicLink(Path.Combine(_folder, "3.json"), Path.Combine(_folder, "1.json"));
        File.CreateSymbolicLink(Path.Combine(_folder, "4.json"), Path.Combine(_folder, "own.json"));
        File.CreateSymbolicLink(Path.Combine(_folder, "5.json"), "own.json");
        var refused = (await Assert.ThrowsAsync<RefusedException>(() => live.Runner.Once(Collector(live), Ct))).Refusal;
        Assert.Equal(("file/link-outside", Path.Combine(_folder, "1.json")), (refused.Code, refused.Where));
        Assert.Contains("2 more files", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await live.State("drop")).Accepted);
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(_elsewhere, recursive: true);
    }

    private FileDrop Collector(LiveMeter live) => FileDrop.Of(
        new("drop", "files", new("lenovo"), null, Duration.FromMinutes(1)), _folder, "*.json", "cloudevents", live.Meter,
        new(live.Database));

    private static string Event(string id, string landlord) =>
        $$$"""{"specversion":"1.0","id":"{{{id}}}","source":"urn:x","type":"exchange.usage.interval.v1","subject":"node-1","time":"2026-10-01T02:00:00Z","data":{"landlord":"{{{landlord}}}","cluster":"site-17","project":"p","kind":"baremetal","from":"2026-10-01T01:00:00Z","to":"2026-10-01T02:00:00Z","state":"running","shape":{"node":"node-1"} }}""";
}
