using Exchange.Journal;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>What lanes do where something of them is away, stopped half way, or not what it is called.</summary>
public sealed partial class LivingInLanes
{
    /// <summary>Without that the next try found the new place open, took it for the old one and refused for ever.</summary>
    [Fact]
    public async Task A_lane_that_was_moved_and_not_yet_said_to_be_is_moved_by_the_next_try()
    {
        await using var lanes = await Some(2);
        var mover = lanes.Meter();
        await lanes.Do(mover, m => new AddLane(m, "west", "db-1", "test"));
        await lanes.Do(mover, m => new MoveLandlord(m, new("bu"), "west", "test"));
        await KnowingReadings.Ingest(mover, [Vm("bu", 0), Vm("mit", 0)]);
        var move = new LaneMove(
            (await mover.Lanes.Now(Ct))[1], await mover.Lanes.Databases.Open("db-2", Ct), mover.Lanes.Host);
        await move.Begin(isBegun: false, Ct);
        await move.Copy(Ct);
        await lanes.Say(new LaneEvent.Moving(1, "db-2", "test", lanes.Clock.GetCurrentInstant()));
        await move.Close(Ct);
        await move.Finish(Ct); // And here the server dies.
        var next = lanes.Meter();
        await lanes.Do(next, m => new MoveLane(m, "west", "db-2", "test"));
        Assert.Equal(new(1, 2, 0), await KnowingReadings.Ingest(next, [Vm("bu", 0), Vm("bu", 1), Vm("mit", 0)]));
        Assert.Empty(await lanes.Meter().Verify(Ct));
    }

    /// <summary>
    /// The west leaves a database, which is emptied and becomes the east's. A server that was told of neither takes of
    /// bu what is new, where bu lives. Seen to fail: it took all of it once more, among the readings of the east.
    /// </summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task A_database_that_is_another_lane_s_since_takes_nothing_of_the_one_that_left_it(bool hasTaken)
    {
        await using var lanes = await Some(3);
        var (mover, stale) = (lanes.Meter(), lanes.Meter());
        await using var empty = await DatabaseDump.Of(await mover.Lanes.Databases.Open("db-1", Ct));
        await lanes.Do(mover, m => new AddLane(m, "west", "db-1", "test"));
        await lanes.Do(mover, m => new AddLane(m, "east", "db-2", "test"));
        await lanes.Do(mover, m => new MoveLandlord(m, new("bu"), "west", "test"));
        await stale.Lanes.Now(Ct);
        await KnowingReadings.Ingest(hasTaken ? stale : mover, [Vm("bu", 0)]);
        await lanes.Do(mover, m => new MoveLane(m, "west", "db-3", "test"));
        await empty.Restore();
        await lanes.Do(mover, m => new MoveLane(m, "east", "db-1", "test"));

        Assert.Equal(new(1, 1, 0), await KnowingReadings.Ingest(stale, [Vm("bu", 0), Vm("bu", 1)]));
        Assert.Equal(2, await Hours(lanes.Meter(), "bu"));
        Assert.Empty(await lanes.Meter().Verify(Ct));
    }

    /// <summary>
    /// Bu lived in the west once, and a server still thinks so. Without that what it wrote there after the move was
    /// given up was taken, and told to nobody.
    /// </summary>
    [Fact]
    public async Task A_move_that_is_given_up_after_the_other_lane_was_opened_closes_it_and_loses_nothing()
    {
        await using var lanes = await Some(1);
        var (mover, home) = (lanes.Meter(), new LandlordId("bu"));
        await lanes.Do(mover, m => new AddLane(m, "west", "db-1", "test"));
        await lanes.Do(mover, m => new MoveLandlord(m, home, "west", "test"));
        var stale = (await lanes.Meter().Lanes.Now(Ct))[1];
        await KnowingReadings.Ingest(mover, [Vm("bu", 0)]);
        await lanes.Do(mover, m => new MoveLandlord(m, home, "home", "test"));
        await Assert.ThrowsAsync<MovedAwayException>(() => Take(stale, Vm("bu", 1)));
        var map = await mover.Lanes.Now(Ct);
        var move = new LandlordMove(map[0], map[1], home, lanes.Clock.GetCurrentInstant());
        await move.Copy(Ct);
        await lanes.Say(new LaneEvent.LandlordMoving(home, 0, 1, "test", lanes.Clock.GetCurrentInstant()));
        await move.Close(Ct);
        await move.Finish(Ct); // The west is open, and the journal does not say so.
        Assert.Equal(new(1, 0, 0), (await Take(stale, Vm("bu", 2))).Outcome);
        Assert.Equal(1, (await lanes.Do(lanes.Meter(), m => new MoveLandlord(m, home, "home", "test"))).Brought);
        await Assert.ThrowsAsync<MovedAwayException>(() => Take(stale, Vm("bu", 3)));
        Assert.Equal(new(1, 2, 0), await KnowingReadings.Ingest(mover, [Vm("bu", 0), Vm("bu", 2), Vm("bu", 3)]));
        Assert.Equal(3, await Hours(lanes.Meter()));
        Assert.Empty(await lanes.Meter().Verify(Ct));
    }

