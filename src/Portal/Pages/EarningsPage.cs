using Exchange.Invoicing.Payouts;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /pi/statements — what the projects of a PI earned by subletting nodes, as each close settled it: looked at, accepted
/// or disputed like the statement of a landlord.
/// </summary>
internal static class EarningsPage
{
    public const string Path = "/pi/statements";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.SeeSpending).ExcludeFromDescription();
        app.MapGet($"{Path}/{{project}}/{{month}}", One).RequireAuthorization(Permissions.SeeSpending)
            .ExcludeFromDescription();
        app.MapPost($"{Path}/{{project}}/{{month}}", Answer).RequireAuthorization(Permissions.AnswerStatements)
            .ChecksForm().Makes().ExcludeFromDescription();
    }

    public static string Href(PayeeName payee, BillingMonth month) =>
        $"{Path}/{Uri.EscapeDataString(payee.Name)}/{month}";

    private static async Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct) =>
        await StatementsPage.All(
            http, exchange, "Statements", [.. (await Subletting(http, exchange, ct)).Select(PayeeName.Of)], Html.Of($"""
            <p class="crumbs"><a href="{LeasesPage.Path}">Leases</a></p>
            <p class="lead">What your projects earned by subletting nodes, and what of it was paid out. Closing a month
            draws a statement; accept it, or dispute a line.</p>
            """), ct);

    private static async Task<IResult> One(
        HttpContext http, Composition exchange, ProjectId project, BillingMonth month, CancellationToken ct) =>
        (await Subletting(http, exchange, ct)).Contains(project)
            ? await StatementsPage.Draw(http, exchange, PayeeName.Of(project), month, Form.Empty, ct) : new NotThere();

    private static async Task<IResult> Answer(
        HttpContext http, Composition exchange, ProjectId project, BillingMonth month, CancellationToken ct) =>
        Viewer.Needed(http).Pi is not null && (await Subletting(http, exchange, ct)).Contains(project)
            ? await StatementsPage.Answer(http, exchange, PayeeName.Of(project), month, ct) : new NotThere();

    /// <summary>Projects of the reader that sublet something, or did.</summary>
    private static async Task<IReadOnlyList<ProjectId>> Subletting(
        HttpContext http, Composition exchange, CancellationToken ct)
    {
        var leases = (await exchange.Prices.Get(ct)).Agreements.Leases;
        var above = leases.Select(lease => lease.Parent).ToHashSet(StringComparer.Ordinal);
        var mine = await AuctionsFor.Owned(exchange, Viewer.Needed(http), ct);
        return
        [
            .. leases.Where(lease => above.Contains(lease.Id)).SelectMany(lease => lease.Holders)
                .Select(holder => holder.Project).Distinct().Where(mine)
                .OrderBy(one => one.Value, StringComparer.Ordinal),
        ];
    }
}
