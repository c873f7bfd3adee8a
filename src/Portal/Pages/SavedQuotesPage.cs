using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Quotes;
using Exchange.Market.Reading;
using Exchange.Metering;
using Exchange.Portal.Api;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>/quotes/saved — quotes that were saved; /quotes/saved/ID — one of them, and its acts.</summary>
public sealed partial class SavedQuotesPage
{
    /// <summary>Quotes that the reader may see, and pages beside this one.</summary>
    public sealed record Quotes(IListing All, IReadOnlyList<(string Name, string Path)> Beside);

    /// <summary>A quote, its places, and who would pay it.</summary>
    /// <param name="MayKeep">Whether the reader may accept, order and end it.</param>
    public sealed record Quoted(QuoteRow Quote, Money Total, bool MayKeep, string Edition)
    {
        public required ITable? Funds { get; init; }

        public required IReadOnlyList<Part> Parts { get; init; }
    }

    /// <summary>What one place would give, line by line.</summary>
    public sealed record Part(int Number, string Landlord, string Cluster, string Usage, ITable Lines);

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
        ], "No quote was saved yet. Saved ones stand here with the prices that landlords hold.")
        {
            Act = new("Get quotes", "/quotes"),
        };
        return listing.Answer(http) ?? Page.Of<SavedQuotesPage, Quotes>(
            http, "Saved quotes", new(listing, [.. LeasesPage.Link(Viewer.Needed(http))]));
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

    internal static async Task<IResult> Draw(
        HttpContext http, View view, Composition exchange, string id, Form form, CancellationToken ct)
    {
        var rows = await GetQuotes.Rows(http, view, exchange, new(id), ct);
        if (rows is not [var first, ..])
        {
            return new NotThere();
        }

        var terms = (await exchange.Journal.State(SavedQuote.Fold, id, ct)).Needed();
        var edition = await ETag.Of(exchange, [SavedQuote.Fold.StreamOf(id)], ct);
        var after = await AfterFunds(exchange, Viewer.Needed(http), terms, ct);
        var mayKeep = Permissions.Allows(Permissions.KeepQuotes, Viewer.Needed(http).Role);
        return Page.Of<OneQuote, Quoted>(
            http, $"Quote {id}", new(first, Money.Sum(rows.Select(row => row.Total)), mayKeep, edition.Version)
            {
                Funds = FundsBox.Of(id, after),
                Parts = [.. rows.Select(row => PartOf(row, terms.Parts[row.Part]))],
            }, form);
    }

    /// <summary>For who answers for the project and finance; what funds pay is nothing to a landlord.</summary>
    private static async Task<PlanAfterFunds?> AfterFunds(
        Composition exchange, Viewer viewer, QuoteTerms terms, CancellationToken ct) =>
        viewer.Pi is null && viewer.Sees != "money" ? null
            : await (await FundsOfPlans.Read(exchange, viewer.Pi, ct)).Of(terms, ct);

    /// <summary>'2 × vm of 4 vCPU, 16 GiB for 100 h'.</summary>
    private static string Words(PlannedUsage usage) => usage.Meter is null && usage.Shape != "{}"
        ? $"{(usage with { Shape = "{}" }).Words.Replace(" for ", $" of {ShapeWords.Of(Shape.Parse(usage.Shape))} for ",
            StringComparison.Ordinal)}"
        : usage.Words;

    private static Part PartOf(QuoteRow row, QuotePart part) => new(
        row.Part, row.Landlord.Value, row.Cluster.Value, string.Join("; ", part.Usage.Select(Words)),
        new TableOf<QuoteLine>($"Lines of {row.Landlord}, {row.Cluster}", part.Lines,
        [
            Column<QuoteLine>.Month("Month", line => line.Month),
            Column<QuoteLine>.Words("SKU", line => line.Sku.Value),
            Column<QuoteLine>.Words("Tier", line => line.Step ?? ""),
            Column<QuoteLine>.Number("Quantity", line => Show.Of(line.Quantity)),
            Column<QuoteLine>.Rate("Price of each", line => line.Rate.Amount),
            Column<QuoteLine>.Amount("Amount", line => line.Amount),
            Column<QuoteLine>.Link("Sheet", line => line.Sheet,
                line => $"/sheet?id={Uri.EscapeDataString(line.Sheet)}"),
        ], "")
        {
            Totals = Table.Foot("Total", 5, Show.Of(row.Total), ""),
        });
}
