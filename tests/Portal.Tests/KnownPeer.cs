using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Peers;

namespace Exchange.Portal.Tests;

/// <summary>
/// A peer 'mit' of somebody else's world, whose key is the first of RFC 8032: each asked the other for a line of October,
/// and mit disputes what it was asked for.
/// </summary>
internal static class KnownPeer
{
    private static readonly BillingMonth October = new(2026, 10);

    public static async Task Add(Serving serving)
    {
        var (journal, now) = (serving.Exchange.Journal, serving.Exchange.Clock.GetCurrentInstant());
        var theirs = SigningKey.Of(
            Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
        var ours = await SigningKey.Own(serving.Exchange.Database, Serving.Ct);
        var terms = new PeerTerms(
            "mit", "nerc", "https://mit.example.org", theirs.Public, null, Serving.Other, October, false, false);
        var first = new PeerStatement("mit", "nerc", October, 1, null, []).Write(theirs);
        var second = new PeerStatement("mit", "nerc", October, 2, first.Sha256, [Line("p-ada")]).Write(theirs);
        var dispute = new PeerDispute(
            "mit", "nerc", October, 1, 1, new("p-mit"), Line("p-mit").What, Line("p-mit").Due, Money.Zero, "never ran", null);
        Func<Peer, Decision<PeerEvent>>[] rules =
        [
            peer => Peer.Admit(peer, terms, "test", now),
            peer => Peer.Receive(peer, first.Text, now),
            peer => Peer.Receive(peer, second.Text, now),
            peer => Peer.Draw(peer, October, [Line("p-mit")], ours, now),
            peer => Peer.Send(peer, 1, null, now),
            peer => Peer.ReceiveDispute(peer, dispute.Write(theirs), now),
        ];
        foreach (var rule in rules)
        {
            await journal.Execute(new AdmitPeer("mit", "admit", (peer, _) => rule(peer)), now, Serving.Ct);
        }
    }

    internal static PeerLine Line(string project) => new(
        $"2026-10:nerc:stack:{project}:OpenStack CPU:nerc/openstack/2025-06-01#1", October, October.Period, Serving.Nerc,
        new("stack"), new(project), new("OpenStack CPU"), null, new(100, new("SU-hour")), new(0.013m, new("SU-hour")),
        new(130), Money.Zero, false);
}
