using Exchange.Portal.Commands;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>/landlord/sheets/new — a price sheet is checked, tried out on a month and published.</summary>
public sealed partial class NewSheetPage
{
    internal const string Path = $"{SheetsPage.Path}/new";
    private const int MaxSheetLength = 200_000;

    /// <summary>A sheet that is being written, and what it would have done to a month once it was tried out.</summary>
    /// <param name="Month">The month that is offered to try it out on.</param>
    /// <param name="Prices">Those of the sheet that it is a copy of, to be changed in a form; null for none.</param>
    public sealed record Draft(
        string Edition, string Yaml, string Month, SheetPrices.Offered? Prices, TriedOut? TriedOut);

    /// <summary>What a month would have come to, beside what it came to.</summary>
    public sealed record TriedOut(BillingMonth Month, Money Before, Money After, ITable Lines)
    {
        public Money Change => After - Before;

        public required string Yaml { get; init; }

        public required string Sha256 { get; init; }

        public required string Service { get; init; }

        public required Instant From { get; init; }

        /// <summary>How many kinds of usage would lose their price, and why the last of them would.</summary>
        public (int Count, string Why)? Lost { get; init; }

        /// <summary>What differs from the sheet that holds now; null for the first of a service.</summary>
        public SheetDifference.Versions? Difference { get; init; }
    }

    /// <summary>What stands in the form before somebody types.</summary>
    private sealed record Offered(string Yaml, string Month, SheetPrices.Offered? Prices);

    /// <summary>A sheet like another one, to be changed.</summary>
    internal static string Href(string like) => $"{Path}?from={Uri.EscapeDataString(like)}";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.SeeSales).ExcludeFromDescription();
        app.MapPost(Path, Post).RequireAuthorization(Permissions.PublishSheets).ChecksForm()
            .TakesUpTo(BodySizes.Pasted)
            .Edits(async (http, exchange, ct) => await SheetsPage.Streams(http, exchange, ct)).ExcludeFromDescription();
    }

    private static async Task<IResult> Get(
        HttpContext http, Composition exchange, IClock clock, string? from, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var like = await Offer(http, exchange, from ?? "", now, ct);
        return from is not null && like is null ? new NotThere() : await Draw(
            http, exchange, Form.Empty,
            new(like?.Sheet.Yaml ?? "", BillingMonth.Of(now).Previous.ToString(), like), null, ct);
    }

    /// <summary>The prices of a sheet of the reader's own; null for what is not.</summary>
    private static async Task<SheetPrices.Offered?> Offer(
        HttpContext http, Composition exchange, string id, Instant now, CancellationToken ct) =>
        (await LoadPriceBooks.Run(exchange.Journal, ct)).Sheet(id) is { } sheet &&
        sheet.Sheet.Landlord == Viewer.Needed(http).Landlord
            ? await SheetPrices.Offer(exchange.Journal, sheet, now, ct)
            : null;

    private static async Task<IResult> Post(HttpContext http, Composition exchange, IClock clock, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var (viewer, now) = (Viewer.Needed(http), clock.GetCurrentInstant());
        var month = form.Value<BillingMonth>("month", "The month");
        var prices = await Offer(http, exchange, form.Typed("like"), now, ct);
        var text = new PricingText("sheet.yaml", Written(form, prices).ReplaceLineEndings("\n"));
        var sheet = form.IsRight || prices is null ? ReadSheet(form, text, viewer.Landlord!.Value) : null;
        if (sheet is null || month is null || !form.IsRight || form.Typed("do") == "edit")
        {
            return await Draw(http, exchange, form, new(text.Yaml, form.Typed("month"), prices), null, ct);
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
            return Results.Redirect(SheetsPage.Path);
        }

        Task<TriedOut> Try() => TryOut(exchange, sheet, month.Value, text, now, ct);
        return await Draw(
            http, exchange, form, new(text.Yaml, form.Typed("month"), prices),
            form.IsRight || outcome.Refusals.IsEmpty ? Try : null, ct);
    }

    /// <summary>The sheet that was typed, or the one whose prices were; that as it was, where they are wrong.</summary>
    private static string Written(Form form, SheetPrices.Offered? prices)
    {
        if (prices is null || form.Typed("do") != "reprice")
        {
            return form.Typed("yaml");
        }

        try
        {
            return SheetPrices.Write(form, prices) ?? prices.Sheet.Yaml;
        }
        catch (RefusedException e)
        {
            form.Wrong("yaml", e.Refusal.ToString());
            return prices.Sheet.Yaml;
        }
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
    private static async Task<TriedOut> TryOut(
        Composition exchange, PriceSheet sheet, BillingMonth month, PricingText text, Instant now,
        CancellationToken ct)
    {
        var books = await LoadPriceBooks.Run(exchange.Journal, ct);
        var (before, after) = await RateMonth.Compare(
            exchange.Meter, books, SimulatePrices.Books(books, sheet, month, now), await exchange.Owners(ct),
            new(month) { Landlord = sheet.Landlord, AsOf = now }, ct);
        var lost = after.Unpriced.Count - before.Unpriced.Count;
        return new(month, before.Total, after.Total, Lines(RatedDifference.Between(before, after)))
        {
            Yaml = text.Yaml,
            Sha256 = text.Sha256,
            Service = $"{sheet.Service}",
            From = sheet.From,
            Lost = lost > 0 ? (lost, after.Unpriced[^1].Why) : null,
            Difference = SheetDifference.Before(books, sheet) is { } old
                ? SheetDifference.Between(old, sheet, text.Yaml) : null,
        };
    }

    private static TableOf<RatedDifference> Lines(IEnumerable<RatedDifference> changes) => new(
        "Differences by project and SKU", [.. changes.Take(200)],
        [
            Column<RatedDifference>.Words("Cluster", d => d.Cluster.Value),
            Column<RatedDifference>.Words("Project", d => d.Project.Value),
            Column<RatedDifference>.Words("SKU", d => d.Sku.Value),
            Column<RatedDifference>.Amount("As it was", d => d.Before),
            Column<RatedDifference>.Amount("With this sheet", d => d.After),
            Column<RatedDifference>.Amount("Difference", d => d.Change),
        ], "Nothing would have changed.");

    /// <summary>The version is read before what it is the version of: who publishes has seen no older one.</summary>
    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, Form form, Offered offered, Func<Task<TriedOut>>? tryOut,
        CancellationToken ct)
    {
        var edition = await ETag.Of(exchange, await SheetsPage.Streams(http, exchange, ct), ct);
        var triedOut = tryOut is null ? null : await tryOut();
        return Page.Of<NewSheetPage, Draft>(
            http, "New price sheet",
            new(edition.Version, offered.Yaml, offered.Month, offered.Prices, triedOut), form);
    }
}