    /// <summary>Where nothing was closed yet nothing was opened either, so the other lane need not be there.</summary>
    [Fact]
    public async Task A_move_into_a_lane_that_is_away_is_given_up_without_it()
    {
        await using var lanes = await Some(1);
        var mover = lanes.Meter();
        await lanes.Do(mover, m => new AddLane(m, "west", "db-1", "test"));
        await KnowingReadings.Ingest(mover, [Vm("bu", 0)]);
        await lanes.Say(new LaneEvent.LandlordMoving(new("bu"), 0, 1, "test", lanes.Clock.GetCurrentInstant()));
        var other = lanes.Meter(() => new() { ["db-1"] = Nowhere });
        await lanes.Do(other, m => new MoveLandlord(m, new("bu"), "home", "test"));
        Assert.Equal(new(1, 1, 0), await KnowingReadings.Ingest(mover, [Vm("bu", 0), Vm("bu", 1)]));
    }

    /// <summary>
    /// A server starts while a lane is away, another has no name of it in its settings. Seen to fail: neither took or
    /// told anything of anybody.
    /// </summary>
    [Fact]
    public async Task A_lane_that_is_away_or_not_named_stops_its_own_landlords_only()
    {
        await using var lanes = await Some(1);
        var meter = lanes.Meter();
        await lanes.Do(meter, m => new AddLane(m, "west", "db-1", "test"));
        await lanes.Do(meter, m => new MoveLandlord(m, new("bu"), "west", "test"));
        await KnowingReadings.Ingest(meter, [Vm("bu", 0)]);
        Assert.True(await meter.HasUsageOf(new LandlordId("bu"), Ct)); // At home nobody ever heard of it.
        Assert.True(await meter.HasUsageOf(new ProjectId("p1"), Ct));
        Assert.False(await meter.HasUsageOf(new ProjectId("p2"), Ct));

        var settings = new Dictionary<string, string> { ["db-1"] = Nowhere };
        var away = lanes.Meter(() => settings);
        Assert.Equal(16, new NpgsqlConnectionStringBuilder(
            away.Lanes.Databases.Pool("db-1").ConnectionString).MaxPoolSize);
        Assert.Equal(new(1, 0, 0), await KnowingReadings.Ingest(away, [Vm("mit", 0)]));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => KnowingReadings.Ingest(away, [Vm("bu", 1)]));
        Assert.Equal(1, await Hours(away, "mit"));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Hours(away, "bu"));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Hours(away));

        settings.Clear();
        var blind = lanes.Meter(() => settings);
        Assert.Equal(new(1, 0, 0), await KnowingReadings.Ingest(blind, [Vm("mit", 1)]));
        Assert.Equal(2, await Hours(blind, "mit"));
        foreach (var ask in (Func<Task>[])[
            () => KnowingReadings.Ingest(blind, [Vm("bu", 1)]), () => Hours(blind, "bu"), () => Hours(blind)])
        {
            var refusal = (await Assert.ThrowsAsync<RefusedException>(ask)).Refusal;
            Assert.Equal("lanes/unknown-database", refusal.Code);
            Assert.True(Meter.IsElsewhere(refusal)); // Senders keep it and send it again.
        }

        // It is asked again as soon as the settings say where.
        settings["db-1"] = lanes.Databases["db-1"];
        Assert.Equal(new(1, 1, 0), await KnowingReadings.Ingest(blind, [Vm("bu", 0), Vm("bu", 1)]));
        Assert.Equal(4, await Hours(blind));
    }

    /// <summary>Without that the first try failed for all that came after it, too.</summary>
    [Fact]
    public async Task A_lane_whose_tables_could_not_be_made_is_asked_again_by_the_next_who_needs_it()
    {
        await using var lanes = await Some(1);
        await lanes.Do(lanes.Meter(), m => new AddLane(m, "west", "db-1", "test"));
        await lanes.Do(lanes.Meter(), m => new MoveLandlord(m, new("bu"), "west", "test"));
        await using var west = DataSources.Open(lanes.Databases["db-1"]);
        const string Newer = "insert into journal.schema_step (module, number, name) values ('metering', 999, 'newer')";
        await west.Execute(Newer, [], Ct);
        var meter = lanes.Meter();
        Assert.Equal("schema/newer", (await Assert.ThrowsAsync<RefusedException>(
            () => KnowingReadings.Ingest(meter, [Vm("bu", 0)]))).Refusal.Code);
        await west.Execute("delete from journal.schema_step where number = 999", [], Ct);
        Assert.Equal(new(1, 0, 0), await KnowingReadings.Ingest(meter, [Vm("bu", 0)]));
    }

    /// <summary>Without that a move of an empty lane to itself would close it and wait for itself.</summary>
    [Fact]
    public async Task A_lane_is_not_moved_to_where_it_is_under_another_name_nor_called_like_a_landlord()
    {
        await using var lanes = await Some(2);
        var meter = lanes.Meter();
        lanes.Databases["also-1"] = lanes.Databases["db-1"];
        await lanes.Do(meter, m => new AddLane(m, "west", "db-1", "test"));
        await KnowingReadings.Ingest(meter, [Vm("bu", 0)]);
        await Refused("lanes/same-database", m => new MoveLane(m, "west", "also-1", "test"));
        await Refused("lanes/same-database", m => new AddLane(m, "east", "also-1", "test"));
        await Refused("lanes/landlord", m => new AddLane(m, "bu", "db-2", "test"));
        await lanes.Do(meter, m => new MoveLandlord(m, new("bu"), "west", "test"));
        Assert.Equal(new(1, 1, 0), await KnowingReadings.Ingest(meter, [Vm("bu", 0), Vm("bu", 1)]));

        async Task Refused<T>(string code, Func<Meter, ICommand<T>> command) => Assert.Equal(
            code, (await Assert.ThrowsAsync<RefusedException>(() => lanes.Do(meter, command))).Refusal.Code);
    }

    /// <summary>
    /// A close must know what is there now. Without that the seal of a server whose clock is ahead was taken for now.
    /// </summary>
    [Fact]
    public async Task Ends_are_sealed_by_settings_that_come_late_and_after_a_clock_that_is_ahead()
    {
        await using var lanes = await Some(1);
        Dictionary<string, string>? settings = null;
        var early = lanes.Meter(() => settings);
        await early.Seal(Ct);
        await lanes.Do(lanes.Meter(), m => new AddLane(m, "west", "db-1", "test"));
        settings = lanes.Databases;
        await early.Seal(Ct);
        var seals = new PostgresJournal(lanes.Ledger, lanes.Clock);
        Assert.Single(await seals.Read<LaneHeadsEvent>("laneheads-2026-11-10", Ct));

        var ahead = lanes.Meter(() => settings, Duration.FromHours(1));
        await KnowingReadings.Ingest(early, [Vm("bu", 0)]);
        var first = await ahead.Progress.Head(Ct);
        await KnowingReadings.Ingest(early, [Vm("bu", 1)]);
        var now = await early.Progress.Head(Ct);
        Assert.Equal(first + 1, now);
        Assert.Equal(["0"], (await early.ReadingsBehind(Vm("bu", 0).Resource, October, Ct, first)).Select(r => r.Id));
        Assert.Equal(["0", "1"], (await early.ReadingsBehind(Vm("bu", 0).Resource, October, Ct, now)).Select(r => r.Id));
    }

    private const string Nowhere = "Host=127.0.0.1;Port=1;Username=nobody;Database=nothing";

    private static async Task<int> Hours(Meter meter, string landlord)
    {
        var sum = Duration.Zero;
        await foreach (var segment in meter.Segments(All with { Landlord = new LandlordId(landlord) }, Ct))
        {
            sum += segment.Period.Length;
        }

        return (int)sum.TotalHours;
    }
}
