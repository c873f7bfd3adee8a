using Exchange.Journal;
using Exchange.Market.Peers;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>'exchange peers admit | suspend' — with which other exchange statements are exchanged, and how.</summary>
/// <param name="act">As the audit log calls it.</param>
/// <param name="rule">One of the acts of <see cref="Peer"/>.</param>
public sealed class AdmitPeer(string name, string act, Func<Peer, Instant, Decision<PeerEvent>> rule)
    : ICommand<Peer>
{
    public string Act => act;
    public string Target => name;
    public string Permission => MarketPermissions.KeepPeers;

    public async Task<Peer> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var peer = await work.State(Peer.Fold, name, ct);
        var said = rule(peer, now).OrThrow();
        work.Append(Peer.Fold.StreamOf(name), said);
        if (peer.Terms is null && said.Count > 0)
        {
            _ = await work.State(PeerNames.Fold, PeerNames.Id, ct);
            work.Append<PeerNamesEvent>(PeerNames.Fold.StreamOf(PeerNames.Id), [new PeerNamesEvent.Named(name)]);
        }

        return said.Aggregate(peer, Peer.Fold.Evolve);
    }
}
