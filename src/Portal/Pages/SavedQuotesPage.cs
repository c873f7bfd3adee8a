using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Quotes;
using Exchange.Market.Reading;
using Exchange.Portal.Api;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>/quotes/saved — quotes that were saved; /quotes/saved/ID — one of them, and its acts.</summary>
internal static class SavedQuotesPage
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/quotes/saved", List).RequireAuthorization(Permissions.AskForQuotes).ExcludeFromDescription();
        app.MapGet("/quotes/saved/{id}", One).RequireAuthorization(Permissions.AskForQuotes).ExcludeFromDescription();
        app.MapPost("/quotes/saved/{id}/accept", Accept).RequireAuthorization(Permissions.KeepQuotes).ChecksForm()
            .Edits(Streams).ExcludeFromDescription();
        app.MapPost("/quotes/saved/{id}/end", End).RequireAuthorization(Permissions.KeepQuotes).ChecksForm()
            .Edits(Streams).ExcludeFromDescription();
    }

    public static string Href(string id) => $"/quotes/saved/{Uri.EscapeDataString(id)}";

    private static async Task<IReadOnlyList<string>?> Streams(
        HttpContext http, Composition exchange, CancellationToken ct)
    {
        var id = $"{http.Request.RouteValues["id"]}";
        await using var view = View.Of(http);
        return await GetQuotes.Rows(http, view, exchange, new(id), ct) is [] ? null : [SavedQuote.Fold.StreamOf(id)];
    }

    private static async Task<IResult> List(HttpContext http, View view, Composition exchange, CancellationToken ct)
    {
        var rows = await GetQuotes.Rows(http, view, exchange, new(), ct);
        var listing = new Listing<QuoteRow>("quotes", "Saved quotes and agreements", rows,
        [
            Column<QuoteRow>.Link("Quote", row => row.Id, row => Href(row.Id)),
            Column<QuoteRow>.Words("Project", row => row.Project.Value),
            Column<QuoteRow>.Words("Customer", row => row.Customer ?? row.Pi?.Value ?? ""),
            Column<QuoteRow>.Words("Landlord", row => row.Landlord.Value),
            Column<QuoteRow>.Words("Cluster", row => row.Cluster.Value),
            Column<QuoteRow>.Time("From", row => row.Period.Start),
            Column<QuoteRow>.Time("To", row => row.Period.End),
            Column<QuoteRow>.Words("Status", row => row.State),
            Column<QuoteRow>.Amount("Amount", row => row.Total),
        ], "No quote was saved yet. Ask for one on the page Quotes and save it there.");
        var leases = LeasesPage.Link(Viewer.Needed(http));
        return listing.IsAskedFor(http) ? listing.Csv(http) : Layout.Page(http, "Saved quotes", Html.Of($"""
            <p class="crumbs"><a href="/quotes">Quotes</a> <a href="/orders">Orders</a>{leases}</p>
            <p class="lead">Prices that landlords hold: until a quote lapses, and once it is accepted for the time of
            its plan. Amounts are before funds.</p>
            {listing.Of(http)}
            """));
    }

    private static Task<IResult> One(
        HttpContext http, View view, Composition exchange, string id, CancellationToken ct) =>
        Draw(http, view, exchange, id, Form.Empty, ct);

    private static async Task<IResult> Accept(
        HttpContext http, View view, Composition exchange, string id, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        if (form.IsRight)
        {
            try
            {
                _ = await KeepQuote.Accept(exchange, id, Viewer.Needed(http).Pi, Actors.Of(http), ct);
                return Results.Redirect(Href(id));
            }
            catch (RefusedException e)
            {
                form.Wrong("accept", e.Refusal.Message);
            }
        }

        return await Draw(http, view, exchange, id, form, ct);
    }

    private static async Task<IResult> End(
        HttpContext http, View view, Composition exchange, string id, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        if (form.IsRight)
        {
            var viewer = Viewer.Needed(http);
            if (await exchange.Commands.Try(new EndAgreement(id, viewer.Pi, null, viewer.Actor), http, ct) is not
                { } refusal)
            {
                return Results.Redirect(Href(id));
            }

            form.Wrong("end", refusal.Message);
        }

        return await Draw(http, view, exchange, id, form, ct);
    }

    public static async Task<IResult> Draw(
        HttpContext http, View view, Composition exchange, string id, Form form, CancellationToken ct)
    {
        var rows = await GetQuotes.Rows(http, view, exchange, new(id), ct);
        if (rows is not [var first, ..])
        {
            return new NotThere();
        }

        var terms = (await exchange.Journal.State(SavedQuote.Fold, id, ct)).Needed();
        var edition = await ETag.Of(exchange, [SavedQuote.Fold.StreamOf(id)], ct);
        var after = await AfterFunds(view, exchange, Viewer.Needed(http), terms, ct);
        var mayKeep = Permissions.Allows(Permissions.KeepQuotes, Viewer.Needed(http).Role);
        return Layout.Page(http, $"Quote {id}", Html.Of($"""
            <p class="crumbs"><a href="/quotes">Quotes</a> <a href="/quotes/saved">Saved quotes</a></p>
            {form.Summary()}
            <dl class="facts"><dt>Status</dt><dd>{Tag.Of(first.State, first.State is "open" or "accepted")}</dd>
            <dt>Project</dt><dd>{first.Project}</dd>
            <dt>Customer</dt><dd>{first.Customer ?? first.Pi?.Value ?? "not known"}</dd>
            <dt>Prices hold</dt><dd>from {Show.Of(first.Period.Start)} to {Show.Of(first.Period.End)}</dd>
            <dt>Accept before</dt><dd>{Show.Of(first.ValidUntil)}</dd>
            <dt>Total before funds</dt><dd>{Show.Of(Money.Sum(rows.Select(row => row.Total)))}</dd></dl>
            {FundsBox.Of(id, after)}
            {Html.Join(rows, row => Part(row, terms.Parts[row.Part]))}
            {Html.If(mayKeep, () => Html.Of($"{Order(http, rows)}{Buttons(http, first, edition)}"))}
            """), form.Status);
    }

    /// <summary>For who answers for the project and finance; what funds pay is nothing to a landlord.</summary>
    private static async Task<PlanAfterFunds?> AfterFunds(
        View view, Composition exchange, Viewer viewer, QuoteTerms terms, CancellationToken ct) =>
        viewer.Pi is null && viewer.Sees != "money" ? null
            : await (await FundsOfPlans.Read(
                exchange, view, exchange.Clock.GetCurrentInstant(), viewer.Pi, ct)).Of(terms, ct);

    private static Html Part(QuoteRow row, QuotePart part) => Html.Of($"""
        <h2>{row.Landlord}, {row.Cluster}</h2>
        <p>{string.Join("; ", part.Usage.Select(one => one.Words))}</p>
        {Table.Of($"Lines of {row.Landlord}, {row.Cluster}", part.Lines, [
            Column<QuoteLine>.Month("Month", line => line.Month),
            Column<QuoteLine>.Words("SKU", line => line.Sku.Value),
            Column<QuoteLine>.Words("Tier", line => line.Step ?? ""),
            Column<QuoteLine>.Number("Quantity", line => Show.Of(line.Quantity)),
            Column<QuoteLine>.Number("Price of each", line => $"${Exchange.Text.Of(line.Rate.Amount)}"),
            Column<QuoteLine>.Amount("Amount", line => line.Amount),
            Column<QuoteLine>.Link("Sheet", line => line.Sheet,
                line => $"/sheet?id={Uri.EscapeDataString(line.Sheet)}"),
        ], "", Table.Foot("Total", 5, Html.Of($"{Show.Of(row.Total)}"), Html.None))}
        """);

    /// <summary>What is quoted can be ordered while it can be accepted, and once it was.</summary>
    private static Html Order(HttpContext http, IReadOnlyList<QuoteRow> rows) => Html.If(
        rows[0].State is "open" or "accepted" && rows[0].Pi is not null, () => Html.Join(rows, row => Form.Post(
            http, "/orders/place", Html.Of($"""
            {Form.Hidden("quote", row.Id)}{Form.Hidden("part", $"{row.Part}")}
            <p class="hint">An order asks {row.Landlord} to give it, and whoever pays to agree. It reserves the
            budget.</p>
            <p><button class="main">Order at {row.Landlord}, {row.Cluster}</button></p>
            """))));

    private static Html Buttons(HttpContext http, QuoteRow row, ETag edition) => row.State switch
    {
        "open" => Form.Post(http, $"{Href(row.Id)}/accept", Html.Of($"""
            {edition.Hidden}<p class="hint">Accepting locks these prices for {row.Project}: nothing is started, and only
            what is used is billed.</p>
            <p><button class="main" id="accept">Accept quote</button></p>
            """)),
        "accepted" => Form.Post(http, $"{Href(row.Id)}/end", Html.Of($"""
            {edition.Hidden}<p class="hint">What is used later is at list prices. What was used stays as agreed.</p>
            <p><button id="end">End agreement</button></p>
            """)),
        _ => Html.None,
    };
}
