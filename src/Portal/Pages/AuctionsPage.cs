using Exchange.Market.Auctions;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /auctions — auctions of nodes, and one of them by ?id=: a landlord puts nodes up, a PI bids, finance opens and
/// clears, and of asks and bids each sees their own alone.
/// </summary>
internal static class AuctionsPage
{
    public const string Path = "/auctions";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.BidInAuctions).ExcludeFromDescription();
        app.MapPost(Path, Say).RequireAuthorization(Permissions.BidInAuctions).ChecksForm().Makes()
            .ExcludeFromDescription();
        app.MapPost($"{Path}/act", Act).RequireAuthorization(Permissions.BidInAuctions).ChecksForm()
            .Edits(http => $"auction {Field(http, "id")} {Field(http, "which")}", Edition).ExcludeFromDescription();
    }

    private static string Href(string id) => $"{Path}?id={Uri.EscapeDataString(id)}";

    private static string Field(HttpContext http, string name) =>
        http.Request.HasFormContentType ? http.Request.Form[name].ToString() : "";

    private static Task<ETag?> Edition(HttpContext http, Composition exchange, CancellationToken ct) =>
        Field(http, "do") == "clear"
            ? AuctionsFor.Edition(exchange, Field(http, "id"), ct)
            : AuctionsFor.Edition(exchange, Field(http, "id"), Field(http, "which"), Viewer.Needed(http), ct);

    private static Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct) =>
        Draw(http, exchange, http.Request.Query["id"].ToString(), Form.Empty, ct);

    /// <summary>Finance opens an auction, a landlord asks, a PI bids.</summary>
    private static async Task<IResult> Say(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var (viewer, id) = (Viewer.Needed(http), form.Typed("id"));
        Func<Task<string>>? say = (form.Typed("do"), viewer) switch
        {
            ("open", { Role: Role.Finance }) => Open(http, exchange, form, ct),
            ("ask", { Landlord: { } landlord }) => Ask(http, exchange, form, landlord, ct),
            ("bid", { Pi: not null }) => Bid(http, exchange, form, ct),
            _ => null,
        };
        if (say is null && form.IsRight)
        {
            return new NotThere();
        }

        if (form.IsRight)
        {
            try
            {
                return Results.Redirect(Href(await say!()));
            }
            catch (RefusedException e)
            {
                form.Wrong(form.Typed("do") switch
                {
                    "open" => "closes",
                    "ask" => "nodes",
                    _ => "project",
                }, e.Refusal.Message);
            }
        }

        return await Draw(http, exchange, id, form, ct);
    }

    private static Func<Task<string>>? Open(HttpContext http, Composition exchange, Form form, CancellationToken ct)
    {
        var (from, until) = (LeaseForms.At(form, "from", "From when on"), LeaseForms.At(form, "until", "Until when"));
        var closes = LeaseForms.At(form, "closes", "Until when bids are taken");
        if (from >= until)
        {
            form.Wrong("until", "Nodes are used until after they begin to be.");
        }

        return !form.IsRight ? null : async () => (await AuctionsFor.Open(
            exchange, new(from!.Value, until!.Value), closes!.Value, Actors.Of(http), ct)).Id;
    }

    private static Func<Task<string>>? Ask(
        HttpContext http, Composition exchange, Form form, LandlordId landlord, CancellationToken ct)
    {
        var (id, cluster) = (form.Typed("id"), form.Value<ClusterId>("cluster", "The cluster"));
        var (nodes, least) = (LeaseForms.Nodes(form), form.Amount("price", "The least for a node and hour"));
        var shape = LeaseForms.Shape(form);
        return !form.IsRight ? null : async () =>
        {
            await AuctionsFor.Ask(
                exchange, id, new("", landlord, cluster!.Value, nodes, least!.Value, shape), Actors.Of(http), ct);
            return id;
        };
    }

    private static Func<Task<string>>? Bid(HttpContext http, Composition exchange, Form form, CancellationToken ct)
    {
        var (id, project) = (form.Typed("id"), form.Value<ProjectId>("project", "The project"));
        var most = form.Amount("price", "The most for a node and hour");
        if (!int.TryParse(form.Line("count", "The number of nodes", 5), out var nodes))
        {
            form.Wrong("count", "The number of nodes is a whole number, as 4.");
        }

        return !form.IsRight ? null : async () =>
        {
            await AuctionsFor.Bid(
                exchange, id, new NodeBid("", project!.Value, nodes, most!.Value), Viewer.Needed(http),
                Actors.Of(http), ct);
            return id;
        };
    }

    /// <summary>What was asked or bid is taken back; finance clears.</summary>
    private static async Task<IResult> Act(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var (viewer, id) = (Viewer.Needed(http), form.Typed("id"));
        if (form.IsRight)
        {
            try
            {
                await (form.Typed("do") == "clear"
                    ? AuctionsFor.Clear(exchange, id, Actors.Of(http), ct)
                    : AuctionsFor.Withdraw(exchange, id, form.Typed("which"), viewer, Actors.Of(http), ct));
                return Results.Redirect(Href(id));
            }
            catch (RefusedException e)
            {
                form.Wrong("act", e.Refusal.Message);
            }
        }

        return await Draw(http, exchange, id, form, ct);
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, string id, Form form, CancellationToken ct)
    {
        var viewer = Viewer.Needed(http);
        var found = id.Length is 0 or > 40 ? null : await AuctionsFor.Find(exchange, viewer, id, ct);
        if (id.Length > 0 && found is null)
        {
            return new NotThere();
        }

        var listing = new Listing<AuctionRow>("auctions", "Auctions", await AuctionsFor.Rows(exchange, ct),
        [
            Column<AuctionRow>.Link("Auction", row => row.Id, row => Href(row.Id)),
            Column<AuctionRow>.Time("From", row => row.From),
            Column<AuctionRow>.Time("Until", row => row.Until),
            Column<AuctionRow>.Time("Closes", row => row.ClosesAt),
            Column<AuctionRow>.State("Status", row => row.State, row => row.State != "closed"),
            Column<AuctionRow>.Number("Asks", row => row.Asks),
            Column<AuctionRow>.Number("Bids", row => row.Bids),
            Column<AuctionRow>.Number(
                "Node and hour", row => row.Price is { } price ? Show.Of(price) : "", row => row.Price?.Cents),
        ], "No auction was opened yet.");
        return listing.IsAskedFor(http) ? listing.Csv(http) : Layout.Page(http, "Auctions", Html.Of($"""
            <p class="crumbs"><a href="{LeasesPage.Path}">Leases</a></p>
            <p class="lead">Nodes for a time, to whoever offers most. Nobody is told what others ask or bid; all go at
            one price, that of the last ask that sells, and each fill is a lease.</p>
            {form.Summary()}
            {listing.Of(http)}
            {(found is not null ? One(http, form, viewer, found)
                : Html.If(viewer.Role == Role.Finance, () => Opening(http, form)))}
            """), form.Status);
    }

    private static Html Opening(HttpContext http, Form form) => Html.Of($"""
        <h2>Open an auction</h2>
        {Form.Post(http, Path, Html.Of($"""
        {form.Input("from", "From", $"When the nodes are used. {LeaseForms.Hint}", longest: 30)}
        {form.Input("until", "Until", LeaseForms.Hint, longest: 30)}
        {form.Input("closes", "Closes", "Until when asks and bids are taken, before the nodes are used.", longest: 30)}
        <p><button class="main" name="do" value="open">Open auction</button></p>
        """))}
        """);

    private static Html One(HttpContext http, Form form, Viewer viewer, AuctionDetails found)
    {
        var auction = found.Auction;
        return Html.Of($"""
            <h2>{auction.Id}</h2>
            {Html.If(viewer.Landlord is not null, () => Table.Of("Your asks", found.Asks, [
                Column<AskRow>.Words("Ask", ask => ask.Id),
                Column<AskRow>.Words("Cluster", ask => ask.Cluster.Value),
                Column<AskRow>.Words("Nodes", ask => string.Join(", ", ask.Nodes)),
                Column<AskRow>.Amount("Least", ask => ask.PerHour),
                new("Actions", ask => Back(http, auction, ask.Id, ask.Version))], "You put nothing up in it."))}
            {Html.If(viewer.Pi is not null, () => Table.Of("Your bids", found.Bids, [
                Column<BidRow>.Words("Bid", bid => bid.Id),
                Column<BidRow>.Words("Project", bid => bid.Project.Value),
                Column<BidRow>.Number("Nodes", bid => bid.Nodes),
                Column<BidRow>.Amount("Most", bid => bid.PerHour),
                new("Actions", bid => Back(http, auction, bid.Id, bid.Version))], "You bid for nothing in it."))}
            {Html.If(auction.State == "cleared", () => Table.Of("What was sold", found.Fills, [
                Column<FillRow>.Words("Ask or bid", fill => fill.Of),
                Column<FillRow>.Words("Nodes", fill => string.Join(", ", fill.Nodes)),
                Column<FillRow>.Link("Lease", fill => fill.Lease, fill => LeasePage.Href(fill.Lease))],
                "Nothing of it is yours."))}
            {Html.If(auction.State == "open" && viewer.Role != Role.Finance, () => Saying(http, form, viewer, auction))}
            {Html.If(auction.State == "closed" && viewer.Role == Role.Finance, () => Form.Post(
                http, $"{Path}/act", Html.Of($"""
                {Form.Hidden("id", auction.Id)}{Form.Hidden(ETag.Field, auction.Version)}
                <p><button class="main" name="do" value="clear">Clear auction</button></p>
                """)))}
            """);
    }

    private static Html Back(HttpContext http, AuctionRow auction, string which, string version) =>
        Html.If(auction.State == "open", () => Form.Post(http, $"{Path}/act", Html.Of($"""
            {Form.Hidden("id", auction.Id)}{Form.Hidden("which", which)}{Form.Hidden(ETag.Field, version)}
            <button name="do" value="withdraw" aria-label="Withdraw {which}">Withdraw</button>
            """)));

    private static Html Saying(HttpContext http, Form form, Viewer viewer, AuctionRow auction) =>
        Form.Post(http, Path, viewer.Landlord is not null ? Html.Of($"""
            {Form.Hidden("id", auction.Id)}{form.Input("cluster", "Cluster", longest: 60)}
            {form.Input("nodes", "Nodes", "Names with blanks between them, of nodes that you lend.", longest: 4000)}
            {form.Input("price", "Least dollars a node and hour", "As 0.50.", longest: 30)}
            {form.Input("shape", "Shape", "What the price sheet asks of a node, as JSON; may be left empty.",
                longest: 500)}
            <p><button class="main" name="do" value="ask">Put nodes up</button></p>
            """) : Html.Of($"""
            {Form.Hidden("id", auction.Id)}{form.Input("project", "Project", "Which project would hold them.")}
            {form.Input("count", "Nodes", "How many.", longest: 5)}
            {form.Input("price", "Most dollars a node and hour", "As 0.50.", longest: 30)}
            <p><button class="main" name="do" value="bid">Bid</button></p>
            """));
}
