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
public sealed partial class OfferPage
{
    /// <summary>How an offer stands, on what terms, and on what terms it would be published.</summary>
    public sealed record Standing(OfferName Name, string State, string? Because, string Edition)
    {
        public required bool IsPublished { get; init; }

        public required OfferTerms Terms { get; init; }

        public required OfferTerms? Draft { get; init; }
    }

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

        var offer = new OfferName(service, new(sku));
        var offered = (await exchange.Journal.State(LandlordOffers.Fold, landlord, ct)).Of(offer);
        var edition = await ETag.Of(exchange, [Stream(http)], ct);
        return Page.Of<OfferPage, Standing>(http, $"Offer {sku}", new(
            offer, $"{offered.State}".ToLowerInvariant(), offered.Because, edition.Version)
        {
            IsPublished = offered.State == OfferState.Published,
            Terms = offered.Terms,
            Draft = offered.Draft,
        }, form);
    }
}
