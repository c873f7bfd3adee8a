using Exchange.Journal;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// A block that is not what was written is left out of what usage comes to, named, and taken in once it is restored;
/// everybody else's usage is told, corrected and rebuilt meanwhile. Seen to stop rating for all after a replay.
/// </summary>
public sealed class DamageIsLeftOut
{
    private static readonly Instant Start = Instant.FromUtc(2025, 6, 1, 0, 0);
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<int, string> Damages()
    {
        var data = new TheoryData<int, string>();
        foreach (var number in (int[])[1, 2, 4])
        {
            data.Add(number, "body = set_byte(body, 9, get_byte(body, 9) # 255)");
            data.Add(number, "body = '\\x00'");
            data.Add(number, "to_us = to_us + 1");
            data.Add(number, "");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Whoever_is_not_in_it_goes_on_and_what_is_restored_counts_as_if_nothing_had_been(
        int number, string damage)
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        foreach (var part in (int[])[0, 1, 2, 3])
        {
            await meter.Ingest(Of(part % 2 == 0 ? "a" : "b", part), Ct);
        }

        var (hurt, other) = number % 2 == 1 ? ("a", "b") : ("b", "a");
        var whole = await Told(meter, "a", "b");
        await database.Execute("create table saved as table metering.block", [], Ct);
        await database.Execute(damage.Length == 0
            ? $"delete from metering.block where number = {number}"
            : $"update metering.block set {damage} where number = {number}", [], Ct);

        // What was folded before is told as before; made anew, it is told without the block, by any process.
        Assert.Equal(whole, await Told(new(database, SystemClock.Instance), "a", "b"));
        await meter.Replay(Ct);
        foreach (var process in new[] { meter, new(database, SystemClock.Instance) })
        {
            Assert.Equal(whole.Where(line => line.StartsWith($"{other}/", StringComparison.Ordinal)), await Told(process, other));
            Assert.Equal(20, (await Told(process, hurt)).Count);
            Assert.Contains(process.Unfolded, one => one.Number == number && one.Landlords.SequenceEqual([hurt]));
            Assert.Contains($"block {number} of {hurt}", process.Damaged);
        }

        // The other's usage goes on, is corrected, and is made anew.
        meter = new(database, SystemClock.Instance);
        var after = 10 + (other == "a" ? 0 : 1);
        Assert.Equal(new(20, 0, 0), await meter.Ingest(Of(other, after), Ct));
        await meter.Ingest([Corrections.Of(
            new(other), $"urn:{other}", $"{after}-0", "a test", null, Start + Duration.FromDays(9))], Ct);
        Assert.Equal(59, (await Told(meter, other)).Count);
        await meter.Replay(Ct);
        Assert.Equal(59, (await Told(meter, other)).Count);
        Assert.Contains((await meter.Verify(Ct)).Select(found => found.Where), place => place == $"block {number}");

        await database.Execute("""
            insert into metering.block select * from saved on conflict (number) do update
              set body = excluded.body, to_us = excluded.to_us
            """, [], Ct);
        meter = new(database, SystemClock.Instance);
        Assert.Equal(
            whole.Where(line => line.StartsWith($"{hurt}/", StringComparison.Ordinal)), await Told(meter, hurt));
        Assert.Equal((59, 0), ((await Told(meter, other)).Count, meter.Unfolded.Count));
        Assert.Empty(await meter.Verify(Ct));
    }

    /// <summary>
    /// Names of which others speak, too: kept beside the block they are read from there, so that nothing is missing at
    /// all; verify names the block. Seen to stop every reader.
    /// </summary>
    [Theory]
    [InlineData(1, "\\x00")]
    [InlineData(1, "")]
    [InlineData(2, "\\xffff")]
    [InlineData(4, "\\x0102030405")]
    public async Task Names_that_cannot_be_read_are_read_from_where_else_they_are_kept(int number, string names)
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        foreach (var part in (int[])[0, 1, 2])
        {
            await meter.Ingest(Of(part % 2 == 0 ? "a" : "b", part), Ct);
        }

        await Told(meter, "a", "b");
        await meter.Ingest(Of("b", 3), Ct); // Not folded yet.
        await database.Execute("create table saved as table metering.block", [], Ct);
        await database.Execute($"update metering.block set names = '{names}' where number = {number}", [], Ct);
        meter = new(database, SystemClock.Instance);
        Assert.Equal(80, (await Told(meter, "a", "b")).Count);
        var walked = new List<Segment>();
        await meter.Read(new(new(Start, Start + Duration.FromDays(30))), byName: false, walked.Add, _ => { }, Ct);
        Assert.Equal(80, walked.Count);
        await meter.Replay(Ct);
        meter = new(database, SystemClock.Instance);
        var told = await Told(meter, "a", "b");
        Assert.Equal((80, 0, 0), (told.Count, meter.Unfolded.Count, meter.Damaged.Count));
        Assert.Contains((await meter.Verify(Ct)).Select(found => found.Where), place => place == $"block {number}");
        await database.Execute("update metering.block set names = saved.names from saved where saved.number = block.number", [], Ct);
        Assert.Empty(await meter.Verify(Ct));
        Assert.Equal(told, await Told(new(database, SystemClock.Instance), "a", "b"));

        // What is kept beside is compared, and made anew.
        await database.Execute($"update metering.block_note set names = '\\x07' where number = {number}", [], Ct);
        Assert.Equal([$"the note of block {number}"], (await meter.Verify(Ct)).Select(found => found.Where));
        await meter.Replay(Ct);
        Assert.Empty(await meter.Verify(Ct));
    }

