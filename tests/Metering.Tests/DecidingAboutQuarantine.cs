using System.Text;
using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>What operators decide about readings that were set aside.</summary>
public sealed class DecidingAboutQuarantine
{
    private static readonly Instant Now = Instant.FromUtc(2025, 6, 3, 0, 0);
    private static readonly UsageQuery June =
        new(new(Instant.FromUtc(2025, 6, 1, 0, 0), Instant.FromUtc(2025, 7, 1, 0, 0)));
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reading_of_the_future_counts_once_when_it_is_released_after_its_time_came()
    {
        await using var database = await Database();
        var early = new Meter(database, new Stopped(Now));
        Assert.Equal(new(0, 0, 1), await Send(early, Event("2025-06-04T00:00:00Z")));
        var name = Assert.Single(await early.Quarantine("waiting", 9, Ct)).Name;
        var refused = await Assert.ThrowsAsync<RefusedException>(() => early.Release(name, null, "ada", Ct));
        Assert.Equal("quarantine/still-wrong", refused.Refusal.Code);

        var later = new Meter(database, new Stopped(Now + Duration.FromDays(2)));
        Assert.Equal(new(1, 0, 0), await later.Release(name, null, "ada", Ct));
        await Assert.ThrowsAsync<RefusedException>(() => later.Discard(name, "no", "ada", Ct));
        Assert.Equal(2.5m, Assert.Single(await later.Totals(June, Ct)).Quantity);
        Assert.Equal(("released", "ada"), Status(Assert.Single(await later.Quarantine("", 9, Ct))));
        Assert.Empty(await later.Quarantine(9, Ct));
    }

    [Fact]
    public async Task What_was_discarded_stays_so_though_it_is_sent_again_and_all_is_replayed()
    {
        await using var database = await Database();
        var meter = new Meter(database, new Stopped(Now));
        await Send(meter, Event("yesterday"));
        var name = Assert.Single(await meter.Quarantine("waiting", 9, Ct)).Name;
        await Assert.ThrowsAsync<RefusedException>(() => meter.Discard(name, " ", "ada", Ct));
        await meter.Discard(name, "a test", "ada", Ct);
        await using (var forget = database.CreateCommand("update metering.quarantine set fate = 'waiting'"))
        {
            await forget.ExecuteNonQueryAsync(Ct);
        }

        await meter.Replay(Ct);
        await Send(meter, Event("yesterday"));
        var kept = Assert.Single(await meter.Quarantine("", 9, Ct));
        Assert.Equal(("discarded", "ada"), Status(kept));
        Assert.Equal("a test", kept.Because);
        Assert.Equal(Now, kept.DecidedAt);
    }

    /// <summary>
    /// What one landlord's key has set aside is as large as it likes; who counts or lists it reads none of it. A dry run of
    /// a close took 425 MB for 2,552 of them, since it read every text to count them.
    /// </summary>
    [Fact]
    public async Task What_is_set_aside_is_counted_and_listed_without_what_it_holds()
    {
        await using var database = await Database();
        var meter = new Meter(database, new Stopped(Now));
        var big = Event("yesterday").Replace("\"id\":\"", $"\"id\":\"{new string('x', 1_000_000)}", StringComparison.Ordinal);
        Assert.Equal(new(0, 0, 2), await Send(meter, big + "\n" + big.Replace("yesterday", "tomorrow", StringComparison.Ordinal)));
        Assert.All(await meter.Quarantine("waiting", 9, Ct), one => Assert.Equal(
            (Name.MaxLength, true), (one.Misfit.Id.Length, one.Misfit.Text.Length <= (1 << 16) + 1)));
        Assert.Equal((2, 1), (await meter.WaitingInQuarantine(9, Ct), await meter.WaitingInQuarantine(1, Ct)));
        Assert.Equal(2, (await meter.WaitingByReason(9, Ct)).Single().Readings);
        Assert.All(await meter.SetAside(new("waiting", 9) { Letters = 0 }, Ct), one => Assert.Equal("", one.Misfit.Text));
        Assert.Single(await meter.SetAside(new("waiting", 9) { AllLetters = 10 }, Ct)); // The other one is for the next time.
        var all = await meter.Quarantine("", 9, Ct);
        Assert.Equal(all[1].Name, Assert.Single(await meter.SetAside(new("", 9) { Name = all[1].Name }, Ct)).Name);
        Assert.Empty(await meter.SetAside(new("", 9) { Reason = "reading/other" }, Ct));
    }

