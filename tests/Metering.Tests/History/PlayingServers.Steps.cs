using Xunit;

namespace Exchange.Metering.Tests.History;

/// <summary>What servers do one after the other, so that each knows what another is about to write.</summary>
public sealed partial class PlayingServers
{
    private sealed partial class Play
    {
        private int _names;

        /// <summary>
        /// A reading comes again with a name that nobody has, and is set aside: the name is known and in no block, also
        /// after a turn, until something fresh comes.
        /// </summary>
        private async Task BringName()
        {
            var known = _taken.Values.Where(one => one.Reading is not null).ToArray();
            if (known.Length == 0)
            {
                return;
            }

            var server = Any();
            var twin = known[_random.Next(known.Length)].Reading! with { Project = new($"own-{_names++}") };
            Assert.Equal(ItemFate.Quarantined, Assert.Single(await server.Meter.IngestEach([twin], Ct)).Fate);
            if (_random.Next(3) > 0)
            {
                await server.Turn();
            }

            await Send(server, Fresh());
        }

        /// <summary>Two servers learn of each other's readings at once, while what each knows leaves its memory.</summary>
        private async Task InStep()
        {
            var (one, other) = (Any(), Any());
            for (var round = _random.Next(3, 8); round > 0; round--)
            {
                var batch = Fresh();
                await Send(one, batch);
                await Send(other, batch);
                (one, other) = _random.Next(2) == 0 ? (other, one) : (one, other);
            }
        }

        /// <summary>Readings that are not there, as far as there are such, and others.</summary>
        private Collected[] Fresh()
        {
            var fresh = _history.All.Where(one => !_taken.ContainsKey(DrawnHistory.KeyOf(one))).Take(8).ToArray();
            return fresh.Length > 0 ? fresh[..Math.Min(fresh.Length, _random.Next(1, 9))] : Batch();
        }

        private async Task Send(PlayedServer server, IReadOnlyList<Collected> batch) =>
            Settle([(batch, await server.Meter.IngestEach(batch, Ct))]);
    }
}
