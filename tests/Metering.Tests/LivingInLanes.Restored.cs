using Exchange.Journal;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>The database of a lane goes back to before somebody moved, and the journal does not.</summary>
public sealed partial class LivingInLanes
{
    /// <summary>
    /// The lane that they left keeps their blocks: whoever moves there and back brings all that was there when they
    /// left it, and what the restored one still has.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_moved_into_a_lane_that_went_back_moves_out_and_in_again(bool wasThereBefore)
    {
        await using var lanes = await Some(1);
        var (mover, server, bu) = (lanes.Meter(), lanes.Meter(), new LandlordId("bu"));
        await lanes.Do(mover, m => new AddLane(m, "west", "db-1", "test"));
        await KnowingReadings.Ingest(server, [Vm("bu", 0), Vm("bu", 1), Vm("mit", 0)]);
        if (wasThereBefore)
        {
            await lanes.Do(mover, m => new MoveLandlord(m, bu, "west", "test"));
            await lanes.Do(mover, m => new MoveLandlord(m, bu, "home", "test"));
        }

        await using var west = DataSources.Open(lanes.Databases["db-1"]);
        await using var dump = await DatabaseDump.Of(west);
        await KnowingReadings.Ingest(server, [Vm("bu", 2)]);
        await lanes.Do(mover, m => new MoveLandlord(m, bu, "west", "test"));
        await KnowingReadings.Ingest(server, [Vm("bu", 3)]);
        await dump.Restore();

        await lanes.Do(lanes.Meter(), m => new MoveLandlord(m, bu, "home", "test"));
        await lanes.Do(lanes.Meter(), m => new MoveLandlord(m, bu, "west", "test"));

        Assert.Equal(3, await Hours(lanes.Meter(), "bu")); // The fourth was told to the west alone, after it was kept.
        Assert.Equal(new(1, 3, 0), await KnowingReadings.Ingest(server, [.. Enumerable.Range(0, 4).Select(i => Vm("bu", i))]));
        Assert.Equal(4, await Hours(server, "bu"));
        Assert.Equal(1, await Hours(server, "mit"));
        Assert.Empty(await lanes.Meter().Verify(Ct));
    }
}
