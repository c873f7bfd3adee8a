using Exchange.Market.Deals;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Pages;

/// <summary>/agreements/new — a landlord or a PI proposes a reservation or a commitment.</summary>
public sealed partial class ProposeAgreementPage
{
    public const string Path = $"{AgreementsPage.Path}/new";

    /// <summary>Who proposes.</summary>
    public sealed record Proposal(bool IsLandlord);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.KeepAgreements).ExcludeFromDescription();
        app.MapPost(Path, Post).RequireAuthorization(Permissions.KeepAgreements).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    private static IResult Get(HttpContext http) => Draw(http, Form.Empty);

    private static async Task<IResult> Post(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var viewer = Viewer.Needed(http);
        if (viewer.Role != Role.Finance && Terms(form, viewer) is { } terms)
        {
            var side = viewer.Landlord is null ? DealSide.Customer : DealSide.Landlord;
            var parties = await DealParties.Of(exchange, viewer, ct);
            try
            {
                var deal = await DealsFor.Propose(
                    exchange, terms, new(side, viewer.Actor, of => parties.IsOn(of, side)), Actors.Of(http), ct);
                return Results.Redirect(AgreementPage.Href(deal.Needed().Id));
            }
            catch (RefusedException e)
            {
                form.Wrong(e.Refusal.Code switch
                {
                    "agreement/not-yours" => "project",
                    "agreement/not-sold" or "agreement/not-alone" or "agreement/egress" => "sku",
                    "order/over-budget" => "amount",
                    _ => "from",
                }, e.Refusal.Message);
            }
        }

        return Draw(http, form);
    }

    private static StandingAgreement? Terms(Form form, Viewer viewer)
    {
        var kind = form.Typed("kind");
        var landlord = viewer.Landlord ?? form.Value<LandlordId>("landlord", "The landlord");
        var cluster = form.Value<ClusterId>("cluster", "The cluster");
        var sku = form.Value<SkuId>("sku", "The SKU");
        var project = form.Value<ProjectId>("project", "The project");
        var (from, until) = (LeaseForms.At(form, "from", "From when on"), LeaseForms.At(form, "until", "Until when"));
        var amount = LeaseForms.Number(form, "amount", form.Line("amount", "The amount"));
        var rate = LeaseForms.Price(form, form.Line("price", "The price"));
        if (from >= until)
        {
            form.Wrong("until", "An agreement ends after it begins.");
        }

        return form.IsRight
            ? new(
                "", kind == "reservation" ? StandingKind.Reservation : StandingKind.Commitment, landlord!.Value,
                cluster!.Value, sku!.Value, [new(project!.Value, from!.Value)], new(from.Value, until!.Value),
                amount!.Value, rate!.Value)
            {
                IsSpend = kind == "spend",
            }
            : null;
    }

    private static IResult Draw(HttpContext http, Form form)
    {
        var viewer = Viewer.Needed(http);
        return viewer.Role == Role.Finance ? new NotThere() : Page.Of<ProposeAgreementPage, Proposal>(
            http, viewer.Landlord is null ? "Ask for an agreement" : "Offer an agreement",
            new(viewer.Landlord is not null), form);
    }
}
