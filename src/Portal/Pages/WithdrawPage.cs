using Exchange.Invoicing.Published;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /landlord/sheets/withdraw — takes back a sheet that has not begun, once its landlord saw what holds instead.
/// </summary>
public sealed partial class WithdrawPage
{
    /// <summary>A sheet that would be taken back, and what would hold instead.</summary>
    /// <param name="Instead">The sheet that would hold; null where nothing would price the service.</param>
    public sealed record Withdrawal(string Sheet, Instant From, bool HasBegun, Instant? WithdrawnAt, string? Instead)
    {
        /// <summary>From this sheet to the other; null where there is none.</summary>
        public SheetDifference.Versions? Difference { get; init; }

        public required string Edition { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/landlord/sheets/withdraw", Get).RequireAuthorization(Permissions.SeeSales)
            .ExcludeFromDescription();
        app.MapPost("/landlord/sheets/withdraw", Post).RequireAuthorization(Permissions.PublishSheets).ChecksForm()
            .Edits(async (http, exchange, ct) => await SheetsPage.Streams(http, exchange, ct))
            .ExcludeFromDescription();
    }

    public static string Href(string sheet) => $"/landlord/sheets/withdraw?id={Uri.EscapeDataString(sheet)}";

    private static async Task<IResult> Get(
        HttpContext http, Composition exchange, IClock clock, string id, CancellationToken ct)
    {
        var books = await LoadPriceBooks.Run(exchange.Journal, ct);
        return Own(http, books, id) is { } sheet
            ? await Draw(http, exchange, books, sheet, clock.GetCurrentInstant(), Form.Empty, ct)
            : new NotThere();
    }

    private static async Task<IResult> Post(HttpContext http, Composition exchange, IClock clock, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var (now, books) = (clock.GetCurrentInstant(), await LoadPriceBooks.Run(exchange.Journal, ct));
        if (Own(http, books, form.Typed("id")) is not { } sheet)
        {
            return new NotThere();
        }

        if (form.Typed("confirm").Trim() != sheet.Id)
        {
            form.Wrong("confirm", $"Type {sheet.Id} to withdraw it.");
        }
        else if (form.IsRight && await exchange.Commands.Try(
            new WithdrawSheet(
                sheet, await PriceStanding.Of(exchange.Sources, sheet, now, ct), Viewer.Needed(http).Actor,
                Permissions.PublishSheets), http, ct) is { } refusal)
        {
            form.Wrong("confirm", refusal.Message);
        }

        return form.IsRight
            ? Results.Redirect("/landlord/sheets")
            : await Draw(http, exchange, books, sheet, now, form, ct);
    }

    private static PublishedSheet? Own(HttpContext http, PriceBooks books, string id) =>
        books.Sheet(id) is { } sheet && sheet.Sheet.Landlord == Viewer.Needed(http).Landlord ? sheet : null;

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, PriceBooks books, PublishedSheet sheet, Instant now, Form form,
        CancellationToken ct)
    {
        var edition = await ETag.Of(exchange, await SheetsPage.Streams(http, exchange, ct), ct);
        var instead = SheetDifference.Before(books, sheet.Sheet, except: sheet.Id);
        return Page.Of<WithdrawPage, Withdrawal>(
            http, $"Withdraw {sheet.Id}",
            new(sheet.Id, sheet.Sheet.From, sheet.Sheet.From <= now, sheet.WithdrawnAt, instead?.Id)
            {
                Difference = instead is null ? null : SheetDifference.Between(sheet, instead),
                Edition = edition.Version,
            }, form);
    }
}
