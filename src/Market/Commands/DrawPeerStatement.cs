using System.Collections.Immutable;
using Exchange.Journal;
using Exchange.Market.Peers;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>'exchange peers draw' — asks another exchange for what its people were billed of a month.</summary>
public sealed class DrawPeerStatement(
    string name, BillingMonth month, ImmutableArray<PeerLine> lines, SigningKey key) : ICommand<KeptStatement?>
{
    public string Act => "draw statement";
    public string Target => $"{name} {month}";
    public string Permission => MarketPermissions.KeepPeers;

    /// <returns>What is asked for the month now; null for nothing.</returns>
    public async Task<KeptStatement?> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var peer = await work.State(Peer.Fold, name, ct);
        var said = Peer.Draw(peer, month, lines, key, now).OrThrow();
        work.Append(Peer.Fold.StreamOf(name), said);
        return said.Aggregate(peer, Peer.Fold.Evolve).DrawnOf(month);
    }
}