    /// <summary>It is damaged before anybody asked what it comes to.</summary>
    [Fact]
    public async Task One_that_was_never_folded_is_left_out_too_and_its_landlords_corrections_wait_with_it()
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        await meter.Ingest(Of("a", 0), Ct);
        await meter.Ingest(Of("b", 1), Ct);
        await database.Execute("create table saved as table metering.block", [], Ct);
        await database.Execute("update metering.block set body = '\\x01' where number = 1", [], Ct);
        await meter.Ingest([Corrections.Of(new("a"), "urn:a", "0-3", "wrong", null, Start + Duration.FromDays(9))], Ct);
        Assert.Equal(20, (await Told(meter, "a", "b")).Count);
        Assert.Equal([1L], meter.Unfolded.Select(one => one.Number));
        await database.Execute(
            "update metering.block set body = saved.body from saved where saved.number = block.number", [], Ct);
        Assert.Equal(39, (await Told(meter, "a", "b")).Count);
        Assert.Empty(await new Meter(database, SystemClock.Instance).Verify(Ct));
    }

    private static async Task<List<string>> Told(Meter meter, params string[] landlords)
    {
        var told = new List<string>();
        await foreach (var one in meter.Segments(new(new(Start, Start + Duration.FromDays(30))), Ct))
        {
            if (landlords.Contains(one.Resource.Landlord.Value))
            {
                told.Add($"{one.Resource} {one.Project} {one.Period} {one.Shape}");
            }
        }

        return told;
    }

    /// <summary>Both landlords have resources in the same page, and share a project and a shape.</summary>
    private static IReadOnlyList<Collected> Of(string landlord, int part) => Twenty(landlord, part, "shared", "2");

    /// <summary>An hour of twenty VMs of a landlord.</summary>
    internal static IReadOnlyList<Collected> Twenty(string landlord, int part, string project, string vcpu) =>
    [
        .. Enumerable.Range(0, 20).Select(i => (Collected)new Reading
        {
            Source = $"urn:{landlord}",
            Id = $"{part}-{i}",
            Type = ReadingType.Interval,
            Resource = ResourceId.Parse($"{landlord}/c/vm/{part}-{i}"),
            Project = new(project),
            From = Start + Duration.FromHours(part),
            To = Start + Duration.FromHours(part + 1),
            State = ResourceState.Running,
            Shape = Shape.Of([new("vcpu", vcpu)]),
        }),
    ];
}
