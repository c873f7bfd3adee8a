using System.Security.Cryptography;
using System.Text;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Names;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Api;

/// <summary>
/// /v1/prices — the sheets of every landlord, for anyone to compare; a landlord's own key publishes.
/// </summary>
internal static class PricesOverHttp
{
    private const int LargestSheet = 1 << 20;

    private const string Example = """
        landlord: nerc
        service: archive
        clusters: [archive]
        from: 2027-01
        currency: USD
        policies:
          corrected:
            billable: [running]
            quantities: line
        skus:
          - name: Archive
            unit: GiB-hour
            rate: "0.000001"
            counts: dimension
            dimension: storage_gib
            per: hour
            match: {kind: volume}
        examples:
          - name: a tebibyte for a month of 30 days
            usage:
              - {kind: volume, hours: "720", shape: {storage_gib: "1024"}}
            total: "0.74"

        """;

    /// <summary>What came of publishing.</summary>
    internal sealed record Published(int New, int Known, bool DryRun);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/prices", List).Reads<PageOf<PublishedRow>>(
            "GetPrices", "Every price sheet in force at some time.");
        app.MapGet("/v1/prices/{landlord}", Of).Reads<PageOf<PriceRow>>(
            "GetLandlordPrices", "A landlord's prices at an instant; now, without one.");
        app.MapGet("/v1/price-sheets", Sheet).ReadsFile(
            "GetPriceSheet", "A sheet as it was published, by its id.", "application/yaml");
        app.MapPost("/v1/prices", Publish).Makes().TakesUpTo(BodySizes.Document)
            .RequireAuthorization(Permissions.PublishPrices).WithTags("prices").WithName("PublishPrices")
            .WithSummary("Publishes a price sheet of the key's landlord, or only checks it.")
            .WithMetadata(new Takes("A price sheet as YAML.", ["application/yaml"], [Example])).DoneOnce()
            .Produces<Published>().Produces<Published>(StatusCodes.Status201Created)
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(409).ProducesProblem(412)
            .ProducesProblem(413).ProducesProblem(415).ProducesProblem(422);
    }

    private static async Task<IResult> List(
        IJournal journal, LandlordId? landlord, string? cursor, int? limit, CancellationToken ct)
    {
        var books = await LoadPriceBooks.Run(journal, ct);
        return new Tagged(PageOf<PublishedRow>.Cut(
            books.List().Select(PublishedRow.Of).Where(row => landlord is null || row.Landlord == landlord), cursor,
            limit, row => row.Sheet));
    }

    private static async Task<IResult> Of(
        HttpContext http, Composition exchange, LandlordId landlord, string? at, string? cursor, int? limit,
        CancellationToken ct)
    {
        var instant = AskedTimes.At("at", at, exchange.Clock.GetCurrentInstant());
        var books = await exchange.Prices.Get(ct);
        var sees = OffersFor.Sees(
            await CatalogFor.Viewer(http, exchange, ct), await CatalogFor.Offers(exchange, books, ct));
        return new Tagged(PageOf<PriceRow>.Cut(
            PriceRow.Of(books.Show(landlord, instant)).Where(row => sees(landlord, new(row.Service, new(row.Sku)))),
            cursor, limit, row => $"{row.Sheet} {row.Sku}"));
    }

    private static async Task<IResult> Sheet(HttpContext http, Composition exchange, string id, CancellationToken ct)
    {
        var books = await exchange.Prices.Get(ct);
        if (books.Sheet(id) is not { } sheet)
        {
            return new NotThere();
        }

        var viewer = Viewer.Needed(http);
        var isParty = viewer.Landlord is null || viewer.Landlord == sheet.Sheet.Landlord;
        if (isParty)
        {
            http.Response.Headers.ETag = $"\"{sheet.Sha256}\"";
            return Results.Text(sheet.Yaml, "application/yaml");
        }

        var shared = SharedSheet.Of(sheet, OffersFor.Sees(
            await CatalogFor.Viewer(http, exchange, ct), await CatalogFor.Offers(exchange, books, ct), sheet.Sheet));
        http.Response.Headers.ETag = $"\"{Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(shared)))}-shared\"";
        return Results.Text(shared, "application/yaml");
    }

    /// <summary>With If-Match, only when the newest version of the sheet is the one that the caller has seen.</summary>
    private static async Task<IResult> Publish(
        HttpContext http, Composition exchange, bool? dryRun, CancellationToken ct)
    {
        var (sent, wrong) = await Read(http, ct);
        if (sent is not { } read)
        {
            return wrong!;
        }

        var (text, sheet) = read;
        var viewer = Viewer.Needed(http);
        if (sheet.Landlord != viewer.Landlord)
        {
            return new LandlordScope.Refused();
        }

        if (http.Request.Headers.IfMatch.Count > 0 &&
            !Tagged.Has(http.Request.Headers.IfMatch, await PublishSheet.Newest(exchange.Journal, sheet, ct)))
        {
            return Problem.Of(new(
                "request/changed", "Another version of this sheet was published since you read it. Read it again."),
                StatusCodes.Status412PreconditionFailed);
        }

        var outcome = await PublishSheet.Run(
            exchange, sheet, text, Actors.Of(http), Permissions.PublishPrices, dryRun == true, ct);
        return outcome.Refusals is [var refusal, ..]
            ? Problem.Of(refusal, StatusCodes.Status422UnprocessableEntity)
            : new Tagged(new Published(outcome.Published, outcome.Known, dryRun == true), outcome.Published > 0 &&
                dryRun != true ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    /// <returns>The sheet that was sent, or what is wrong with it.</returns>
    private static async Task<((PricingText Text, PriceSheet Sheet)? Sent, IResult? Wrong)> Read(
        HttpContext http, CancellationToken ct)
    {
        if (http.Request.ContentType?.Split(';')[0].Trim().ToUpperInvariant() is not
            ("APPLICATION/YAML" or "APPLICATION/X-YAML" or "TEXT/YAML" or "TEXT/PLAIN"))
        {
            return (null, Problem.Of(new("request/content-type", "Send the price sheet as application/yaml."), 415));
        }

        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, ct);
        if (body.Length > LargestSheet)
        {
            return (null, Problem.Of(new("request/too-large", "A price sheet has at most 1 MiB."), 413));
        }

        var text = new PricingText("sheet.yaml", Encoding.UTF8.GetString(body.ToArray()));
        try
        {
            return ((text, SheetReader.Read(text.Yaml, text.File)), null);
        }
        catch (RefusedException e)
        {
            return (null, Problem.Of(e.Refusal, StatusCodes.Status422UnprocessableEntity));
        }
    }
}
