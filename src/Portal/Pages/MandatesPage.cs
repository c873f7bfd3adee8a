using Exchange.Market.Commands;
using Exchange.Market.Mandates;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>/pi/intermediaries — who may ask for quotes and order in a PI's name; withdrawn at any time.</summary>
public sealed partial class MandatesPage
{
    private const string Path = "/pi/intermediaries";

    /// <summary>Who may act for a PI, and who is the only one, where that is so; else empty.</summary>
    public sealed record Mandates(ITable All, string Only);

    /// <summary>The way here, for PIs.</summary>
    internal static IEnumerable<(string Name, string Path)> Link(Viewer viewer) =>
        Permissions.Allows(Permissions.KeepMandates, viewer.Role) ? [("Intermediaries", Path)] : [];

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.KeepMandates).ExcludeFromDescription();
        app.MapPost(Path, Post).RequireAuthorization(Permissions.KeepMandates).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    private static Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct) =>
        Draw(http, exchange, Form.Empty, ct);

    private static async Task<IResult> Post(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var (viewer, isEnd) = (Viewer.Needed(http), form.Typed("do") == "withdraw");
        if (form.Value<LandlordId>("landlord", "The intermediary") is { } landlord && form.IsRight)
        {
            var refusal = isEnd || await Knows(exchange, landlord, ct)
                ? await exchange.Commands.Try(
                    new ChangeMandate(
                        viewer.Pi!.Value, landlord, isEnd ? "withdraw mandate" : "give mandate", (book, now) => isEnd
                            ? MandateBook.Withdraw(book, viewer.Pi.Value, landlord, viewer.Actor, now)
                            : MandateBook.Give(book, viewer.Pi.Value, landlord, now, viewer.Actor, now)), http, ct)
                : new("mandate/unknown", $"'{landlord}' is no landlord of this exchange.");
            if (refusal is null)
            {
                return Results.Redirect(Path);
            }

            form.Wrong("landlord", refusal.Message);
        }

        return await Draw(http, exchange, form, ct);
    }

    private static async Task<bool> Knows(Composition exchange, LandlordId landlord, CancellationToken ct) =>
        (await exchange.Prices.Get(ct)).List().Any(sheet => sheet.Sheet.Landlord == landlord) ||
        exchange.Landlords.All.Any(one => one.Id == landlord);

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, Form form, CancellationToken ct)
    {
        var rows = await MandatesFor.Rows(exchange, Viewer.Needed(http).Pi!.Value, null, null, ct);
        var held = rows.Where(row => row.Until is null).ToList();
        return Page.Of<MandatesPage, Mandates>(http, "Intermediaries", new(
            new TableOf<MandateRow>("Intermediaries", rows,
            [
                Column<MandateRow>.Words("Intermediary", row => row.Intermediary.Value),
                Column<MandateRow>.Time("From", row => row.From),
                Column<MandateRow>.Time("Withdrawn", row => row.Until),
            ], "Nobody acts in your name."), held.Count == 1 ? held[0].Intermediary.Value : ""), form);
    }
}
