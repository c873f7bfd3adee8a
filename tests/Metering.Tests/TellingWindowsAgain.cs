using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>What a source says of a window again replaces what it said, and nothing else.</summary>
public sealed class TellingWindowsAgain
{
    private static readonly LandlordId Nerc = new("nerc");
    private static readonly Instant Start = Instant.FromUtc(2025, 6, 1, 0, 0);
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Drawn_windows_told_again_and_again_come_to_what_was_said_last()
    {
        foreach (var seed in Draws.Seeds(few: 3, many: 40))
        {
            var random = new Random(seed);
            await using var database = await KnowingReadings.Database();
            var meter = new Meter(database, SystemClock.Instance, readingsInMemory: 30);
            var holds = Enumerable.Range(0, 90).Select(Of).ToDictionary(reading => reading.Id);
            await KnowingReadings.Ingest(meter, holds.Values);
            await KnowingReadings.Ingest(meter, Enumerable.Range(0, 90).Select(i => Of(i) with
            {
                Source = "urn:bystander",
                Resource = ResourceId.Parse($"nerc/stack/vm/bystander-{i % 3}"),
            }));
            var now = Start + Duration.FromDays(30);
            for (var turn = 0; turn < 5; turn++)
            {
                var from = Start + Duration.FromHours(random.Next(20));
                var window = new Period(from, from + Duration.FromHours(random.Next(1, 15)));
                var said = Enumerable.Range(0, 110).Where(i => window.Contains(Of(i).From) && random.Next(4) > 0)
                    .Select(i => Of(i) with { Project = new($"p{random.Next(2)}") }).ToList();
                now += Duration.FromMinutes(1);
                await meter.Corrections.TellAgain(Nerc, "urn:t", window, said, "again", now, Ct);
                Assert.Equal(
                    new WindowCorrected(said.Count, 0, 0, 0), await meter.Corrections.TellAgain(
                        Nerc, "urn:t", window, said, "again", now + Duration.FromSeconds(1), Ct));
                foreach (var gone in holds.Values.Where(reading => window.Contains(reading.From)).ToList())
                {
                    holds.Remove(gone.Id);
                }

                said.ForEach(reading => holds[reading.Id] = reading);
            }

            await using var plain = await KnowingReadings.Database();
            var expected = new Meter(plain, SystemClock.Instance);
            await KnowingReadings.Ingest(expected, holds.Values);
            Assert.Equal(await Told(expected), await Told(meter));
            Assert.Equal(90, await Bystanders(meter));
            Assert.Empty(await meter.Verify(Ct));
        }
    }

    [Fact]
    public async Task A_reading_of_another_window_source_or_landlord_is_refused()
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        var window = new Period(Start, Start + Duration.FromHours(1));
        foreach (var (landlord, source, number) in ((LandlordId, string, int)[])
            [(new("other"), "urn:t", 0), (Nerc, "urn:u", 0), (Nerc, "urn:t", 50)])
        {
            var refused = await Assert.ThrowsAsync<RefusedException>(() => meter.Corrections.TellAgain(
                landlord, source, window, [Of(number)], "again", Start, Ct));
            Assert.Equal("correct/other-window", refused.Refusal.Code);
        }
    }

    private static Reading Of(int number) => KnowingReadings.Hour(number) with
    {
        Source = "urn:t",
        Resource = ResourceId.Parse($"nerc/stack/vm/{number % 3}"),
        From = Start + Duration.FromHours(number / 3),
        To = Start + Duration.FromHours((number / 3) + 1),
    };

    private static async Task<List<string>> Told(Meter meter) =>
        [.. (await Segments(meter)).Where(s => !s.Resource.Subject.StartsWith("by", StringComparison.Ordinal))
            .Select(s => $"{s.Resource} {s.Project} {s.Period}")];

    private static async Task<int> Bystanders(Meter meter) =>
        (int)(await Segments(meter)).Where(s => s.Resource.Subject.StartsWith("by", StringComparison.Ordinal))
            .Sum(s => (decimal)s.Period.Length.TotalHours);

    private static async Task<List<Segment>> Segments(Meter meter) => await meter.Segments(
        new(new(Start, Start + Duration.FromDays(30))), Ct).ToListAsync(Ct);
}
