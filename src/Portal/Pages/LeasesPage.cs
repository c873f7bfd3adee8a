using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Leases;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /leases — nodes that are lent, as a calendar for the two parties of each lease and for finance: what waits for an
/// answer, what is held until when, and what a landlord has free.
/// </summary>
internal static class LeasesPage
{
    private const string Path = "/leases";

    /// <summary>The way here, for those who are parties of leases.</summary>
    public static Html Link(Viewer viewer) => Html.If(
        Permissions.Allows(Permissions.KeepLeases, viewer.Role), () => Html.Of($" <a href=\"{Path}\">Leases</a>"));

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.KeepLeases).ExcludeFromDescription();
        app.MapPost(Path, Post).RequireAuthorization(Permissions.KeepLeases).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    private static Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct) =>
        Draw(http, exchange, Form.Empty, ct);

    private static async Task<IResult> Post(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var viewer = Viewer.Needed(http);
        var (act, because) = (form.Typed("do"), form.Typed("because"));
        var id = form.Line("lease", "The lease");
        if (form.IsRight)
        {
            try
            {
                await Answer(exchange, viewer, id, act, (form, because), Actors.Of(http), ct);
                return Results.Redirect(Path);
            }
            catch (RefusedException e)
            {
                form.Wrong(e.Refusal.Code == "lease/no-reason" ? "because" : "lease", e.Refusal.Message);
            }
            catch (FormatException e)
            {
                form.Wrong("from", e.Message);
            }
        }

        return await Draw(http, exchange, form, ct);
    }

    /// <summary>For the side on which the viewer is; finance only looks.</summary>
    private static async Task Answer(
        Composition exchange, Viewer viewer, string id, string act, (Form Form, string Because) said, Actor actor,
        CancellationToken ct)
    {
        var sides = await LeasesFor.Sides(exchange, viewer, ct);
        var rows = await LeasesFor.Rows(exchange, sides, ct);
        if (viewer.Role == Role.Finance || rows.FirstOrDefault(one => one.Id == id) is not { } row)
        {
            throw new RefusedException(new("lease/unknown", "There is no such lease that is yours to answer.", id));
        }

        var waitsFor = row.Asked.StartsWith("lessor", StringComparison.Ordinal) ? LeaseSide.Lessor : LeaseSide.Lessee;
        var side = act == "reclaim" ? LeaseSide.Lessor : waitsFor;
        var speaker = new LeaseSpeaker(side, viewer.Actor, (lease, agreed) => sides(lease, agreed, side));
        var from = act == "reclaim" ? Exchange.Text.Instant(said.Form.Line("from", "The instant", 30)) : default;
        await LeasesFor.Answer(exchange, id, speaker, $"{act} lease", (deal, now) => act switch
        {
            "reclaim" => LeaseDeal.Reclaim(deal, from, said.Because, viewer.Actor, now),
            "decline" => LeaseDeal.Decline(deal, side, said.Because, viewer.Actor, now),
            _ => LeaseDeal.Accept(deal, side, viewer.Actor, now),
        }, actor, ct);
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, Form form, CancellationToken ct)
    {
        var viewer = Viewer.Needed(http);
        var rows = await LeasesFor.Rows(exchange, await LeasesFor.Sides(exchange, viewer, ct), ct);
        var lent = viewer.Landlord is { } landlord
            ? (await exchange.Journal.State(DeclaredNodes.Fold, landlord, ct)).All : [];
        var now = exchange.Clock.GetCurrentInstant();
        var free = lent.Where(one => one.Period.Contains(now) && !rows.Any(row => row.State == "agreed" &&
            row.Cluster == one.Cluster && row.Nodes.Contains(one.Node) && row.From <= now && now < row.Until)).ToList();
        var open = rows.Where(row => row.State is "agreed" or "proposed").ToList();
        var listing = new Listing<LeaseRow>("leases", "Leases", rows,
        [
            Column<LeaseRow>.Words("Lease", row => row.Id),
            Column<LeaseRow>.Words("Lessor", row => row.Lessor),
            Column<LeaseRow>.Words("Holder", row => row.Holder.Value),
            Column<LeaseRow>.Words("Cluster", row => row.Cluster.Value),
            Column<LeaseRow>.Words("Nodes", row => string.Join(", ", row.Nodes)),
            Column<LeaseRow>.Time("From", row => row.From),
            Column<LeaseRow>.Time("Until", row => row.Until),
            Column<LeaseRow>.Words("Per hour", row => row.IsOwn ? "own use"
                : row.PerHour is { } rate ? Show.Of(rate) : "list price"),
            Column<LeaseRow>.State("Status", row => row.State, row => row.State is "agreed" or "over"),
            Column<LeaseRow>.Words("Waits for", row => row.Asked),
            Column<LeaseRow>.Words("Reason", row => row.Because),
        ], "Nothing is lent to you or by you yet.");
        return listing.IsAskedFor(http) ? listing.Csv(http) : Layout.Page(http, "Leases", Html.Of($"""
            <p class="crumbs"><a href="/quotes/saved">Saved quotes</a> <a href="/orders">Orders</a></p>
            <p class="lead">Nodes that are held for a time, paid for used or not. Only the two parties of a lease and
            finance see it.</p>
            {form.Summary()}
            {listing.Of(http)}
            {Html.If(lent.Length > 0, () => Table.Of("Free now", free, [
                Column<LentNode>.Words("Cluster", one => one.Cluster.Value),
                Column<LentNode>.Words("Node", one => one.Node),
                Column<LentNode>.Time("Lent until", one => one.Period.End)], "All nodes are held."))}
            {Html.If(viewer.Role != Role.Finance && open.Count > 0, () => Answers(http, form, open))}
            """), form.Status);
    }

    private static Html Answers(HttpContext http, Form form, List<LeaseRow> open) =>
        Form.Post(http, Path, Html.Of($"""
        <h2>Accept, decline or reclaim</h2>
        {form.Choice("lease", "Lease", open.Select(row => (row.Id, $"{row.Id}, {row.Holder}")), open[0].Id)}
        {form.Input("because", "Reason", "To decline or reclaim: the other side sees it.", longest: 500)}
        {form.Input("from", "Reclaim from", "UTC, as 2027-01-14T12:00:00Z, after the notice.", longest: 30)}
        <p><button class="main" name="do" value="accept">Accept</button>
        <button name="do" value="decline">Decline</button>
        <button name="do" value="reclaim">Reclaim</button></p>
        """));
}
