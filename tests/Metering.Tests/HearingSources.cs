using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// When sources were heard, and which are silent: faults F6, three senders that went quiet unnoticed. Seen to fail with
/// gaps measured from the last write alone, so that who sends all the time was never expected.
/// </summary>
public sealed class HearingSources
{
    private static readonly Instant Start = Instant.FromUtc(2025, 6, 1, 0, 0);
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(5, 300)] // Twice the learned minute, and no less than five.
    [InlineData(60, 300)]
    [InlineData(900, 1_800)]
    [InlineData(3_600, 7_200)]
    [InlineData(86_400, 172_800)]
    public async Task The_interval_is_learned_and_a_source_is_silent_after_twice_as_long(int every, int silentAfter)
    {
        var clock = new Hand { Now = Start };
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, clock);
        for (var sent = 0; sent < Math.Max(8, 400 / every); sent++)
        {
            clock.Now = Start + Duration.FromSeconds(every * sent);
            await meter.Ingest([Said("urn:a", sent)], Ct, "key:k");
        }

        var source = Assert.Single(await meter.Heard(Ct));
        Assert.Equal(("nerc/key:k/urn:a", Start), (source.Name, source.FirstAt));
        Assert.InRange(clock.Now - source.At, Duration.Zero, Duration.FromSeconds(15));
        Assert.Equal(Duration.FromSeconds(Math.Max(60, every)), source.Learned);
        Assert.False(source.IsSilent(source.At + Duration.FromSeconds(silentAfter - 1)));
        Assert.True(source.IsSilent(source.At + Duration.FromSeconds(silentAfter)));
    }

    [Fact]
    public async Task One_outage_does_not_make_the_next_expected_and_duplicates_are_heard_too()
    {
        var clock = new Hand { Now = Start };
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, clock);
        foreach (var hours in (int[])[0, 1, 2, 3, 51, 52, 53])
        {
            clock.Now = Start + Duration.FromHours(hours);
            Assert.Equal(1, (await meter.Ingest([Said("urn:a", 1)], Ct, "collector:c")) is var sum
                ? sum.Accepted + sum.Duplicate : 0);
        }

        Assert.Equal(Duration.FromHours(1), Assert.Single(await meter.Heard(Ct)).Learned);
    }

    [Fact]
    public async Task What_is_expected_is_said_or_learned_and_silence_and_return_are_told_once()
    {
        var book = SourceBook.Fold.Of([]);
        var heard = new HeardSource
        {
            Landlord = new("nerc"),
            Reporter = "key:k",
            Source = "urn:a",
            FirstAt = Start,
            At = Start,
            Gaps = [],
        };
        var later = Start + Duration.FromHours(3);
        Assert.Empty(SourceBook.Watch(book, [heard], later)); // Nothing is known of it.
        Then(SourceBook.Expect(book, heard.Name, new(Duration.FromHours(2)), "op", later));
        Assert.False(Assert.Single(book.With([heard])).IsSilent(Start + Duration.FromMinutes(119)));
        Assert.True(Assert.Single(book.With([heard])).IsSilent(Start + Duration.FromHours(2)));
        Then(SourceBook.Watch(book, [heard], later));
        Assert.Equal(Start, Assert.Single(book.Silences).Value.HeardAt);
        Assert.Empty(SourceBook.Watch(book, [heard], later + Duration.FromHours(1)));
        Then(SourceBook.Watch(book, [heard with { At = later }], later));
        Assert.Empty(book.Silences);
        Then(SourceBook.Expect(book, heard.Name, new(Every: null), "op", later));
        Assert.Empty(SourceBook.Watch(book, [heard with { Gaps = [60, 60, 60, 60] }], Start + Duration.FromDays(900)));
        Then(SourceBook.Expect(book, heard.Name, null, "op", later));
        Assert.Empty(book.Intervals);
        Assert.Equal("sources/bad-interval", SourceBook.Expect(
            book, heard.Name, new(Duration.FromSeconds(1)), "op", later).Refusal?.Code);
        await Task.CompletedTask;

        void Then(Decision<SourceEvent> decision)
        {
            Assert.Null(decision.Refusal);
            Assert.Single(decision.Events);
            book = SourceBook.Fold.Of([.. _happened, .. decision.Events]);
            _happened.AddRange(decision.Events);
        }
    }

    private readonly List<SourceEvent> _happened = [];

    [Fact]
    public async Task Made_up_sources_take_bounded_room_and_nobody_elses()
    {
        var clock = new Hand { Now = Start };
        await using var database = await KnowingReadings.Database();
        for (var restart = 0; restart < 3; restart++)
        {
            var meter = new Meter(database, clock);
            for (var batch = 0; batch < 4; batch++)
            {
                clock.Now += Duration.FromMinutes(1);
                await meter.Ingest(
                    Enumerable.Range(0, 500).Select(i => Said($"urn:{restart}/{batch}/{i}", i)), Ct, "key:evil");
                await meter.Ingest([Said("urn:good", clock.Now.ToUnixTimeSeconds())], Ct, "key:good");
            }
        }

        var heard = await new Meter(database, clock).Heard(Ct);
        Assert.InRange(heard.Count(one => one.Reporter == "key:evil"), 256, 2 * 256 + 1);
        var good = Assert.Single(heard, one => one.Reporter == "key:good");
        Assert.Equal(("urn:good", clock.Now), (good.Source, good.At));
        clock.Now += Duration.FromDays(91);
        await new Meter(database, clock).ForgetOldSources(Ct);
        Assert.Equal(["urn:good"], (await new Meter(database, clock).Heard(Ct)).Where(one => one.Source.Length > 0)
            .Select(one => one.Source));
    }

    private static Collected Said(string source, long id) => new Reading
    {
        Source = source,
        Id = $"{id}",
        Type = ReadingType.Sample,
        Resource = ResourceId.Parse("nerc/stack/vm/1"),
        Project = new("p"),
        From = Start - Duration.FromHours(1),
        To = Start,
        State = ResourceState.Running,
        Shape = Shape.Empty,
    };

    private sealed class Hand : IClock
    {
        public Instant Now { get; set; }

        public Instant GetCurrentInstant() => Now;
    }
}
