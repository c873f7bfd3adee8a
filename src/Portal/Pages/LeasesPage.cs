using Exchange.Market.Commands;
using Exchange.Market.Leases;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /leases — nodes that are lent, as a calendar for the two parties of each lease and for finance: what waits for an
/// answer, what is held until when, and what a landlord lends and has free.
/// </summary>
internal static class LeasesPage
{
    public const string Path = "/leases";

    /// <summary>How many nodes are shown that nobody holds.</summary>
    private const int MaxFree = 200;

    /// <summary>The way here, for those who are parties of leases.</summary>
    public static Html Link(Viewer viewer) => Html.If(
        Permissions.Allows(Permissions.KeepLeases, viewer.Role), () => Html.Of($" <a href=\"{Path}\">Leases</a>"));

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.KeepLeases).ExcludeFromDescription();
        app.MapPost($"{Path}/nodes", Lend).RequireAuthorization(Permissions.KeepLeases).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    private static Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct) =>
        Draw(http, exchange, Form.Empty, ct);

    /// <summary>A landlord says which nodes it lends, or lends to nobody new.</summary>
    private static async Task<IResult> Lend(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var viewer = Viewer.Needed(http);
        if (viewer.Landlord is not { } landlord)
        {
            return new NotThere();
        }

        var cluster = form.Value<ClusterId>("cluster", "The cluster");
        var nodes = LeaseForms.Nodes(form);
        var isRelease = form.Typed("do") == "release";
        var from = LeaseForms.At(form, "from", "From when on");
        var until = isRelease ? from : LeaseForms.At(form, "until", "Until when");
        if (form.IsRight)
        {
            var (_, refusal) = await exchange.Commands.Ask(
                new DeclareNodes(landlord, isRelease ? "release nodes" : "declare nodes", now => isRelease
                    ? DeclaredNodes.Release(cluster!.Value, nodes, from!.Value, viewer.Actor, now)
                    : until <= from ? new Refusal("lease/wrong", "Nodes are lent until after they begin to be.")
                    : DeclaredNodes.Declare(
                        cluster!.Value, nodes, new(from!.Value, until!.Value), viewer.Actor, now)), http, ct);
            if (refusal is null)
            {
                return Results.Redirect(Path);
            }

            form.Wrong("nodes", refusal.Message);
        }

        return await Draw(http, exchange, form, ct);
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, Form form, CancellationToken ct)
    {
        var viewer = Viewer.Needed(http);
        var rows = await LeasesFor.Rows(exchange, viewer, ct);
        var now = exchange.Clock.GetCurrentInstant();
        var listing = List(rows);
        var lent = viewer.Landlord is { } landlord
            ? Lent(http, form, rows, await exchange.Kept.State(DeclaredNodes.Fold, landlord, ct), now)
            : Html.None;
        return listing.IsAskedFor(http) ? listing.Csv(http) : Layout.Page(http, "Leases", Html.Of($"""
            <p class="crumbs"><a href="/quotes/saved">Saved quotes</a> <a href="/orders">Orders</a>
            <a href="{AuctionsPage.Path}">Auctions</a>{Html.If(viewer.Pi is not null, () => Html.Of($"""
             <a href="{EarningsPage.Path}">Statements</a>
            """))}</p>
            <p class="lead">Nodes that are held for a time, paid for used or not. Only the two parties of a lease and
            finance see it.</p>
            {form.Summary()}
            {LeaseChart.Of([.. rows.Where(row => row.State is "agreed" or "proposed")], now)}
            {listing.Of(http)}
            {Html.If(viewer.Role != Role.Finance, () => Html.Of($"""
            <p><a class="button" href="{ProposeLeasePage.Path}">Propose lease</a></p>
            """))}
            {lent}
            """), form.Status);
    }

    private static Listing<LeaseRow> List(IReadOnlyList<LeaseRow> rows) => new("leases", "Leases", rows,
    [
        Column<LeaseRow>.Link("Lease", row => row.Id, row => LeasePage.Href(row.Id)),
        Column<LeaseRow>.Words("Lessor", row => row.Lessor),
        Column<LeaseRow>.Words("Holder", row => row.Holder.Value),
        Column<LeaseRow>.Words("Cluster", row => row.Cluster.Value),
        Column<LeaseRow>.Words("Nodes", row => string.Join(", ", row.Nodes)),
        Column<LeaseRow>.Time("From", row => row.From),
        Column<LeaseRow>.Time("Until", row => row.Until),
        Column<LeaseRow>.Words("Per hour", row => LeasePage.Price(row)),
        Column<LeaseRow>.State("Status", row => row.State, row => row.State is "agreed" or "over"),
        Column<LeaseRow>.Words("Waits for", row => row.Asked),
        Column<LeaseRow>.Words("Reason", row => row.Because),
    ], "Nothing is lent to you or by you yet.");

    private static Html Lent(
        HttpContext http, Form form, IReadOnlyList<LeaseRow> rows, DeclaredNodes lent, Instant now)
    {
        var held = rows.Where(row => row.State == "agreed" && row.From <= now && now < row.Until)
            .SelectMany(row => row.Nodes.Select(node => (row.Cluster, node))).ToHashSet();
        var free = lent.All.Where(one => one.Period.Contains(now) && !held.Contains((one.Cluster, one.Node)))
            .OrderBy(one => one.Cluster.Value, StringComparer.Ordinal)
            .ThenBy(one => one.Node, StringComparer.Ordinal).ToList();
        return Html.Of($"""
            <h2>Nodes that are lent</h2>
            {Html.If(lent.All.Length > 0, () => Table.Of("Free now", free.Take(MaxFree).ToList(), [
                Column<LentNode>.Words("Cluster", one => one.Cluster.Value),
                Column<LentNode>.Words("Node", one => one.Node),
                Column<LentNode>.Time("Lent until", one => one.Period.End)], "All nodes are held."))}
            {Html.If(free.Count > MaxFree, () => Html.Of($"""
            <p>{Show.Of((long)free.Count - MaxFree)} more are free.</p>
            """))}
            {Form.Post(http, $"{Path}/nodes", Html.Of($"""
            {form.Input("cluster", "Cluster", longest: 60)}
            {form.Input("nodes", "Nodes", "Names with blanks between them.", longest: 4000)}
            {form.Input("from", "From", LeaseForms.Hint, longest: 30)}
            {form.Input("until", "Until", "Not needed to release.", longest: 30)}
            <p><button class="main" name="do" value="declare">Lend nodes</button>
            <button name="do" value="release">Release nodes</button></p>
            """))}
            """);
    }
}
