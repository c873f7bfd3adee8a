using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /landlord/sheets — the landlord's price sheets; and a page on which one is checked, tried out on a month and
/// published. /sheet shows any sheet as it was published: prices are for everyone to compare.
/// </summary>
internal static class SheetsPage
{
    private const int MaxSheetLength = 200_000;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/sheet", Show).RequireAuthorization(Permissions.BeSignedIn).ExcludeFromDescription();
        app.MapGet("/landlord/sheets", Get).RequireAuthorization(Permissions.SeeSales).ExcludeFromDescription();
        app.MapGet("/landlord/sheets/new", New).RequireAuthorization(Permissions.SeeSales).ExcludeFromDescription();
        app.MapPost("/landlord/sheets/new", Post).RequireAuthorization(Permissions.PublishSheets).ChecksForm()
            .TakesUpTo(BodySizes.Pasted)
            .Edits(async (http, exchange, ct) => await Streams(http, exchange, ct)).ExcludeFromDescription();
    }

    private static async Task<IResult> Show(HttpContext http, IJournal journal, string id, CancellationToken ct)
    {
        if ((await LoadPriceBooks.Run(journal, ct)).Sheet(id) is not { } sheet)
        {
            return new NotThere();
        }

        return Layout.Page(http, sheet.Id, Html.Of($"""
            {Html.If(sheet.WithdrawnAt is not null, () => Html.Of($"""
            <p class="note-box bad">It was withdrawn on {Web.Show.Of(sheet.WithdrawnAt!.Value)}, before it began.</p>
            """))}
            <dl class="facts"><dt>Published</dt><dd>{Web.Show.Of(sheet.At)} by {sheet.By}</dd>
            <dt>In force from</dt><dd>{Web.Show.Of(sheet.Sheet.From)}</dd>
            <dt>SHA-256</dt><dd><code>{sheet.Sha256}</code></dd></dl>
            {Prices(sheet.Sheet)}
            <details><summary>The sheet as it was reviewed</summary>
            <pre>{(IsParty(http, sheet) ? sheet.Yaml : SharedSheet.Of(sheet))}</pre></details>
            """));
    }

    /// <summary>Agreements with single customers and suppliers are for their landlord and finance alone.</summary>
    private static bool IsParty(HttpContext http, PublishedSheet sheet) =>
        Viewer.Needed(http).Role == Role.Finance || Viewer.Needed(http).Landlord == sheet.Sheet.Landlord;

    private static async Task<IResult> Get(
        HttpContext http, IJournal journal, IClock clock, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var landlord = Viewer.Needed(http).Landlord!.Value;
        var rows = (await LoadPriceBooks.Run(journal, ct)).List().Select(PublishedRow.Of)
            .Where(row => row.Landlord == landlord).OrderByDescending(row => row.From).ToList();
        var listing = new Listing<PublishedRow>("sheets", "Price sheets", rows,
        [
            Column<PublishedRow>.Link("Sheet", r => r.Sheet, r => $"/sheet?id={Uri.EscapeDataString(r.Sheet)}"),
            Column<PublishedRow>.Words("Service", r => r.Service),
            Column<PublishedRow>.Time("From", r => r.From),
            Column<PublishedRow>.Time("Until", r => r.Until),
            Column<PublishedRow>.Number("SKUs", r => (decimal)r.Skus),
            Column<PublishedRow>.Time("Published", r => r.PublishedAt),
            Column<PublishedRow>.Words("By", r => r.PublishedBy),
            new("Actions", r => Html.Of($"""
                <span class="acts"><a href="/landlord/sheets/new?from={Uri.EscapeDataString(r.Sheet)}"
                aria-label="Duplicate, {r.Sheet}">Duplicate</a>
                {Html.If(r.From > now, () => Html.Of($"""
                <a href="{WithdrawPage.Href(r.Sheet)}" aria-label="Withdraw {r.Sheet}">Withdraw</a>
                """))}</span>
                """)),
        ], "No sheet is published yet.");
        return listing.IsAskedFor(http) ? listing.Csv(http) : Layout.Page(http, "Price sheets", Html.Of($"""
            <p><a class="button" href="/landlord/sheets/new">Validate and publish a sheet</a></p>
            {listing.Of(http)}
            """));
    }

    /// <summary>Every book of the landlord: a sheet is looked at beside the others.</summary>
    public static async Task<IReadOnlyList<string>> Streams(
        HttpContext http, Composition exchange, CancellationToken ct) =>
        [.. (await LoadPriceBooks.Run(exchange.Journal, ct)).Books.Keys
            .Where(book => book.StartsWith($"{Viewer.Needed(http).Landlord}/", StringComparison.Ordinal))
            .Select(book => PriceBook.Fold.StreamOf(book))];

    private static async Task<IResult> New(
        HttpContext http, Composition exchange, IClock clock, string? from, CancellationToken ct)
    {
        var like = from is null ? null : (await LoadPriceBooks.Run(exchange.Journal, ct)).Sheet(from);
        var month = BillingMonth.Of(clock.GetCurrentInstant()).Previous;
        return await Draw(http, exchange, Form.Empty, like?.Yaml ?? "", month.ToString(), null, ct);
    }

    private static async Task<IResult> Post(HttpContext http, Composition exchange, IClock clock, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var (viewer, now) = (Viewer.Needed(http), clock.GetCurrentInstant());
        var month = form.Value<BillingMonth>("month", "The month");
        var text = new PricingText("sheet.yaml", form.Typed("yaml").ReplaceLineEndings("\n"));
        var sheet = ReadSheet(form, text, viewer.Landlord!.Value);
        if (sheet is null || month is null || !form.IsRight || form.Typed("do") == "edit")
        {
            return await Draw(http, exchange, form, "", "", null, ct);
        }

        var publishes = form.Typed("do") == "publish";
        if (publishes && form.Typed("seen") != text.Sha256)
        {
            form.Wrong("yaml", "Look at what this very sheet would have done to a month first: try it out, then " +
                "publish.");
            publishes = false;
        }

        var outcome = await PublishSheet.Run(
            exchange, sheet, text, Actors.Of(http), Permissions.PublishSheets, dryRun: !publishes, ct);
        foreach (var refusal in outcome.Refusals)
        {
            form.Wrong("yaml", refusal.ToString());
        }

        if (publishes && form.IsRight)
        {
            return Results.Redirect("/landlord/sheets");
        }

        return await Draw(http, exchange, form, "", "", form.IsRight || outcome.Refusals.IsEmpty
            ? edition => TryOut(http, exchange, sheet, month.Value, text, form, edition, now, ct)
            : null, ct);
    }

    private static PriceSheet? ReadSheet(Form form, PricingText text, LandlordId landlord)
    {
        if (string.IsNullOrWhiteSpace(text.Yaml) || text.Yaml.Length > MaxSheetLength)
        {
            form.Wrong("yaml", text.Yaml.Length > MaxSheetLength
                ? $"A sheet has at most {MaxSheetLength} characters." : "The sheet is missing.");
            return null;
        }

        try
        {
            var sheet = SheetReader.Read(text.Yaml, text.File);
            if (sheet.Landlord != landlord)
            {
                form.Wrong("yaml", $"This is a sheet of '{sheet.Landlord}'; you publish for '{landlord}'.");
                return null;
            }

            return sheet;
        }
        catch (RefusedException e)
        {
            form.Wrong("yaml", e.Refusal.ToString());
            return null;
        }
    }

    /// <summary>What the month would have come to, beside what it came to, line by line.</summary>
    private static async Task<Html> TryOut(
        HttpContext http, Composition exchange, PriceSheet sheet, BillingMonth month, PricingText text, Form form,
        ETag edition, Instant now, CancellationToken ct)
    {
        var books = await LoadPriceBooks.Run(exchange.Journal, ct);
        var (before, after) = await RateMonth.Compare(
            exchange.Meter, books, SimulatePrices.Books(books, sheet, month, now), await exchange.Owners(ct),
            new(month) { Landlord = sheet.Landlord, AsOf = now }, ct);
        var changes = RatedDifference.Between(before, after);
        return Html.Of($"""
            <h2>What it would have done to {Web.Show.Of(month)}</h2>
            {Card.Row(Card.Of("As it was", Web.Show.Of(before.Total)),
                Card.Of("With this sheet", Web.Show.Of(after.Total)),
                Card.Of("Difference", Web.Show.Of(after.Total - before.Total)))}
            {Html.If(after.Unpriced.Count > before.Unpriced.Count, () => Html.Of($"""
            <p class="note-box warn">{after.Unpriced.Count - before.Unpriced.Count} kinds of usage would lose
            their price: {after.Unpriced[^1].Why}</p>
            """))}
            {SheetDifference.Of(SheetDifference.Before(books, sheet), sheet, text.Yaml)}
            <h2>Line by line of the bill</h2>
            {Table.Of("Differences by project and SKU", changes.Take(200).ToList(), [
                Column<RatedDifference>.Words("Cluster", d => d.Cluster.Value),
                Column<RatedDifference>.Words("Project", d => d.Project.Value),
                Column<RatedDifference>.Words("SKU", d => d.Sku.Value),
                Column<RatedDifference>.Amount("As it was", d => d.Before),
                Column<RatedDifference>.Amount("With this sheet", d => d.After),
                Column<RatedDifference>.Amount("Difference", d => d.Change),
            ], "Nothing would have changed.")}
            {Form.Post(http, "/landlord/sheets/new", Html.Of($"""
            {Form.Reviewed("yaml", "The sheet", text.Yaml)}{Form.Hidden("month", form.Typed("month"))}
            {Form.Hidden("seen", text.Sha256)}{edition.Hidden}
            <p><button class="main" name="do" value="publish">Publish sheet from {Web.Show.Of(sheet.From)}</button>
            <button name="do" value="edit">Edit sheet</button></p>
            """))}
            """);
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, Form form, string yaml, string month,
        Func<ETag, Task<Html>>? below, CancellationToken ct)
    {
        var edition = await ETag.Of(exchange, await Streams(http, exchange, ct), ct);
        var shown = below is null ? Html.None : await below(edition);
        return Layout.Page(http, "A price sheet", Html.Of($"""
            <p class="crumbs"><a href="/landlord/sheets">Price sheets</a></p>
            {form.Summary()}
            {(below is null ? Editor(http, form, edition, yaml, month) : shown)}
            """), form.Status);
    }

    /// <summary>Gone while a sheet is reviewed: what is published is what is on the screen.</summary>
    private static Html Editor(HttpContext http, Form form, ETag edition, string yaml, string month) =>
        Form.Post(http, "/landlord/sheets/new", Html.Of($"""
            {form.Area("yaml", "The sheet", "YAML with worked examples, as in pricing/.", MaxSheetLength, yaml)}
            {form.Input("month", "Try it out on", "A month, as 2026-10.", otherwise: month, longest: 7)}
            {Form.Hidden("do", "try")}{edition.Hidden}<p><button class="main">Validate and preview</button></p>
            """));

    private static Html Prices(PriceSheet sheet) => Table.Of("Prices", sheet.Skus, [
        Column<Sku>.Words("SKU", s => s.Id.Value),
        Column<Sku>.Number("Price", s => $"${Exchange.Text.Of(s.Rate)}"),
        Column<Sku>.Words("Each", s => s.Unit.Name),
    ], "The sheet names no SKU.");
}
