using System.Globalization;
using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Offers;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Pages;

/// <summary>/landlord/offer — on what terms a landlord offers one of its SKUs: draft, publish, pause, retire.</summary>
internal static class OfferPage
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/landlord/offer", Get).RequireAuthorization(Permissions.KeepOffers).ExcludeFromDescription();
        app.MapPost("/landlord/offer", Post).RequireAuthorization(Permissions.KeepOffers).ChecksForm()
            .Edits((http, _) => [Stream(http)]).ExcludeFromDescription();
    }

    public static string Href(OfferName offer) => $"/landlord/offer?service={Uri.EscapeDataString(offer.Service)}" +
        $"&sku={Uri.EscapeDataString(offer.Sku.Value)}";

    private static string Stream(HttpContext http) =>
        LandlordOffers.Fold.StreamOf(Viewer.Needed(http).Landlord!.Value);

    private static Task<IResult> Get(
        HttpContext http, Composition exchange, string? service, string? sku, CancellationToken ct) =>
        Draw(http, exchange, Form.Empty, service, sku, ct);

    private static async Task<IResult> Post(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var (service, sku) = (form.Typed("service"), form.Typed("sku"));
        var terms = Read(form);
        if (form.IsRight && Name.IsOne(service) && Name.IsOne(sku))
        {
            var viewer = Viewer.Needed(http);
            var (landlord, offer) = (viewer.Landlord!.Value, new OfferName(service, new(sku)));
            var known = Catalog.Sold(
                await LoadPriceBooks.Run(exchange.Journal, ct), landlord, exchange.Clock.GetCurrentInstant());
            var act = form.Typed("do");
            var (name, because) = ($"{(act.Length == 0 ? "draft" : act)} offer", form.Typed("because"));
            var refusal = await exchange.Commands.Try(
                new ChangeOffer(landlord, offer, name, (offers, at) => act switch
                {
                    "publish" => LandlordOffers.Publish(offers, offer, known, (viewer.Actor, at)),
                    "pause" => LandlordOffers.Pause(offers, offer, because, known, (viewer.Actor, at)),
                    "retire" => LandlordOffers.Retire(offers, offer, because, known, (viewer.Actor, at)),
                    _ => LandlordOffers.Draft(offers, offer, terms, known, (viewer.Actor, at)),
                }), http, ct);
            if (refusal is null)
            {
                return Results.Redirect(Href(offer));
            }

            form.Wrong(act is "pause" or "retire" ? "because" : "capacity", refusal.Message);
        }

        return await Draw(http, exchange, form, service, sku, ct);
    }

    private static OfferTerms Read(Form form)
    {
        decimal? capacity = null;
        if (form.Typed("capacity").Trim() is { Length: > 0 } typed)
        {
            capacity = decimal.TryParse(
                typed, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : 0;
        }

        if (!int.TryParse(form.Typed("notice") is { Length: > 0 } days ? days : "0", NumberStyles.None,
            CultureInfo.InvariantCulture, out var notice))
        {
            form.Wrong("notice", $"Write a whole number of days, not '{form.Typed("notice")}'.");
        }

        var projects = Lines(form, "projects").Where(line => Name.IsOne(line)).Select(line => new ProjectId(line));
        var level = form.Typed("level").Trim();
        return new(
            new([.. Lines(form, "institutions")], [.. projects]), capacity, notice, form.Typed("approval") == "yes",
            level.Length == 0 ? null : level);
    }

    private static IEnumerable<string> Lines(Form form, string name) => form.Typed(name).ReplaceLineEndings("\n")
        .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, Form form, string? service, string? sku, CancellationToken ct)
    {
        var landlord = Viewer.Needed(http).Landlord!.Value;
        var known = Catalog.Sold(
            await LoadPriceBooks.Run(exchange.Journal, ct), landlord, exchange.Clock.GetCurrentInstant());
        if (!Name.IsOne(service) || !Name.IsOne(sku) || !known.Contains(new(service, new(sku))))
        {
            return new NotThere();
        }

        var offered = (await exchange.Journal.State(LandlordOffers.Fold, landlord, ct)).Of(new(service, new(sku)));
        var edition = await ETag.Of(exchange, [Stream(http)], ct);
        var hidden = Html.Of($"""{edition.Hidden}{Form.Hidden("service", service)}{Form.Hidden("sku", sku)}""");
        return Layout.Page(http, $"Offer {sku}", Html.Of($"""
            <p class="crumbs"><a href="/catalogue">Catalog</a></p>
            {form.Summary()}
            <dl class="facts"><dt>Status</dt><dd>{Tag.Of($"{offered.State}".ToLowerInvariant(),
                offered.State == OfferState.Published)} {offered.Because}</dd>
            <dt>Offered to</dt><dd>{offered.Terms.Audience}</dd>
            <dt>Landlord approves</dt><dd>{(offered.Terms.NeedsApproval ? "each request" : "nothing is asked")}</dd>
            <dt>Draft</dt><dd>{(offered.Draft is { } draft ? $"for {draft.Audience}, not published" : "none")}</dd></dl>
            {Form.Post(http, "/landlord/offer", Html.Of($"{hidden}{Fields(form, offered.Draft ?? offered.Terms)}"))}
            {Form.Post(http, "/landlord/offer", Html.Of($"""
            {hidden}<h2>Publish, pause or retire</h2>
            {form.Input("because", "Reason", "To pause or retire: customers see it.", longest: 500)}
            <p><button class="main" name="do" value="publish">Publish offer</button>
            <button name="do" value="pause">Pause offer</button>
            <button name="do" value="retire">Retire offer</button></p>
            """))}
            """), form.Status);
    }

    private static Html Fields(Form form, OfferTerms terms) => Html.Of($"""
        <h2>Terms</h2>
        {form.Area("institutions", "Only for institutions", "One a line; empty for all.", 2_000,
            string.Join('\n', terms.Audience.Institutions), rows: 3)}
        {form.Area("projects", "Only for projects", "One a line; empty for all.", 2_000,
            string.Join('\n', terms.Audience.Projects), rows: 3)}
        {form.Input("capacity", "Capacity", "Units at a time; empty where that is not said.",
            otherwise: terms.Capacity is { } units ? Exchange.Text.Of(units) : "", longest: 20)}
        {form.Input("notice", "Notice", "Days before somebody has to ask.", otherwise: $"{terms.NoticeDays}",
            longest: 3)}
        {form.Choice("approval", "Each request needs my approval", [("", "no"), ("yes", "yes")],
            terms.NeedsApproval ? "yes" : "")}
        {form.Input("level", "Service level", "What is promised, in words.", otherwise: terms.ServiceLevel ?? "",
            longest: 500)}
        <p><button class="main">Save draft</button></p>
        """);
}
