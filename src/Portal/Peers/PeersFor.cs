using Exchange.Invoicing;
using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Payouts;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Peers;

namespace Exchange.Portal.Peers;

/// <summary>Another exchange as finance sees it.</summary>
/// <param name="State">'live' or 'suspended'.</param>
/// <param name="Waiting">How many statements wait to be sent.</param>
/// <param name="Why">Why they wait.</param>
internal sealed record PeerRow(
    string Name, string KnownAs, string Url, string Key, PiId? Pi, LandlordId? Landlord, BillingMonth From,
    bool IsMeteredHere, string State, int Waiting, string? Why);

/// <summary>A month between two exchanges.</summary>
/// <param name="Asked">What this exchange asks of the other.</param>
/// <param name="Owed">What the other asks of this one.</param>
/// <param name="State">'open' or 'settled'.</param>
internal sealed record PeerMonth(string Peer, BillingMonth Month, Money Asked, Money Owed, string State)
{
    /// <summary>What this exchange pays, or below nothing is paid, once the smaller is set against the larger.
    /// </summary>
    public Money Net => Owed - Asked;
}

/// <summary>A line that this exchange disputes, and why.</summary>
internal sealed record DisputedLine(BillingMonth Month, ProjectId Project, string What, string Reason);

/// <summary>A dispute as both exchanges see it.</summary>
/// <param name="IsOurs">Whether this exchange disputes, or the other.</param>
/// <param name="State">
/// 'waiting' to be sent, 'open', 'answered' by the other exchange or by another statement, 'withdrawn', or 'set aside'
/// where it is about nothing that was asked.
/// </param>
/// <param name="Answer">What the other exchange said of it, or why it was set aside.</param>
internal sealed record DisputeRow(
    long Number, bool IsOurs, BillingMonth Month, long Statement, ProjectId Project, string What, Money Asked,
    Money Here, string Reason, string State, string? Answer);

/// <summary>What finance and the other exchange do with statements; pages, API and verbs are thin over it.</summary>
internal static class PeersFor
{
    public static async Task<IReadOnlyList<(string Name, Peer Peer)>> All(Composition exchange, CancellationToken ct)
    {
        var names = await exchange.Journal.State(PeerNames.Fold, PeerNames.Id, ct);
        var all = new List<(string, Peer)>();
        foreach (var name in names.All)
        {
            all.Add((name, await exchange.Journal.State(Peer.Fold, name, ct)));
        }

        return all;
    }

    /// <summary>What other exchanges have to know of this one.</summary>
    public static async Task<string> PublicKey(Composition exchange, CancellationToken ct) =>
        (await SigningKey.Own(exchange.Database, ct)).Public;

    public static PeerRow Row(Peer peer) => peer.Terms is { } terms
        ? new(
            terms.Name, terms.KnownAs, terms.Address, terms.Key, terms.Pi, terms.Landlord, terms.From,
            terms.IsMeteredHere, peer.IsSuspended ? "suspended" : "live", peer.Waiting.Count(), peer.Why)
        : throw new InvalidOperationException("Nothing was agreed with it.");

    public static IReadOnlyList<PeerMonth> Months(Peer peer) =>
    [
        .. peer.Months.Select(month => new PeerMonth(
            peer.Terms!.Name, month, peer.AskedFor(month), peer.OwedFor(month),
            peer.Settled.ContainsKey(month) ? "settled" : "open")),
    ];

    /// <summary>What either disputes, by month and number.</summary>
    public static IReadOnlyList<DisputeRow> Disputes(Peer peer)
    {
        IEnumerable<DisputeRow> Of(bool isOurs) =>
            from one in isOurs ? peer.Disputes : peer.DisputedThere
            where one.Begins
            let isOpen = peer.OpenDisputes(one.Month, isOurs).Contains(one)
            select new DisputeRow(
                one.Number, isOurs, one.Month, one.Statement, one.Project, one.What, one.Asked, one.Here, one.Reason,
                isOpen ? isOurs && one.Number > peer.DisputesSent ? "waiting" : "open"
                    : (isOurs ? peer.Disputes : peer.DisputedThere).Any(other => other.Withdraws == one.Number)
                        ? "withdrawn"
                        : !isOurs && peer.SetAside.ContainsKey(one.Number) ? "set aside" : "answered",
                peer.AnswerTo(one, isOurs) ?? (isOurs ? null : peer.SetAside.GetValueOrDefault(one.Number)));
        return [.. Of(isOurs: true).Concat(Of(isOurs: false)).OrderBy(row => row.Month).ThenBy(row => row.Number)];
    }

