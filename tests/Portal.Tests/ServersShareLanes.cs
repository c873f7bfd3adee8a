using Exchange.Servers;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Servers in processes of their own own lanes by turns, and take those of one that is gone.</summary>
public sealed class ServersShareLanes
{
    private static readonly string[] All = ["east", "home", "north", "south", "west"];

    [Fact]
    public async Task Lanes_are_spread_move_when_servers_come_and_go_and_are_taken_over_from_one_that_was_killed()
    {
        await using var lanes = await SharedLanes.Of("north", "east", "south", "west");
        var (one, two) = (lanes.Start(), lanes.Start());
        await SharedLanes.Until(() => Owned(one, two), owned => IsSpread(owned, [2, 3]));
        await SharedLanes.Until(lanes.Owners, owners => owners.Values.Distinct().Order().SequenceEqual(
            new[] { $"127.0.0.1:{one.Port}", $"127.0.0.1:{two.Port}" }.Order()));
        var before = await one.Owned();

        await two.Kill();
        var took = await SharedLanes.Until(() => Owned(one), owned => IsSpread(owned, [5]));
        TestContext.Current.TestOutputHelper!.WriteLine($"After {took.TotalSeconds:0.0} s all had another owner.");
        await SharedLanes.Until(lanes.Owners, owners => owners.Values.Distinct().Count() == 1);

        // The same place comes back as another server, and has its lanes again.
        var again = lanes.Start(port: two.Port);
        await SharedLanes.Until(() => Owned(one, again), owned => IsSpread(owned, [2, 3]));
        Assert.Equal(before, await one.Owned());
        await again.Stop();
        await SharedLanes.Until(() => Owned(one), owned => IsSpread(owned, [5]));
        Assert.Contains(one.Loaded(), name => name.StartsWith("Orleans.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_by_itself_starts_nothing_of_Orleans()
    {
        await using var lanes = await SharedLanes.Of();
        var alone = lanes.Start(isShared: false);
        await SharedLanes.Until(alone.Ready, said => said.Length > 0);
        Assert.Equal("ready", await alone.Ready());
        Assert.Contains("Exchange.Metering.dll", alone.Loaded());
        // Who looks at the attributes of assemblies loads the library in which those of what is sent are; no other.
        Assert.Empty(alone.Loaded().Where(name => name.StartsWith("Orleans", StringComparison.Ordinal))
            .Except(["Orleans.Serialization.dll", "Orleans.Serialization.Abstractions.dll"]));
        Assert.All(await lanes.Owners(), lane => Assert.Null(lane.Value));
    }

    /// <summary>Drawn numbers of servers and lanes.</summary>
    [Fact]
    public void Each_server_has_as_many_lanes_as_another_or_one_more_and_keeps_most_when_one_is_gone()
    {
        var drawn = from lanes in Gen.Choose(0, 255) from servers in Gen.Choose(1, 12) select (lanes, servers);
        Prop.ForAll(drawn.ToArbitrary(), one =>
        {
            int[] lanes = [.. Enumerable.Range(0, one.lanes + 1)];
            string[] servers = [.. Enumerable.Range(1, one.servers).Select(i => $"10.0.0.{i}:5081")];
            var owners = LaneSpread.Of(lanes, servers);
            var loads = servers.Select(server => owners.Count(owned => owned.Value == server)).ToList();
            Assert.Equal(lanes, owners.Keys.Order());
            Assert.InRange(loads.Max() - loads.Min(), 0, 1);
            Assert.Equal(owners, LaneSpread.Of([.. lanes.Reverse()], [.. servers.Reverse()]));

            var left = LaneSpread.Of(lanes, servers[1..]);
            var moved = left.Count(owned => owners[owned.Key] != servers[0] && owners[owned.Key] != owned.Value);
            Assert.InRange(moved, 0, lanes.Length / 2);
        }).Check(Draws.Properties());
        Assert.Empty(LaneSpread.Of([1, 2], []));
    }

    private static async Task<string[][]> Owned(params ServerProcess[] servers) =>
        await Task.WhenAll(servers.Select(server => server.Owned()));

    /// <summary>Whether each lane has just one owner, and they have so many.</summary>
    private static bool IsSpread(string[][] owned, int[] counts) =>
        owned.SelectMany(lanes => lanes).Order(StringComparer.Ordinal).SequenceEqual(All) &&
        owned.Select(lanes => lanes.Length).Order().SequenceEqual(counts);
}
