using Exchange.Market.Commands;
using Exchange.Market.Leases;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /leases — nodes that are lent, as a calendar for the two parties of each lease and for finance: what waits for an
/// answer, what is held until when, and what a landlord lends and has free.
/// </summary>
public sealed partial class LeasesPage
{
    public const string Path = "/leases";

    /// <summary>Leases that the reader may see, and for a landlord the nodes that it lends.</summary>
    public sealed record Leases(LeaseChart.Calendar? Calendar, IListing Listing)
    {
        /// <summary>Whether the reader is a PI, who has statements of what was sublet.</summary>
        public required bool HasStatements { get; init; }

        public required bool MayPropose { get; init; }

        public required Lending? Lent { get; init; }
    }

    /// <summary>What a landlord has free; null where it lends nothing.</summary>
    /// <param name="More">How many more are free than the table shows.</param>
    public sealed record Lending(ITable? Free, long More);

    /// <summary>How many nodes are shown that nobody holds.</summary>
    private const int MaxFree = 200;

    /// <summary>The way here, for those who are parties of leases.</summary>
    internal static IEnumerable<(string Name, string Path)> Link(Viewer viewer) =>
        Permissions.Allows(Permissions.KeepLeases, viewer.Role)
            ? [("Leases", Path), ("Agreements", AgreementsPage.Path)] : [];

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
        return listing.Answer(http) ?? Page.Of<LeasesPage, Leases>(http, "Leases", new(
            LeaseChart.CalendarOf([.. rows.Where(row => row.State is "agreed" or "proposed")], now), listing)
        {
            HasStatements = viewer.Pi is not null,
            MayPropose = viewer.Role != Role.Finance,
            Lent = viewer.Landlord is { } landlord
                ? LentBy(rows, await exchange.Kept.State(DeclaredNodes.Fold, landlord, ct), now) : null,
        }, form);
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
        new("Status", row => Cell.Tag(row.State, LeasePage.Tone(row.State)), Plain: row => row.State,
            Key: row => row.State),
        Column<LeaseRow>.Words("Waits for", row => row.Asked),
        Column<LeaseRow>.Words("Reason", row => row.Because),
    ], "Nothing is lent to you or by you yet.");

    private static Lending LentBy(IReadOnlyList<LeaseRow> rows, DeclaredNodes lent, Instant now)
    {
        var held = rows.Where(row => row.State == "agreed" && row.From <= now && now < row.Until)
            .SelectMany(row => row.Nodes.Select(node => (row.Cluster, node))).ToHashSet();
        var free = lent.All.Where(one => one.Period.Contains(now) && !held.Contains((one.Cluster, one.Node)))
            .OrderBy(one => one.Cluster.Value, StringComparer.Ordinal)
            .ThenBy(one => one.Node, StringComparer.Ordinal).ToList();
        return new(
            lent.All.Length == 0 ? null : new TableOf<LentNode>("Free now", free.Take(MaxFree).ToList(),
            [
                Column<LentNode>.Words("Cluster", one => one.Cluster.Value),
                Column<LentNode>.Words("Node", one => one.Node),
                Column<LentNode>.Time("Lent until", one => one.Period.End),
            ], "All nodes are held."), free.Count - MaxFree);
    }
}
