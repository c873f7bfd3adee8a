using Exchange.Journal;
using Exchange.Market.Peers;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>
/// POST /v1/peers/NAME/statements and 'exchange peers receive' — takes what another exchange asks for, or disputes.
/// </summary>
/// <param name="text">The statement, or the dispute, as it was sent.</param>
public sealed class ReceivePeerStatement(string name, string text) : ICommand<bool>
{
    public string Act => PeerDispute.IsOne(text) ? "receive dispute" : "receive statement";
    public string Target => name;
    public string Permission => MarketPermissions.ReceiveStatements;

    /// <returns>False when it was here before.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var peer = await work.State(Peer.Fold, name, ct);
        var said = (PeerDispute.IsOne(text)
            ? Peer.ReceiveDispute(peer, text, now) : Peer.Receive(peer, text, now)).OrThrow();
        work.Append(Peer.Fold.StreamOf(name), said);
        return said.Count > 0;
    }
}
