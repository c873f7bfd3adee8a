using Exchange.Market.Commands;
using Exchange.Market.Peers;
using Exchange.Portal.Commands;
using Exchange.Portal.Peers;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /finance/peers and /finance/peers/NAME — other exchanges: what each asks of the other, lines on which they differ,
/// and settling net.
/// </summary>
public sealed partial class PeersPage
{
    public const string Path = "/finance/peers";

    /// <summary>Other exchanges, and the key by which they know this one.</summary>
    public sealed record Peers(string Key, IListing All);

    /// <summary>Another exchange, and what each asks of the other, month by month.</summary>
    public sealed record Standing(string Name, bool IsSuspended, IListing Months, PeerDisputesBox.Disputes Disputes)
    {
        /// <summary>How many statements wait to be sent.</summary>
        public required long Waiting { get; init; }

        /// <summary>Why they wait, and where they would go; null where none waits.</summary>
        public required string? NotSent { get; init; }

        /// <summary>The month that is looked at; empty where there is none.</summary>
        public required string Month { get; init; }

        /// <summary>The months that can be settled.</summary>
        public required IReadOnlyList<(string Value, string Text)> Choices { get; init; }

        /// <summary>Lines of the month on which the two differ; null where there is no month.</summary>
        public required ITable? Differences { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.KeepPeers).ExcludeFromDescription();
        app.MapPost(Path, Admit).RequireAuthorization(Permissions.KeepPeers).ChecksForm().Makes()
            .ExcludeFromDescription();
        app.MapGet($"{Path}/{{peer}}", One).RequireAuthorization(Permissions.KeepPeers).ExcludeFromDescription();
        app.MapPost($"{Path}/{{peer}}", Settle).RequireAuthorization(Permissions.KeepPeers).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    private static Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct) =>
        Draw(http, exchange, Form.Empty, ct);

    private static async Task<IResult> Admit(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var (name, knownAs) = (form.Line("name", "The name"), form.Line("known-as", "Its name for this exchange"));
        var (url, key) = (form.Line("url", "The address", 500), form.Line("key", "The key"));
        var pi = form.Typed("pi").Trim() is { Length: > 0 } ? form.Value<PiId>("pi", "The account") : null;
        var landlord = form.Typed("landlord").Trim() is { Length: > 0 }
            ? form.Value<LandlordId>("landlord", "The landlord") : null;
        var from = form.Value<BillingMonth>("from", "The first month");
        if (form.IsRight)
        {
            var by = Viewer.Needed(http).Actor;
            var terms = new PeerTerms(
                name, knownAs, url, key, pi, landlord, from!.Value, form.Has("metered"), IsInside: false);
            if (await exchange.Commands.Try(
                new AdmitPeer(name, "admit peer", (peer, now) => Peer.Admit(peer, terms, by, now)), http, ct)
                is not { } refusal)
            {
                return Results.Redirect($"{Path}/{name}");
            }

            form.Wrong(
                refusal.Code switch { "peer/url" => "url", "peer/key" => "key", "peer/no-side" => "pi", _ => "name" },
                refusal.Message);
        }

        return await Draw(http, exchange, form, ct);
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, Form form, CancellationToken ct)
    {
        List<PeerRow> rows = [.. (await PeersFor.All(exchange, ct)).Select(of => PeersFor.Row(of.Peer))];
        var key = await PeersFor.PublicKey(exchange, ct);
        var listing = new Listing<PeerRow>("peers", "Peers", rows,
        [
            Column<PeerRow>.Link("Peer", row => row.Name, row => $"{Path}/{row.Name}"),
            Column<PeerRow>.Words("Address", row => row.Url),
            Column<PeerRow>.Words("Account", row => row.Pi?.Value),
            Column<PeerRow>.Words("Landlord", row => row.Landlord?.Value),
            Column<PeerRow>.State("Status", row => row.State, row => row.State == "live"),
            Column<PeerRow>.Number("Not sent", row => (decimal)row.Waiting),
            Column<PeerRow>.Words("Reason", row => row.Why),
        ], "No other exchange is admitted yet. Admit the first below.");
        return listing.Answer(http) ?? Page.Of<PeersPage, Peers>(http, "Peers", new(key, listing), form);
    }

