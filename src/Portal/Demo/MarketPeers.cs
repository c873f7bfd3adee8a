using Exchange.Market.Commands;
using Exchange.Market.Peers;
using Exchange.Portal.Commands;

namespace Exchange.Portal.Demo;

/// <summary>Another exchange with which statements are agreed from the open month on; none was sent yet.</summary>
internal static class MarketPeers
{
    private const string Name = "westgrid";

    public static Task Run(Composition exchange, CancellationToken ct)
    {
        var terms = new PeerTerms(
            Name, "moc", "https://exchange.westgrid.example", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", null,
            new LandlordId(Name), BillingMonth.Of(exchange.Clock.GetCurrentInstant()), false, false);
        return exchange.Commands.Execute(
            new AdmitPeer(Name, "admit peer", (peer, now) => Peer.Admit(peer, terms, "demo", now)),
            Actors.Local("demo"), ct);
    }
}