    /// <summary>A peer with which something was agreed; null where there is none of that name.</summary>
    public static async Task<Peer?> Find(Composition exchange, string name, CancellationToken ct) =>
        Peer.IsName(name) && await exchange.Journal.State(Peer.Fold, name, ct) is { Terms: not null } peer
            ? peer : null;

    /// <exception cref="RefusedException">Nobody knows it.</exception>
    public static async Task<Peer> Known(Composition exchange, string name, CancellationToken ct) =>
        await Find(exchange, name, ct)
            ?? throw new RefusedException(new(
                "peer/unknown", $"There is no peer '{name}'. 'exchange peers list' shows them.", name));

    /// <summary>Asks for what the peer's account was billed of a month.</summary>
    public static async Task<KeptStatement?> Draw(
        Composition exchange, string name, BillingMonth month, Actor actor, CancellationToken ct)
    {
        var peer = await Known(exchange, name, ct);
        var months = await exchange.Journal.State(Invoicing.Kept.Months.Fold, Invoicing.Kept.Months.Id, ct);
        if (peer.Terms!.Pi is not { } pi || !months.Closed.ContainsKey(month))
        {
            throw new RefusedException(new(
                "peer/not-billed", peer.Terms.Pi is null ? $"Nobody stands for {name} as a customer here."
                    : $"{month} is not closed, so nothing was billed. Close it first.", name));
        }

        await exchange.Projections.CatchUp(ct);
        var lines = await AskedLines.Of(exchange, pi, month, ct);
        var key = await SigningKey.Own(exchange.Database, ct);
        return Peer.Draw(peer, month, lines, key, exchange.Clock.GetCurrentInstant()).OrThrow().Count == 0
            ? peer.DrawnOf(month) // The job looks every ten minutes; that is no act.
            : await exchange.Commands.Execute(new DrawPeerStatement(name, month, lines, key), actor, ct);
    }

    /// <summary>
    /// Takes what a peer asks for: its charges are those of the landlord as whom it sells here, once.
    /// </summary>
    /// <returns>False when it was here before.</returns>
    /// <exception cref="RefusedException">It is not the next of a peer that is known, signed by its key.</exception>
    public static async Task<bool> Receive(
        Composition exchange, string name, string text, Actor actor, CancellationToken ct)
    {
        var peer = await exchange.Journal.State(Peer.Fold, name, ct);
        var now = exchange.Clock.GetCurrentInstant();
        if (!PeerDispute.IsOne(text) && Peer.Receive(peer, text, now).OrThrow().Count > 0 && !peer.Terms!.IsMeteredHere)
        {
            // Before it is noted: what ends in between is sent again, and the same bill again changes nothing.
            await PeerBill.Take(
                exchange, peer.Terms, PeerStatement.Kept(text), now, ct);
        }

        return await exchange.Commands.Execute(new ReceivePeerStatement(name, text), actor, ct);
    }

    /// <summary>
    /// The lines on which the peer's statement and what was billed here differ; none where they agree.
    /// </summary>
    public static async Task<IReadOnlyList<PeerDifference>> Differences(
        Composition exchange, string name, BillingMonth month, CancellationToken ct) =>
        [.. (await Lines(exchange, name, month, ct)).Where(line => line.Differs)];

    /// <summary>Every line of a month as both sides have it.</summary>
    public static async Task<IReadOnlyList<PeerDifference>> Lines(
        Composition exchange, string name, BillingMonth month, CancellationToken ct)
    {
        var (asked, here) = await Sides(exchange, name, month, ct);
        return PeerDifference.All(asked, here);
    }

    /// <summary>Disputes a line of what the peer asks; it is sent, signed, with the next statements.</summary>
    /// <exception cref="RefusedException">There is no such line, or nothing to dispute.</exception>
    public static async Task<Peer> Dispute(
        Composition exchange, string name, DisputedLine of, Actor actor, CancellationToken ct)
    {
        var line = (await Lines(exchange, name, of.Month, ct)).FirstOrDefault(
            one => one.Project == of.Project && one.What == of.What)
            ?? throw new RefusedException(new(
                "peer/no-line", $"Neither side has a line '{of.What}' of {of.Project} in {of.Month}. " +
                $"'exchange peers differences {name}' names those that differ.", "line"));
        return await exchange.Commands.Execute(new AdmitPeer(name, "dispute line of peer", (peer, now) => Peer.Dispute(
            peer, of.Month, line, of.Reason, actor.Name, now)), actor, ct);
    }