    private static Task<IResult> One(HttpContext http, Composition exchange, string peer, CancellationToken ct) =>
        DrawOne(http, exchange, peer, Form.Empty, ct);

    private static async Task<IResult> Settle(
        HttpContext http, Composition exchange, string peer, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var month = form.Value<BillingMonth>("month", "The month");
        if (form.IsRight)
        {
            try
            {
                await (form.Typed("do") switch
                {
                    "dispute" or "withdraw" or "answer" => PeerDisputesBox.Say(
                        http, exchange, peer, month!.Value, form, ct),
                    _ => PeersFor.Settle(exchange, peer, month!.Value, Actors.Of(http), ct),
                });
                return Results.Redirect($"{Path}/{peer}?month={month}");
            }
            catch (RefusedException e)
            {
                form.Wrong(
                    form.Typed("do") switch
                    {
                        "dispute" or "withdraw" => "because",
                        "answer" => "answer",
                        _ => "month",
                    }, e.Refusal.Message);
            }
        }

        return await DrawOne(http, exchange, peer, form, ct);
    }

    private static async Task<IResult> DrawOne(
        HttpContext http, Composition exchange, string name, Form form, CancellationToken ct)
    {
        if (await PeersFor.Find(exchange, name, ct) is not { Terms: { } terms } peer)
        {
            return new NotThere();
        }

        var months = PeersFor.Months(peer);
        var month = BillingMonth.TryParse(http.Request.Query["month"], null, out var asked) ? asked
            : months is [var newest, ..] ? newest.Month : (BillingMonth?)null;
        var listing = List(name, months);
        if (listing.Answer(http) is { } file)
        {
            return file;
        }

        var lines = month is { } shown ? await PeersFor.Lines(exchange, name, shown, ct) : [];
        return Page.Of<OnePeer, Standing>(http, $"Peer {name}", new(
            name, peer.IsSuspended, listing, PeerDisputesBox.DisputesOf(peer, month, lines))
        {
            Waiting = peer.Waiting.Count(),
            NotSent = peer.Why is null ? null : $"{terms.Address} {peer.Why}",
            Month = $"{month}",
            Choices = [.. months.Select(row => ($"{row.Month}", Show.Of(row.Month)))],
            Differences = month is { } compared ? Differences(compared, lines) : null,
        }, form);
    }

    private static Listing<PeerMonth> List(string name, IReadOnlyList<PeerMonth> months) => new(
        "months", "Months", months,
    [
        Column<PeerMonth>.Link("Month", row => $"{row.Month}", row => $"{Path}/{name}?month={row.Month}"),
        Column<PeerMonth>.Amount("Due from peer", row => row.Asked),
        Column<PeerMonth>.Amount("Due to peer", row => row.Owed),
        Column<PeerMonth>.Amount("Net to pay", row => row.Net),
        Column<PeerMonth>.State("Status", row => row.State, row => row.State == "settled"),
    ], "No statement was drawn or received yet. Closing a month draws the next.");

    private static TableOf<PeerDifference> Differences(BillingMonth month, IReadOnlyList<PeerDifference> lines) => new(
        $"Differences in {Show.Of(month)}", [.. lines.Where(line => line.Differs)],
        [
            Column<PeerDifference>.Words("Project", line => line.Project.Value),
            Column<PeerDifference>.Words("Line", line => line.What),
            Column<PeerDifference>.Amount("Statement", line => line.Asked),
            Column<PeerDifference>.Amount("Billed here", line => line.Here),
            Column<PeerDifference>.Amount("Difference", line => line.Difference),
        ], "Both exchanges agree on every line.");
}
