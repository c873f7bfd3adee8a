using Exchange.Journal;
using Exchange.Portal.Api;
using Exchange.Portal.Awards;
using Exchange.Portal.Awards.Reports;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /finance/awards — the awards of all PIs; how those of one stand is worked out when asked for.</summary>
public sealed partial class AllAwardsPage
{
    /// <summary>All awards, and how those of one PI stand where they were asked for.</summary>
    public sealed record Book(IListing All, PiStanding? OfPi);

    /// <summary>How the awards of a PI stand as of an instant.</summary>
    public sealed record PiStanding(PiId Pi, Instant Now, IListing Awards);

    private const string Path = "/finance/awards";

    public static void Map(IEndpointRouteBuilder app) => app.MapGet(Path, Get)
        .RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription().ChecksNames();

    private static async Task<IResult> Get(HttpContext http, Composition exchange, PiId? pi, CancellationToken ct)
    {
        var book = await exchange.Journal.State(AwardBook.Fold, AwardBook.Id, ct);
        var all = List([.. book.Awards.Select(award => award.Terms)
            .OrderBy(terms => terms.Pi.Value, StringComparer.Ordinal).ThenBy(terms => terms.From)]);
        var now = exchange.Clock.GetCurrentInstant();
        var standings = pi is { } one
            ? AwardsPage.List(await AwardStanding.Of(exchange, one, now, ct), isOwn: false) : null;
        return all.Answer(http) ?? standings?.Answer(http) ?? Page.Of<AllAwardsPage, Book>(
            http, "Awards", new(all, standings is null ? null : new(pi!.Value, now, standings)));
    }

    private static Listing<AwardTerms> List(IReadOnlyList<AwardTerms> awards) => new("all", "Awards of all PIs", awards,
    [
        Column<AwardTerms>.Words("Award", a => a.Number),
        Column<AwardTerms>.Link("PI", a => a.Pi.Value, a => $"{Path}?pi={Uri.EscapeDataString(a.Pi.Value)}"),
        Column<AwardTerms>.Words("Sponsor", a => a.Sponsor),
        Column<AwardTerms>.Day("First day", a => a.From),
        Column<AwardTerms>.Day("Last day", a => a.To.PlusDays(-1)),
        Column<AwardTerms>.Words("Projects", a => string.Join(", ", a.Projects)),
        Column<AwardTerms>.Amount("Budget", a => a.Budget),
    ], "No PI has entered an award yet. Awards show how long a sponsor's budget lasts.");
}
