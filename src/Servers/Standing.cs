using System.Collections.Frozen;
using Orleans.Runtime;

namespace Exchange.Servers;

/// <summary>Which server owns which lane, as this one sees it now.</summary>
/// <param name="Own">Its own lanes, by number and name.</param>
/// <param name="Others">The lines to those who own the others.</param>
/// <param name="Basis">What it follows from.</param>
internal sealed record Standing(
    IReadOnlyDictionary<int, string> Own, FrozenDictionary<int, ForwardLine> Others, string Basis)
{
    /// <summary>Before it is one of the servers: nothing is its own, and nobody else is known.</summary>
    public static Standing Alone { get; } = new(
        new Dictionary<int, string>(), FrozenDictionary<int, ForwardLine>.Empty, "");

    /// <param name="servers">Those that live, by the place where each is reached.</param>
    /// <param name="lineTo">Gives the line to a server; the same as before, for the same one.</param>
    public static Standing Of(
        string me, IReadOnlyDictionary<string, SiloAddress> servers, IReadOnlyDictionary<int, string> lanes,
        Func<SiloAddress, ForwardLine> lineTo)
    {
        var owners = LaneSpread.Of([.. lanes.Keys], [.. servers.Keys]);
        return new(
            lanes.Where(lane => owners.GetValueOrDefault(lane.Key) == me).ToDictionary(),
            owners.Where(one => one.Value != me).ToFrozenDictionary(
                one => one.Key, one => lineTo(servers[one.Value])),
            BasisOf(servers, lanes));
    }

    /// <summary>What it follows from: where that is the same, it is the same.</summary>
    public static string BasisOf(
        IReadOnlyDictionary<string, SiloAddress> servers, IReadOnlyDictionary<int, string> lanes) => string.Join(
            '\n', servers.Values.Select(one => one.ToParsableString()).Order(StringComparer.Ordinal)
                .Concat(lanes.OrderBy(one => one.Key).Select(one => $"{one.Key} {one.Value}")));
}
