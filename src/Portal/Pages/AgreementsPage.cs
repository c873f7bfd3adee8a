using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;

namespace Exchange.Portal.Pages;

/// <summary>
/// /agreements — reservations, commitments and locked prices as a calendar, for the two parties of each and for
/// finance: what waits for an answer, and what holds until when.
/// </summary>
public sealed partial class AgreementsPage
{
    public const string Path = "/agreements";

    /// <summary>Agreements that the reader may see.</summary>
    public sealed record Agreements(LeaseChart.Calendar? Calendar, IListing Listing, bool MayPropose);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet(Path, Get).RequireAuthorization(Permissions.KeepAgreements).ExcludeFromDescription();

    private static async Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var viewer = Viewer.Needed(http);
        var rows = await DealsFor.Rows(exchange, viewer, ct);
        var listing = new Listing<DealRow>("agreements", "Agreements", rows,
        [
            Column<DealRow>.Link("Agreement", row => row.Id, row => AgreementPage.Href(row)),
            Column<DealRow>.Words("Kind", row => row.Kind),
            new("Status", row => Cell.Tag(row.State, LeasePage.Tone(row.State)), Plain: row => row.State,
                Key: row => row.State),
            Column<DealRow>.Words("Waits for", row => row.Asked),
            Column<DealRow>.Words("Landlord", row => row.Landlord.Value),
            Column<DealRow>.Words("Cluster", row => row.Cluster.Value) with { IsExtra = true },
            Column<DealRow>.Words("Project", row => row.Holder.Value),
            Column<DealRow>.Words("What", row => row.What),
            Column<DealRow>.Words("Dollars a unit", row => row.Rate),
            Column<DealRow>.Time("From", row => row.From),
            Column<DealRow>.Time("Until", row => row.Until),
            Column<DealRow>.Words("Reason", row => row.Because) with { IsExtra = true },
        ], "Nothing is agreed with you yet.");
        return listing.Answer(http) ?? Page.Of<AgreementsPage, Agreements>(http, "Agreements", new(
            LeaseChart.CalendarOf(
                [
                    .. rows.Where(row => row.State is "agreed" or "proposed").Select(row =>
                        new LeaseChart.Held(row.Id, row.From, row.Until, row.State == "agreed")),
                ], exchange.Clock.GetCurrentInstant()),
            listing, viewer.Role != Role.Finance));
    }
}
