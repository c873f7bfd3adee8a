using Exchange.Journal;
using Exchange.Market.Quotes;
using Exchange.Market.Reading;
using Exchange.Portal.Spend;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>GET /v1/quotes/saved and /v1/agreements — what was quoted and agreed on, for its parties.</summary>
internal static class GetQuotes
{
    /// <summary>What one place quoted, line by line.</summary>
    internal sealed record QuoteWithLines(QuoteRow Quote, IReadOnlyList<PlannedUsage> Usage,
        IReadOnlyList<QuoteLine> Lines);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/quotes/elsewhere", Elsewhere).Reads<ElsewhereAnswer>(
            "GetMonthElsewhere", "What the usage of a month, or of a project in it, would have cost at every place.");
        app.MapGet("/v1/quotes/saved", Saved).Reads<PageOf<QuoteRow>>(
            "GetSavedQuotes", "Saved quotes of the caller's landlord, or of all.");
        app.MapGet("/v1/quotes/saved/{id}", One).Reads<IReadOnlyList<QuoteWithLines>>(
            "GetSavedQuote", "One saved quote with its lines, a part for each place.");
        app.MapGet("/v1/agreements", Agreed).Reads<PageOf<QuoteRow>>(
            "GetAgreements", "Agreements on prices of the caller's landlord, or of all.");
    }

    private static Task<IResult> Saved(
        HttpContext http, View view, LandlordId? landlord, ProjectId? project, string? cursor, int? limit) =>
        List(http, view, new(null, landlord, project, false, Cursor.Key(cursor), Cursor.Limit(limit)));

    private static Task<IResult> Agreed(
        HttpContext http, View view, LandlordId? landlord, ProjectId? project, string? cursor, int? limit) =>
        List(http, view, new(null, landlord, project, true, Cursor.Key(cursor), Cursor.Limit(limit)));

    /// <summary>It spans landlords, so a key of one of them does not read it.</summary>
    private static async Task<IResult> Elsewhere(
        HttpContext http, Composition exchange, BillingMonth month, ProjectId? project, CancellationToken ct) =>
        ReadRoute.IsForAll(http)
            ? new Tagged(await ElsewhereFor.Run(exchange, month, null, project, null, ct))
            : new LandlordScope.Refused();

    private static async Task<IResult> List(HttpContext http, View view, QuoteQuery query)
    {
        var exchange = http.RequestServices.GetRequiredService<Composition>();
        if (LandlordScope.Of(http, query.Landlord) is not { } reach)
        {
            return new LandlordScope.Refused();
        }

        var rows = await Rows(http, view, exchange, query with { Landlord = reach.Landlord }, http.RequestAborted);
        return new Tagged(PageOf<QuoteRow>.Of(rows, query.Limit, QuoteList.KeyOf));
    }

    private static async Task<IResult> One(
        HttpContext http, View view, Composition exchange, string id, CancellationToken ct)
    {
        var rows = await Rows(http, view, exchange, new(id), ct);
        if (rows.Count == 0)
        {
            return new NotThere();
        }

        var terms = (await exchange.Journal.State(SavedQuote.Fold, id, ct)).Needed();
        return new Tagged(rows.Select(row => new QuoteWithLines(
            row, terms.Parts[row.Part].Usage, terms.Parts[row.Part].Lines)).ToList());
    }

    /// <summary>What the viewer may see of them, with the names that they may know.</summary>
    public static async Task<IReadOnlyList<QuoteRow>> Rows(
        HttpContext http, View view, Composition exchange, QuoteQuery query, CancellationToken ct)
    {
        var rows = await QuoteList.Run(
            await view.Connection(ct), query, exchange.Clock.GetCurrentInstant(), ct);
        return await Confidential.For(http, exchange, ct) is { } names ? [.. rows.Select(names.Of)] : rows;
    }
}