    [Fact]
    public async Task A_corrected_event_is_taken_in_the_place_of_the_wrong_one()
    {
        await using var database = await Database();
        var meter = new Meter(database, new Stopped(Now));
        await Send(meter, Event("yesterday"));
        var name = Assert.Single(await meter.Quarantine("waiting", 9, Ct)).Name;
        Assert.Equal(new(1, 0, 0), await meter.Release(name, Event("2025-06-02T00:00:00Z"), "ada", Ct));
        Assert.Equal(2.5m, Assert.Single(await meter.Totals(June, Ct)).Quantity);
    }

    /// <summary>
    /// Of corrections too the first of an id counts; the operator takes the other as one of now. Seen to be refused as
    /// 'only a reading of same-id-other-content', which it was. Then the first comes back by one more correction.
    /// </summary>
    [Theory]
    [InlineData("5", "7", "7")]
    [InlineData("5", null, null)]
    [InlineData(null, "7", "7")]
    public async Task A_correction_whose_id_has_other_content_is_taken_as_one_of_now(string? first, string? other, string? counts)
    {
        await using var database = await Database();
        var meter = new Meter(database, new Stopped(Now));
        await Send(meter, Event("2025-06-02T00:00:00Z"));
        await Send(meter, Correction(first));
        Assert.Equal(1, (await Send(meter, Correction(other))).Quarantined);
        var name = Assert.Single(await meter.Quarantine("waiting", 9, Ct)).Name;
        var id = await meter.CorrectBy(name, "the second is right", "ada", Ct);
        Assert.Equal(counts is null ? 0 : decimal.Parse(counts), (await meter.Totals(June, Ct)).Sum(one => one.Quantity));
        await meter.Ingest([Corrections.Of(new("nerc"), "urn:t", id, "no, the first", null, Now)], Ct);
        Assert.Equal(first is null ? 0 : decimal.Parse(first), (await meter.Totals(June, Ct)).Sum(one => one.Quantity));
        Assert.Empty(await meter.Verify(Ct));
    }

    private static string Correction(string? quantity)
    {
        var right = quantity is null ? "" : ",\"replacement\":" + $$$"""
            {"type":"exchange.usage.count.v1","data":{"project":"p","meter":"egress","quantity":"{{{quantity}}}"}}
            """;
        return $$$"""
            {"specversion":"1.0","id":"c","source":"urn:t","type":"exchange.usage.correction.v1","time":"2025-06-02T12:00:00Z",
             "data":{"landlord":"nerc","corrects":"x","reason":"wrong"{{{right}}}}}
            """;
    }

    private static (string, string?) Status(QuarantinedReading row) => (row.Fate, row.By);

    private static Task<NpgsqlDataSource> Database() =>
        TestDatabase.New(typeof(IJournal).Assembly, typeof(Meter).Assembly);

    private static Task<IngestOutcome> Send(Meter meter, string text) =>
        meter.IngestCloudEvents(new MemoryStream(Encoding.UTF8.GetBytes(text)), "-", Ct);

    private static string Event(string time) =>
        """{"specversion":"1.0","id":"x","source":"urn:t","type":"exchange.usage.count.v1","subject":"b",""" +
        $$"""
        "time":"{{time}}","data":{"landlord":"nerc","cluster":"s3","project":"p","kind":"bucket","meter":"egress",
        """.Trim() + "\"quantity\":\"2.5\"}}";

    private sealed class Stopped(Instant now) : IClock
    {
        public Instant GetCurrentInstant() => now;
    }
}
