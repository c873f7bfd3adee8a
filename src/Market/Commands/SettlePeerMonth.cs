using Exchange.Journal;
using Exchange.Market.Peers;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>'exchange peers settle' — notes that what two exchanges asked for a month is settled net.</summary>
public sealed class SettlePeerMonth(string name, BillingMonth month, string reference, string by)
    : ICommand<PeerEvent.Settled>
{
    public string Act => "settle with peer";
    public string Target => $"{name} {month}";
    public string Permission => MarketPermissions.KeepPeers;

    public async Task<PeerEvent.Settled> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var peer = await work.State(Peer.Fold, name, ct);
        var said = Peer.Settle(peer, month, reference, by, now).OrThrow();
        work.Append(Peer.Fold.StreamOf(name), said);
        return said.Aggregate(peer, Peer.Fold.Evolve).Settled[month];
    }
}
