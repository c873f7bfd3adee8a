using Exchange.Market.Leases;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /leases/new — a landlord offers nodes, a PI asks for some, or sublets what the lease holds that the address names.
/// </summary>
public sealed partial class ProposeLeasePage
{
    public const string Path = $"{LeasesPage.Path}/new";

    /// <summary>Who proposes, and what it holds that it sublets; null where it sublets nothing.</summary>
    public sealed record Proposal(bool IsLandlord, Held? Above);

    /// <summary>A lease that may be sublet.</summary>
    public sealed record Held(string Id, IReadOnlyList<string> Nodes, Instant From, Instant Until);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.KeepLeases).ExcludeFromDescription();
        app.MapPost(Path, Post).RequireAuthorization(Permissions.KeepLeases).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    /// <summary>To sublet what a lease holds.</summary>
    public static string Href(string parent) => $"{Path}?parent={Uri.EscapeDataString(parent)}";

    private static Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct) =>
        Draw(http, exchange, http.Request.Query["parent"].ToString(), Form.Empty, ct);

    private static async Task<IResult> Post(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var (viewer, parent) = (Viewer.Needed(http), form.Typed("parent"));
        var above = parent.Length == 0 ? null : await LeasesFor.Find(exchange, viewer, parent, ct);
        if (!MayPropose(viewer, parent, above))
        {
            return new NotThere();
        }

        if (Terms(form, viewer, above?.Lease) is { } terms)
        {
            var side = viewer.Landlord is not null || above is not null ? LeaseSide.Lessor : LeaseSide.Lessee;
            var parties = await LeaseParties.Of(exchange, viewer, ct);
            try
            {
                var deal = await LeasesFor.Propose(
                    exchange, terms,
                    new(side, viewer.Actor, (lease, agreed) => parties.IsOn(lease, agreed, side)), Actors.Of(http), ct);
                return Results.Redirect(LeasePage.Href(deal.Needed().Id));
            }
            catch (RefusedException e)
            {
                form.Wrong(e.Refusal.Code == "lease/not-yours" ? "project" : "nodes", e.Refusal.Message);
            }
        }

        return await Draw(http, exchange, parent, form, ct);
    }

    /// <summary>Finance only looks, and nobody sublets what another holds.</summary>
    private static bool MayPropose(Viewer viewer, string parent, LeaseDetails? above) =>
        viewer.Role != Role.Finance &&
        (parent.Length == 0 || above is { IsLessee: true, Lease: { State: "agreed", IsOwn: false } });

    private static Lease? Terms(Form form, Viewer viewer, LeaseRow? above)
    {
        var landlord = above?.Landlord ?? viewer.Landlord ?? form.Value<LandlordId>("landlord", "The landlord");
        var cluster = above?.Cluster ?? form.Value<ClusterId>("cluster", "The cluster");
        var nodes = LeaseForms.Nodes(form);
        var project = form.Value<ProjectId>("project", "The project");
        var (from, until) = (LeaseForms.At(form, "from", "From when on"), LeaseForms.At(form, "until", "Until when"));
        var price = form.Typed("price").Trim() is { Length: > 0 } typed ? LeaseForms.Price(form, typed) : null;
        var notice = Days(form);
        var shape = LeaseForms.Shape(form);
        if (from >= until)
        {
            form.Wrong("until", "A lease ends after it begins.");
        }

        return form.IsRight
            ? new(
                "", landlord!.Value, cluster!.Value, nodes, above?.Id, [new(project!.Value, from!.Value)],
                new(from.Value, until!.Value), price, notice)
            {
                Shape = shape,
                IsOwn = viewer.Landlord is not null && form.Has("own"),
            }
            : null;
    }

    private static int Days(Form form)
    {
        var typed = form.Typed("notice").Trim();
        if (typed.Length == 0 || int.TryParse(typed, out var days))
        {
            return typed.Length == 0 ? 0 : int.Parse(typed, System.Globalization.CultureInfo.InvariantCulture);
        }

        form.Wrong("notice", $"Notice is a number of days; '{(typed.Length > 30 ? typed[..30] : typed)}' is none.");
        return 0;
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, string parent, Form form, CancellationToken ct)
    {
        var viewer = Viewer.Needed(http);
        var above = parent.Length == 0 ? null : await LeasesFor.Find(exchange, viewer, parent, ct);
        if (!MayPropose(viewer, parent, above))
        {
            return new NotThere();
        }

        var lease = above?.Lease;
        var title = lease is null ? viewer.Landlord is null ? "Ask for a lease" : "Offer a lease"
            : $"Sublet nodes of {lease.Id}";
        return Page.Of<ProposeLeasePage, Proposal>(http, title, new(
            viewer.Landlord is not null,
            lease is null ? null : new(lease.Id, lease.Nodes, lease.From, lease.Until)), form);
    }
}
