using Exchange.Journal;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>Landlords live in lanes: what is asked where one is closed, and what is sealed of all of them.</summary>
public sealed partial class LivingInLanes
{
    /// <summary>
    /// Who alone writes commits without a lock, and where nothing is fresh writes nothing: also then the epoch is
    /// asked, or a server that knows of no move would say of what came back that it is there. Seen to fail where a
    /// commit of duplicates does not ask for the epoch.
    /// </summary>
    [Fact]
    public async Task What_was_taken_already_is_refused_where_it_was_taken_once_its_landlord_has_moved()
    {
        await using var lanes = await Some(1);
        var (server, mover) = (lanes.Meter(), lanes.Meter());
        await lanes.Do(mover, m => new AddLane(m, "west", "db-1", "test"));
        await KnowingReadings.Ingest(server, [Vm("bu", 0), Vm("mit", 0)]);
        Assert.Equal(new(0, 1, 0), (await Take(server.Lanes.Home, Vm("bu", 0))).Outcome);
        var map = await mover.Lanes.Now(Ct);
        var move = new LandlordMove(map[0], map[1], new("bu"), lanes.Clock.GetCurrentInstant());
        await move.Copy(Ct);
        await move.Close(Ct);
        await Assert.ThrowsAsync<MovedAwayException>(() => Take(server.Lanes.Home, Vm("bu", 0)));
        Assert.Equal(new(0, 1, 0), (await Take(server.Lanes.Home, Vm("mit", 0))).Outcome);
    }

    /// <summary>
    /// A server that knew the lane there from before asks while it is still closed, and learns that everybody is
    /// elsewhere; the move was begun three times, so the epoch there is the higher one. Seen to fail, with 503 for
    /// ever, where the end of the move does not raise it.
    /// </summary>
    [Fact]
    public async Task A_lane_that_comes_back_opens_for_who_found_it_closed()
    {
        await using var lanes = await Some(2);
        var (server, mover) = (lanes.Meter(), lanes.Meter());
        await lanes.Do(mover, m => new AddLane(m, "west", "db-1", "test"));
        await lanes.Do(mover, m => new MoveLandlord(m, new("bu"), "west", "test"));
        await KnowingReadings.Ingest(server, [Vm("bu", 0)]);
        var known = (await server.Lanes.Now(Ct))[1];
        await lanes.Do(mover, m => new MoveLane(m, "west", "db-2", "test"));
        await KnowingReadings.Ingest(server, [Vm("bu", 1)]);
        var back = new LaneMove(
            (await mover.Lanes.Now(Ct))[1], await mover.Lanes.Databases.Open("db-1", Ct), mover.Lanes.Host);
        for (var begun = 0; begun < 3; begun++)
        {
            await back.Begin(isBegun: false, Ct);
        }

        await back.Copy(Ct);
        await Assert.ThrowsAsync<MovedAwayException>(() => Take(known, Vm("bu", 1)));
        await back.Close(Ct);
        await back.Finish(Ct);
        await lanes.Say(new LaneEvent.Moved(1, "db-1", "test", lanes.Clock.GetCurrentInstant()));
        Assert.Equal(new(1, 2, 0), await KnowingReadings.Ingest(server, [Vm("bu", 0), Vm("bu", 1), Vm("bu", 2)]));
        Assert.Same(known, (await server.Lanes.Now(Ct))[1]);
        Assert.Equal(3, await Hours(server));
        Assert.Empty(await mover.Verify(Ct));
    }

    [Fact]
    public async Task A_seal_whose_root_is_not_what_its_ends_come_to_is_named()
    {
        await using var lanes = await Some(1);
        var meter = lanes.Meter();
        await lanes.Do(meter, m => new AddLane(m, "west", "db-1", "test"));
        await KnowingReadings.Ingest(meter, [Vm("bu", 0)]);
        await meter.Progress.Head(Ct);
        await KnowingReadings.Ingest(meter, [Vm("bu", 1)]);
        await meter.Progress.Head(Ct);
        Assert.Empty(await meter.Verify(Ct));

        // The end of the first seal is now told as block 0: no lane lacks that.
        await lanes.Ledger.Execute("""
            update journal.mt_events
            set bdata = convert_to(replace(convert_from(bdata, 'UTF8'), '"number":1,', '"number":0,'), 'UTF8')
            where stream_id like 'laneheads-%' and version = 1
            """, [], Ct);
        var wrong = Assert.Single(await lanes.Meter().Verify(Ct));
        Assert.Equal(("meter/seal-differs", "laneheads-2026-11-10, seal 1"), (wrong.Code, wrong.Where));
    }

    [Fact]
    public async Task A_lane_that_went_back_is_named_and_what_was_known_then_is_told_for_ever()
    {
        await using var lanes = await Some(2);
        var meter = lanes.Meter();
        await KnowingReadings.Ingest(meter, [Vm("bu", 0)]);
        var before = await meter.Progress.Head(Ct);
        await lanes.Do(meter, m => new AddLane(m, "west", "db-1", "test"));
        await lanes.Do(meter, m => new MoveLandlord(m, new("bu"), "west", "test"));
        await KnowingReadings.Ingest(meter, [Vm("bu", 1)]);
        var then = await meter.Progress.Head(Ct);
        Assert.Equal(then, await meter.Progress.Head(Ct));
        Assert.Equal(then, await lanes.Meter().Progress.Head(Ct));
        await meter.Seal(Ct); // By the minute, and there was one just now.
        await KnowingReadings.Ingest(meter, [Vm("bu", 2)]);
        Assert.NotEqual(then, await meter.Progress.Head(Ct));
        var resource = Vm("bu", 0).Resource;
        Assert.Equal(["0"], (await meter.ReadingsBehind(resource, October, Ct, before)).Select(r => r.Id));
        Assert.Equal(["0", "1"], (await meter.ReadingsBehind(resource, October, Ct, then)).Select(r => r.Id));
        Assert.Equal(["0", "1", "2"], (await meter.ReadingsBehind(resource, October, Ct)).Select(r => r.Id));
        Assert.Equal(["1", "2"], (await meter.ReadingsSince(resource, October, before, Ct)).Select(r => r.Id));
        Assert.Equal(["2"], (await meter.ReadingsSince(resource, October, then, Ct)).Select(r => r.Id));
        Assert.Equal([Start + Duration.FromHours(2)],
            (await meter.Progress.TouchedSince(then, 0, Ct)).Select(touched => touched.Start));
        Assert.Empty(await meter.Verify(Ct));

        await lanes.CutLast("db-1");
        var wrong = Assert.Single(await lanes.Meter().Verify(Ct), one => one.Code == "meter/went-back");
        Assert.Equal("block 3 of lane west", wrong.Where);
        await KnowingReadings.Ingest(lanes.Meter(), [Vm("bu", 3)]);
        Assert.Contains("that block is another", Assert.Single(
            await lanes.Meter().Verify(Ct), one => one.Code == "meter/went-back").Message, StringComparison.Ordinal);
    }
}
