using Exchange.Journal;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>Landlords live in lanes: who was erased stands in the database of none of them.</summary>
public sealed partial class LivingInLanes
{
    /// <summary>
    /// Who decided about what was set aside in another database, and of whom they wrote. Seen to fail: both stayed there,
    /// and verify said nothing.
    /// </summary>
    [Fact]
    public async Task Who_was_erased_decided_nothing_in_any_lane()
    {
        await using var lanes = await Some(1);
        var meter = lanes.Meter();
        await lanes.Do(meter, m => new AddLane(m, "west", "db-1", "test"));
        await lanes.Do(meter, m => new MoveLandlord(m, new("bu"), "west", "test"));
        await KnowingReadings.Ingest(meter, [Vm("bu", 0), Vm("bu", 1) with { Quantity = -1, Type = ReadingType.Count, Meter = "m" }]);
        await meter.Discard(
            Assert.Single(await meter.Quarantine("waiting", 9, Ct)).Name, "Ada@BU.edu asked for it", "ada@bu.edu", Ct);
        var west = (await meter.Lanes.Now(Ct))[1].Database;
        Assert.Equal("ada@bu.edu Ada@BU.edu asked for it", await Decided(west));
        Assert.Empty(await meter.Verify(Ct));

        const string Token = "p-00112233445566778899.bu.edu@erased.invalid";
        (string, string)[] people = [("ada@bu.edu", Token)];
        await using (var connection = await lanes.Ledger.OpenConnectionAsync(Ct))
        await using (var transaction = await connection.BeginTransactionAsync(Ct))
        {
            var erased = await EraseFromJournal.Run(
                connection, new(people, [], ["quarantine"]), people, [], lanes.Clock.GetCurrentInstant(), Ct);
            Assert.Equal(1, erased.Events);
            await transaction.CommitAsync(Ct);
        }

        // A server that ended before it was done is found out, and a replay does it too.
        Assert.Equal("meter/decision-differs", Assert.Single(await meter.Verify(Ct)).Code);
        await meter.ShowDecisions(Ct);
        Assert.Equal($"{Token} {Token} asked for it", await Decided(west));
        Assert.Empty(await meter.Verify(Ct));
    }

    private static async Task<string> Decided(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("select concat_ws(' ', decided_by, because) from metering.quarantine");
        return (string)(await command.ExecuteScalarAsync(Ct))!;
    }
}
