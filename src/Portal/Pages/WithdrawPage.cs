using Exchange.Invoicing.Published;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /landlord/sheets/withdraw — takes back a sheet that has not begun, once its landlord saw what holds instead.
/// </summary>
internal static class WithdrawPage
{
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
        return Layout.Page(http, $"Withdraw {sheet.Id}", Html.Of($"""
            <p class="crumbs"><a href="/landlord/sheets">Price sheets</a></p>
            {form.Summary()}
            {(sheet.WithdrawnAt is { } at ? Html.Of($"""<p class="note-box">It was withdrawn on {Show.Of(at)}.</p>""")
                : sheet.Sheet.From <= now ? Html.Of($"""
                <p class="note-box bad">It has held since {Show.Of(sheet.Sheet.From)}, so it stays. Publish a sheet that
                begins later, or a correction of this one.</p>
                """)
                : Html.Of($"""
                <p class="lead">It would hold from {Show.Of(sheet.Sheet.From)} on. {(instead is null
                    ? "Nothing would price the service instead." : $"Without it {instead.Id} holds.")}</p>
                {(instead is null ? Html.None : Parts.Of<SheetDifference>(
                    http, nameof(SheetDifference.Of), SheetDifference.Between(sheet, instead)))}
                {Form.Post(http, "/landlord/sheets/withdraw", Html.Of($"""
                {Form.Hidden("id", sheet.Id)}{edition.Hidden}
                {form.Input("confirm", "Confirm", $"Type {sheet.Id}. Whoever planned with its prices is not asked.")}
                <p><button class="main">Withdraw it</button></p>
                """))}
                """))}
            """), form.Status);
    }
}
