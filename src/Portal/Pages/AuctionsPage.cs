using Exchange.Market.Auctions;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using Microsoft.AspNetCore.Components;

namespace Exchange.Portal.Pages;

/// <summary>
/// /auctions — auctions of nodes, and one of them by ?id=: a landlord puts nodes up, a PI bids, finance opens and
/// clears, and of asks and bids each sees their own alone.
/// </summary>
public sealed partial class AuctionsPage
{
    public const string Path = "/auctions";

    /// <summary>Who reads.</summary>
    public enum Side
    {
        Finance,
        Landlord,
        Pi,
    }

    /// <summary>All auctions, and one of them where it was asked for.</summary>
    public sealed record Auctions(IListing All, Side Reader, One? One);

    /// <summary>An auction with what the reader said in it, and what was sold.</summary>
    public sealed record One(string Id, string State, string Version, IReadOnlyList<ITable> Tables);

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
                form.Wrong(Form.Whole, e.Refusal.Message);
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
                "Price", row => row.Price is { } price ? Show.Of(price) : "", row => row.Price?.Cents),
        ], "No auction was opened yet.");
        return listing.Answer(http) ?? Page.Of<AuctionsPage, Auctions>(http, "Auctions", new(
            listing, Reader(viewer), found is null ? null : OneOf(viewer, found)), form);
    }

    private static Side Reader(Viewer viewer) => viewer.Role == Role.Finance ? Side.Finance
        : viewer.Landlord is not null ? Side.Landlord : Side.Pi;

    private static One OneOf(Viewer viewer, AuctionDetails found)
    {
        var auction = found.Auction;
        return new(auction.Id, auction.State, auction.Version,
        [
            .. viewer.Landlord is null ? [] : (ITable[])[Asks(found)],
            .. viewer.Pi is null ? [] : (ITable[])[Bids(found)],
            .. auction.State != "cleared" ? [] : (ITable[])[Fills(found)],
        ]);
    }

    private static TableOf<AskRow> Asks(AuctionDetails found) => new("Your asks", found.Asks,
    [
        Column<AskRow>.Words("Ask", ask => ask.Id),
        Column<AskRow>.Words("Cluster", ask => ask.Cluster.Value),
        Column<AskRow>.Words("Nodes", ask => string.Join(", ", ask.Nodes)),
        Column<AskRow>.Amount("Least", ask => ask.PerHour),
        new("Actions", ask => Back(found.Auction, ask.Id, ask.Version)),
    ], "You put nothing up in it.");

    private static TableOf<BidRow> Bids(AuctionDetails found) => new("Your bids", found.Bids,
    [
        Column<BidRow>.Words("Bid", bid => bid.Id),
        Column<BidRow>.Words("Project", bid => bid.Project.Value),
        Column<BidRow>.Number("Nodes", bid => bid.Nodes),
        Column<BidRow>.Amount("Most", bid => bid.PerHour),
        new("Actions", bid => Back(found.Auction, bid.Id, bid.Version)),
    ], "You bid for nothing in it.");

    private static TableOf<FillRow> Fills(AuctionDetails found) => new("What was sold", found.Fills,
    [
        Column<FillRow>.Words("Ask or bid", fill => fill.Of),
        Column<FillRow>.Words("Nodes", fill => string.Join(", ", fill.Nodes)),
        Column<FillRow>.Link("Lease", fill => fill.Lease, fill => LeasePage.Href(fill.Lease)),
    ], "Nothing of it is yours.");

    private static RenderFragment Back(AuctionRow auction, string which, string version) => Cell.If(
        auction.State == "open", () => Cell.Of<WithdrawBid>(
            nameof(WithdrawBid.Of), new WithdrawBid.Said(auction.Id, which, version)));
}
