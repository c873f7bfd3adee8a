using Exchange.Journal;
using Exchange.Market.Peers;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>
/// POST /v1/peers/NAME/statements and 'exchange peers receive' — takes what another exchange asks for.
/// </summary>
/// <param name="text">The statement as it was sent.</param>
public sealed class ReceivePeerStatement(string name, string text) : ICommand<bool>
{
    public string Act => "receive statement";
    public string Target => name;
    public string Permission => MarketPermissions.ReceiveStatements;

    /// <returns>False when it was here before.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var said = Peer.Receive(await work.State(Peer.Fold, name, ct), text, now).OrThrow();
        work.Append(Peer.Fold.StreamOf(name), said);
        return said.Count > 0;
    }
}
