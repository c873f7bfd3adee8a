using Exchange.Journal;
using Exchange.Portal.Api;
using Exchange.Portal.Awards;
using Exchange.Portal.Awards.Reports;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>GET /finance/awards — the awards of all PIs; how those of one stand is worked out when asked for.</summary>
internal static class AllAwardsPage
{
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
        return all.IsAskedFor(http) ? all.Csv(http)
            : standings?.IsAskedFor(http) == true ? standings.Csv(http)
            : Layout.Page(http, "Awards", Html.Of($"""
                <p class="lead">What sponsors pay for. Each PI enters their own; programs enter them with a key of
                finance's, and the command line with 'exchange awards set'.</p>
                {Html.If(standings is not null, () => Html.Of($"""
                <h2>Awards of {pi!.Value.Value}</h2>
                <p class="lead">Spent so far, and the forecast at the award's end if days go on as the last seven, as
                of {Show.Of(now)}.</p>
                {standings!.Of(http)}
                <h2>All awards</h2>
                """))}
                {all.Of(http)}
                """));
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
