using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Exchange.Servers;

/// <summary>
/// Which server owns which lane. It follows from the servers that live and the lanes there are: whoever knows the same
/// comes to the same, and nobody has to be asked. Each has as many as the others, or one more.
/// </summary>
internal static class LaneSpread
{
    public static IReadOnlyDictionary<int, string> Of(
        IReadOnlyCollection<int> lanes, IReadOnlyCollection<string> servers)
    {
        var owners = new Dictionary<int, string>();
        var load = servers.ToDictionary(server => server, _ => 0, StringComparer.Ordinal);
        if (load.Count == 0)
        {
            return owners;
        }

        var (each, more) = Math.DivRem(lanes.Count, load.Count);
        foreach (var lane in lanes.Order())
        {
            var owner = load.Where(one => one.Value < each || (one.Value == each && more > 0))
                .MaxBy(one => (Weight(lane, one.Key), one.Key)).Key;
            more -= load[owner] == each ? 1 : 0;
            load[owner]++;
            owners[lane] = owner;
        }

        return owners;
    }

    /// <summary>The server with the greatest has a lane: of one that is gone, each lane falls to another.</summary>
    private static ulong Weight(int lane, string server) => BinaryPrimitives.ReadUInt64BigEndian(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{lane} {server}"))));
}