    /// <summary>Says what came of a dispute of the peer; it is sent, signed, with the next statements.</summary>
    public static Task<Peer> Answer(
        Composition exchange, string name, long number, string reason, Actor actor, CancellationToken ct) =>
        exchange.Commands.Execute(new AdmitPeer(name, "answer dispute of peer", (peer, now) => Peer.AnswerDispute(
            peer, number, reason, actor.Name, now)), actor, ct);

    /// <summary>Says that a dispute of this exchange is over.</summary>
    public static Task<Peer> Withdraw(
        Composition exchange, string name, long number, string reason, Actor actor, CancellationToken ct) =>
        exchange.Commands.Execute(new AdmitPeer(name, "withdraw dispute of peer", (peer, now) => Peer.WithdrawDispute(
            peer, number, reason, actor.Name, now)), actor, ct);

    private static async Task<(IEnumerable<SaidOfLine> Asked, IEnumerable<SaidOfLine> Here)> Sides(
        Composition exchange, string name, BillingMonth month, CancellationToken ct)
    {
        var peer = await Known(exchange, name, ct);
        var (terms, now) = (peer.Terms!, exchange.Clock.GetCurrentInstant());
        await exchange.Projections.CatchUp(ct);
        var here = terms.Landlord is null ? []
            : (await BilledLines.Of(exchange.Database, month, ct)).SelectMany(of => of)
                .Where(line => line.Landlord == terms.Landlord).ToList();
        var statement = peer.ReceivedOf(month) is { } received ? PeerStatement.Kept(received.Text) : null;
        return (
            statement is null ? []
                : terms.IsMeteredHere
                    ? statement.Lines.Select(line => new SaidOfLine(line.Project, line.What, line.Due, line.Quantity))
                    : PeerBill.Said(terms, statement, now),
            here.Select(line => Here(line, terms)));
    }

    /// <summary>
    /// Sets the smaller of what both asked for against the larger: it pays the peer's invoices here, and the peer as a
    /// landlord, so that only the difference goes through a bank.
    /// </summary>
    /// <exception cref="RefusedException">The month is not closed, or lines differ.</exception>
    public static async Task<PeerMonth> Settle(
        Composition exchange, string name, BillingMonth month, Actor actor, CancellationToken ct)
    {
        var peer = await Known(exchange, name, ct);
        if (await Differences(exchange, name, month, ct) is { Count: > 0 } differ)
        {
            throw new RefusedException(new(
                "peer/differs", $"{differ.Count} lines of {month} differ, the first by {differ[0].Difference}: " +
                $"{differ[0].Project} {differ[0].What}. 'exchange peers differences {name}' names all.", name));
        }

        var (terms, reference) = (peer.Terms!, $"net-{name}-{month}");
        var against = Money.Min(peer.AskedFor(month), peer.OwedFor(month));
        _ = Peer.Settle(peer, month, reference, actor.Name, exchange.Clock.GetCurrentInstant()).OrThrow();
        if (against > Money.Zero && terms is { Pi: { } pi, Landlord: { } landlord })
        {
            // The payout first: it may be refused, and each counts once however often this is repeated.
            _ = await exchange.Commands.Execute(
                new RecordPayout(
                    exchange.Database, exchange.Journal, new("landlord", landlord.Value), reference, against, null,
                    month), actor, ct);
            _ = await exchange.Commands.Execute(
                new RecordPayment(
                    exchange.Database, new(AccountName.Of(pi), reference, against, null, [])), actor, ct);
        }

        await exchange.Commands.Execute(new SettlePeerMonth(name, month, reference, actor.Name), actor, ct);
        return Months(await Known(exchange, name, ct)).Single(one => one.Month == month);
    }

    /// <summary>A line as the peer names it: of a bill that is passed on, what was billed before any markup.</summary>
    private static SaidOfLine Here(InvoiceLine line, PeerTerms terms) => terms.IsMeteredHere
        ? new(line.Project, PeerLine.NameOf(line.Cluster, line.Sku, line.Step), line.Amount, line.Quantity)
        : new(line.Project, line.Step ?? "", Money.Round(line.Quantity.Amount), null);
}
